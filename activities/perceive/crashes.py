"""How often the engine failed at each version: kept in `rulesets`, so that no restart forgets it."""

import asyncio

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from rules.engine.quarantine import CRASHES, Quarantine
from store.pool import Pool
from store.rulesets import tell_author

KEEP_WITHIN = 5.0  # seconds; an alarm does not wait longer for this to be written down
KNOWN = "SELECT hash, crashes FROM rulesets WHERE crashes > 0"
CRASHED = """
    UPDATE rulesets SET crashes = crashes + 1,
        quarantined_at = CASE WHEN crashes + 1 >= %s THEN coalesce(quarantined_at, clock_timestamp()) END
    WHERE hash = %s RETURNING id, quarantined_at IS NOT NULL"""
log = structlog.get_logger("perception")


async def quarantine(connections: Pool) -> Quarantine:
    """As the database knows it, for a client that asks the engine from other threads than this loop's."""
    loop = asyncio.get_running_loop()
    async with connections.connection() as connection:
        known: dict[str, int] = dict(await (await connection.execute(KNOWN)).fetchall())

    def told(version: str, crashes: int) -> None:
        log.error("the engine failed", version=version, crashes=crashes, quarantined=crashes >= CRASHES)
        try:
            asyncio.run_coroutine_threadsafe(_keep(connections, version), loop).result(KEEP_WITHIN)
        except (OperationalError, PoolTimeout, TimeoutError) as lost:
            log.warning("its failure was not written down", version=version, error=str(lost))

    return Quarantine(known, told)


async def _keep(connections: Pool, version: str) -> None:
    async with connections.connection() as connection, connection.transaction():
        found = await (await connection.execute(CRASHED, (CRASHES, version))).fetchone()
        if found and found[1]:
            await tell_author(connection, found[0], version, "quarantined", f"quarantined:{version}")
