"""The caretaker of rulesets: one at a time in the whole installation, whoever holds its lock."""

import asyncio
from datetime import UTC, datetime

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from activities.rulesets.looking import Folders
from activities.rulesets.starting import start_due
from settings import Settings
from store.pool import Connection, Pool
from store.rulesets import next_start

EVERY_SECONDS = 1.5
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('linli.rulesets.caretaker', 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('linli.rulesets.caretaker', 0))"
log = structlog.get_logger("rulesets")


async def look_after_rulesets(connections: Pool, settings: Settings) -> None:
    """For ever; survives the loss of the store."""
    folders = Folders(settings)
    while True:
        try:
            async with connections.connection() as connection:
                await _while_alone(connection, folders, settings)
        except (OperationalError, PoolTimeout) as lost:
            log.warning("store lost", error=str(lost))
        await asyncio.sleep(EVERY_SECONDS)


async def _while_alone(connection: Connection, folders: Folders, settings: Settings) -> None:
    """Rounds, as long as this connection lasts; at once over where another has the lock."""
    row = await (await connection.execute(LOCK)).fetchone()
    if row is None or not row[0]:
        return
    try:
        while True:
            await folders.look(connection)
            await start_due(connection, settings.zone)
            await asyncio.sleep(_patience(await next_start(connection)))
    finally:
        if not connection.closed:
            await connection.execute(UNLOCK)


def _patience(start: datetime | None) -> float:
    """Until the next round, in seconds; no later than the next start."""
    if start is None:
        return EVERY_SECONDS
    return min(max((start - datetime.now(UTC)).total_seconds(), 0.01), EVERY_SECONDS)
