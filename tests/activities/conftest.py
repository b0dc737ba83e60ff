"""Turns on a seeded database."""

from collections.abc import AsyncIterator

import pytest
from databases import Database
from turns import Turns

from store.pool import pool


@pytest.fixture
async def turns(seeded: Database) -> AsyncIterator[Turns]:
    async with pool(seeded.app_dsn) as connections:
        yield Turns(connections)
