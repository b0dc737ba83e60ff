"""What keeps the hub true: one connection that listens for changes, and a look at whose sessions still hold."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from activities.lasting import Failures
from store import sessions
from store.pool import Connection, Pool
from web.live.hub import Hub

CASES, BACKTESTS = "linli_cases", "linli_backtests"
PROOF_SECONDS = 10.0  # silence after which the connection is asked whether it is still there
PATIENCE_SECONDS = 5.0  # for its answer
RETRY_SECONDS = 1.0
SESSIONS_EVERY = 20.0  # seconds
log = structlog.get_logger("live")


@asynccontextmanager
async def watching(hub: Hub, dsn: str, connections: Pool) -> AsyncIterator[None]:
    """The hub hears of changes, and ends the pages of sessions that are over, as long as this is open."""
    tasks = [asyncio.create_task(listen(hub, dsn)), asyncio.create_task(look_at_sessions(hub, connections))]
    try:
        yield
    finally:
        hub.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def listen(hub: Hub, dsn: str) -> None:
    """For ever; survives the loss of the store."""
    failures = Failures(log)
    while True:
        with failures.outlived("changes are not heard of"):
            async with await AsyncConnection.connect(dsn, autocommit=True, connect_timeout=5) as connection:
                await _hear(hub, connection)
        hub.lost()
        await asyncio.sleep(RETRY_SECONDS)


async def _hear(hub: Hub, connection: Connection) -> None:
    for channel in (BACKTESTS, CASES):
        await connection.execute(f"LISTEN {channel}")
    hub.listening()
    while True:
        async for notice in connection.notifies(timeout=PROOF_SECONDS):
            _pass_on(hub, notice.channel, notice.payload)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await connection.execute("SELECT")


def _pass_on(hub: Hub, channel: str, payload: str) -> None:
    try:
        if channel == BACKTESTS:
            hub.backtest_changed(UUID(payload))
            return
        told = json.loads(payload)
        hub.changed(UUID(told["id"]), told["place"])
    except (ValueError, TypeError, KeyError):
        log.warning("a notification cannot be read", payload=payload)
        hub.listening()


async def look_at_sessions(hub: Hub, connections: Pool) -> None:
    """For ever; survives the loss of the store."""
    failures = Failures(log)
    while True:
        await asyncio.sleep(SESSIONS_EVERY)
        with failures.outlived("sessions are not looked at"):
            await end_sessions(hub, connections)


async def end_sessions(hub: Hub, connections: Pool) -> None:
    """End the pages of whoever signed out, was locked out or sees other areas now; they may open them again."""
    opened = hub.sights
    holding = await sessions.holding(connections, list(opened)) if opened else {}
    for token, sight in opened.items():
        if token not in holding or holding[token].actor.sight != sight:
            hub.end(token)
