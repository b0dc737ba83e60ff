"""The installation that these stories share; those that break servers or move clocks start their own."""

from collections.abc import Iterator

import pytest
from installation import Installation, an_installation


@pytest.fixture(scope="package")
def installation() -> Iterator[Installation]:
    with an_installation() as running:
        yield running
