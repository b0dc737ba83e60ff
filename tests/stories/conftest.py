"""One installation for the stories of a run; tests that break servers start their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import Installation


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home: Path = tmp_path_factory.mktemp("linli-home")
    home.chmod(0o755)
    started = Installation(home).up()
    yield started
    started.down()
