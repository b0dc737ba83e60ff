"""The caretaker of rulesets: one at a time in the whole installation, whoever holds its lock."""

import asyncio
from datetime import UTC, datetime

import structlog

from activities.lasting import Failures
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
    """For ever: the loss of the store ends it as little as a ruleset that fails in a way nobody thought of."""
    failures = Failures(log)
    folders = Folders(settings, failures)
    while True:
        with failures.outlived("rulesets are not looked after"):
            async with connections.connection() as connection:
                await _while_alone(connection, folders, settings, failures)
        await asyncio.sleep(EVERY_SECONDS)


async def _while_alone(connection: Connection, folders: Folders, settings: Settings, failures: Failures) -> None:
    """Rounds, as long as this connection lasts; at once over where another has the lock."""
    row = await (await connection.execute(LOCK)).fetchone()
    if row is None or not row[0]:
        return
    try:
        while True:
            with failures.passed_over("folders are not looked through"):
                await folders.look(connection)
            with failures.passed_over("versions are not started"):
                await start_due(connection, settings.zone, failures)
            await asyncio.sleep(_patience(await next_start(connection)))
    finally:
        if not connection.closed:
            await connection.execute(UNLOCK)


def _patience(start: datetime | None) -> float:
    """Until the next round, in seconds; no later than the next start."""
    if start is None:
        return EVERY_SECONDS
    return min(max((start - datetime.now(UTC)).total_seconds(), 0.01), EVERY_SECONDS)
