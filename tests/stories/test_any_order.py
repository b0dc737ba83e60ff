"""Signals sent three times and shuffled make the cases that a clean run makes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from installation import Installation

pytestmark = pytest.mark.servers


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    """Two fresh homes on one machine; they do not disturb each other."""
    tmp_path.chmod(0o755)
    one, other = (Installation(tmp_path / name).up() for name in ("one", "other"))
    yield one, other
    one.down()
    other.down()


@pytest.mark.timeout(600)
def test_shuffled_copies_give_the_same_cases(two: tuple[Installation, Installation]) -> None:
    runs = (("--count", "300"), ("--count", "300", "--copies", "3", "--shuffle", "5s"))
    with ThreadPoolExecutor(2) as both:
        clean, shuffled = both.map(
            lambda pair: pair[0].linli("simulate", *pair[1], "--seed", "11", timeout=500)["data"],
            zip(two, runs, strict=True),
        )

    assert clean["sent"] == 300
    assert shuffled["sent"] == 900
    assert clean["stored"] == shuffled["stored"] == 300
    assert clean["cases"] > 0
    assert shuffled["cases_digest"] == clean["cases_digest"]
    for installation in two:
        installation.linli("doctor", "--invariants")
