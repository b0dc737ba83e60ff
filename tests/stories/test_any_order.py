"""Signals sent three times and shuffled make the cases that a clean run makes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from installation import Installation, an_installation

pytestmark = pytest.mark.servers


@pytest.fixture
def two() -> Iterator[tuple[Installation, Installation]]:
    """Two fresh homes on one machine; they do not disturb each other."""
    with an_installation() as one, an_installation() as other:
        yield one, other


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
