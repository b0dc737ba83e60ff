"""A transaction in as few round trips as its statements need."""

from collections.abc import AsyncIterator

import pytest
from databases import Database
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.pq import TransactionStatus

from store.pool import Connection, Pool, piped_transaction, pool

pytestmark = pytest.mark.servers
ADD = "INSERT INTO units (id, kind, label, area, accounts) VALUES (%s, 'property', '一队', '/310110/', true)"


@pytest.fixture
async def connections(database: Database) -> AsyncIterator[Pool]:
    async with pool(database.owner_dsn) as opened:
        yield opened


async def units(connections: Pool) -> list[str]:
    async with connections.connection() as connection:
        found = await (await connection.execute("SELECT id FROM units ORDER BY id")).fetchall()
        return [name for (name,) in found]


async def test_what_was_done_is_there_for_all(connections: Pool) -> None:
    async with connections.connection() as connection, piped_transaction(connection) as pipeline:
        await connection.execute(ADD, ("one",))
        await pipeline.sync()
        await connection.execute(ADD, ("two",))
        assert await units(connections) == []
    assert await units(connections) == ["one", "two"]


async def add_twice(connection: Connection, *, asking_between: bool) -> None:
    async with piped_transaction(connection) as pipeline:
        await connection.execute(ADD, ("one",))
        if asking_between:
            await pipeline.sync()
        await connection.execute(ADD, ("one",))


async def add_and_give_up(connection: Connection) -> None:
    async with piped_transaction(connection):
        await connection.execute(ADD, ("one",))
        raise LookupError


@pytest.mark.parametrize("asking_between", [True, False])
async def test_a_statement_that_fails_takes_back_those_before(connections: Pool, *, asking_between: bool) -> None:
    async with connections.connection() as connection:
        with pytest.raises(UniqueViolation):
            await add_twice(connection, asking_between=asking_between)
        assert connection.info.transaction_status is TransactionStatus.IDLE
    assert await units(connections) == []


async def test_whoever_gives_up_takes_back_all(connections: Pool) -> None:
    async with connections.connection() as connection:
        with pytest.raises(LookupError):
            await add_and_give_up(connection)
        assert connection.info.transaction_status is TransactionStatus.IDLE
    assert await units(connections) == []


async def test_what_is_checked_at_the_end_fails_at_the_end(connections: Pool) -> None:
    async with connections.connection() as connection:
        await connection.execute("CREATE TEMP TABLE teams (id text PRIMARY KEY)")
        await connection.execute("CREATE TEMP TABLE members (team text REFERENCES teams DEFERRABLE INITIALLY DEFERRED)")
        with pytest.raises(ForeignKeyViolation):
            async with piped_transaction(connection):
                await connection.execute("INSERT INTO members VALUES ('nobody')")
        found = await (await connection.execute("SELECT FROM members")).fetchall()
        assert found == []
