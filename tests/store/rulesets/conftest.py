"""A seeded database as the application sees it."""

from collections.abc import AsyncIterator

import pytest
from databases import Database
from stages import Authors
from stages import authors as authors_of

from store.pool import Connection, pool


@pytest.fixture
async def connection(seeded: Database) -> AsyncIterator[Connection]:
    async with pool(seeded.app_dsn) as connections, connections.connection() as found:
        yield found


@pytest.fixture
async def who(connection: Connection) -> Authors:
    return await authors_of(connection)
