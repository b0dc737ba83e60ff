"""A stored backtest carried out: claimed, played with its progress told, and its result written at once."""

import asyncio
import json
from threading import Event
from typing import Any
from uuid import UUID

import psycopg
import structlog
from pydantic_core import to_jsonable_python

from activities.backtest.asked import beside, real_cases, texts_of
from activities.backtest.playing import Ask, BacktestFailed, Cancelled, Played, Texts, play
from activities.backtest.telling import summary, told
from rules.backtest import Change
from rules.problems import RulesetInvalid
from settings import Settings
from store.pool import Connection, Pool

ATTEMPTS = 3  # of a job that takes its worker down with it
MOST_ITEMS = 5_000  # of each change that are kept; all are counted
MOST_SAME = 500
TRANSACTION_SECONDS = 60
CLAIM = """
    UPDATE backtests
    SET state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, clock_timestamp())
    WHERE id = %s AND state IN ('waiting', 'running')
    RETURNING hash, definition, template, ruleset, against, since, until, area, attempts"""
PROGRESS = "UPDATE backtests SET done = %s, total = %s WHERE id = %s AND state = 'running'"
DONE = """
    UPDATE backtests SET state = 'done', ended_at = clock_timestamp(), result = %s
    WHERE id = %s AND state = 'running'"""
FAILED = """
    UPDATE backtests SET state = 'failed', ended_at = clock_timestamp(), problem = %s
    WHERE id = %s AND state = 'running'"""
log = structlog.get_logger("backtest")


async def carry_out(connections: Pool, settings: Settings, backtest: UUID) -> None:
    """Plays the backtest unless it is over or cancelled. Raises psycopg.OperationalError: the store went away."""
    async with connections.connection() as connection:
        claimed = await (await connection.execute(CLAIM, (backtest,))).fetchone()
        if claimed is None:
            return
        *wanted, attempts = claimed
        if attempts > ATTEMPTS:
            await _fail(connection, backtest, BacktestFailed("gave-up"))
            return
        try:
            ask = await _ask(connection, settings, wanted)
            real = await real_cases(connection, await asyncio.to_thread(ask.rulesets), ask.since, ask.until, ask.area)
        except (RulesetInvalid, LookupError) as error:
            await _fail(connection, backtest, error)
            return
    stop = Event()
    try:
        played = await asyncio.to_thread(_play, ask, real, backtest, stop)
    except Cancelled:
        return
    except (BacktestFailed, MemoryError) as error:
        async with connections.connection() as connection:
            await _fail(connection, backtest, error)
        return
    finally:
        stop.set()
    async with connections.connection() as connection:
        await _keep(connection, backtest, played)


async def _ask(connection: Connection, settings: Settings, wanted: list[Any]) -> Ask:
    hash_, definition, template, ruleset, against, since, until, area = wanted
    tried = await texts_of(connection, hash_) if hash_ else Texts(ruleset, definition, template)
    return Ask(
        dsn=settings.database_url,
        tried=tried,
        against=await texts_of(connection, against) if against else None,
        beside=await beside(connection, settings.zone_name),
        since=since,
        until=until,
        area=area,
    )


def _play(ask: Ask, real: list[Any], backtest: UUID, stop: Event) -> Played:
    """In a thread; how far it is is written as often as it is told, and whoever cancelled it is heard there."""
    with psycopg.connect(ask.dsn, autocommit=True) as connection:

        def report(done: int, total: int) -> None:
            if stop.is_set() or connection.execute(PROGRESS, (done, total, backtest)).rowcount == 0:
                raise Cancelled

        return play(ask, real, report)


async def _keep(connection: Connection, backtest: UUID, played: Played) -> None:
    found = played.difference
    rows: list[tuple[UUID, str, int, str]] = []
    for change in Change:
        items = [item for item in found.items if item.change is change]
        most = MOST_SAME if change is Change.SAME else MOST_ITEMS
        rows += [
            (backtest, change.value, number, json.dumps(to_jsonable_python(told(item, found)), ensure_ascii=False))
            for number, item in enumerate(items[:most], 1)
        ]
    async with connection.transaction():
        await connection.execute(f"SET LOCAL statement_timeout = '{TRANSACTION_SECONDS}s'")
        finished = await connection.execute(DONE, (json.dumps(summary(played), ensure_ascii=False), backtest))
        if finished.rowcount == 0:
            return  # cancelled at the last moment, or played by another in the meantime
        async with connection.cursor().copy("COPY backtest_items (backtest, change, n, body) FROM STDIN") as copy:
            for row in rows:
                await copy.write_row(row)
    log.info("done", backtest=str(backtest), signals=played.signals, seconds=round(played.seconds, 1))


async def _fail(connection: Connection, backtest: UUID, error: Exception) -> None:
    match error:
        case BacktestFailed(code=code):
            problem = code
        case RulesetInvalid():
            problem = "ruleset-invalid"
        case MemoryError():
            problem = "out-of-memory"
        case _:
            problem = "unknown-version"
    log.warning("failed", backtest=str(backtest), problem=problem, error=str(error))
    await connection.execute(FAILED, (problem, backtest))
