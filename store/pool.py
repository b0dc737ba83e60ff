"""Connections: a psycopg pool for the hot paths and the viewer-scoped reads of pages."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from psycopg import AsyncConnection, AsyncPipeline, Error
from psycopg_pool import AsyncConnectionPool

Connection = AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool[Connection]
STATEMENT_TIMEOUT = "4s"
LOCK_TIMEOUT = "3s"


async def _configure(connection: Connection, scope: str) -> None:
    await connection.set_autocommit(True)
    await connection.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'; SET lock_timeout = '{LOCK_TIMEOUT}'")
    await connection.execute(f"SET linli.scope = '{scope}'")


async def _sees_all(connection: Connection) -> None:
    await _configure(connection, "*")


async def _sees_nothing(connection: Connection) -> None:
    await _configure(connection, "")


def pool(dsn: str, *, most: int = 16, sees_nothing: bool = False) -> Pool:
    """A pool, not yet open. `sees_nothing`: row security hides every case until `viewed_by` names the viewer."""
    return AsyncConnectionPool(
        dsn,
        min_size=2,
        max_size=most,
        open=False,
        timeout=5,
        configure=_sees_nothing if sees_nothing else _sees_all,
        check=AsyncConnectionPool.check_connection if sees_nothing else None,
    )


@asynccontextmanager
async def viewed_by(connections: Pool, areas: Sequence[str]) -> AsyncIterator[Connection]:
    """A transaction that sees the cases of `areas` and no other."""
    async with connections.connection() as connection, connection.transaction():
        await connection.execute("SELECT set_config('linli.scope', %s, true)", (",".join(areas),))
        yield connection


@asynccontextmanager
async def piped_transaction(connection: Connection) -> AsyncIterator[AsyncPipeline]:
    """A transaction that begins with its first statements and ends with its last ones, in their round trips.

    psycopg's own, in a pipeline, takes four round trips of its own.
    """
    try:
        async with connection.pipeline() as pipeline:
            await connection.execute("BEGIN")
            yield pipeline
            await connection.execute("COMMIT")
    except BaseException:
        with suppress(Error):  # a connection that is lost has rolled back; the pool throws it away
            await connection.rollback()
        raise


def columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows as the arrays that `unnest` takes, one per column."""
    return [list(column) for column in zip(*rows, strict=True)]
