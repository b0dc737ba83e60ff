"""A stored month, and somebody who asks about it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from databases import Database
from stored_month import Month, a_month


@pytest.fixture
async def month(seeded: Database, tmp_path: Path) -> AsyncIterator[Month]:
    async with a_month(seeded, tmp_path) as found:
        yield found
