"""A partition of a seeded database, and turns of the cases that it opens."""

from collections.abc import AsyncIterator

import pytest
from concluded import Partition
from databases import Database

from store.pool import pool


@pytest.fixture
async def partition(seeded: Database) -> AsyncIterator[Partition]:
    async with pool(seeded.app_dsn) as connections:
        yield Partition(connections)
