"""A backtest through a real Temporal server, its worker killed while it plays."""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

import pytest
from databases import Database
from histories import HISTORIES, replay
from stored_month import AREA, Month, a_month
from temporalio.client import Client

from settings import Settings
from store import backtests
from temporal.worker.backtester import run_backtester

pytestmark = pytest.mark.servers


@pytest.fixture
async def month(seeded: Database, client: tuple[Client, Settings], tmp_path: Path) -> AsyncIterator[Month]:
    del client  # its server must be there
    async with a_month(seeded, tmp_path) as found:
        yield found


def a_backtester(given: Settings) -> BaseProcess:
    given.run_folder.mkdir(exist_ok=True)
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(given,))
    process.start()
    return process


def _work(given: Settings) -> None:
    asyncio.run(run_backtester(given))


async def until(month: Month, backtest: UUID, *states: str) -> str:
    """Until its page would be told that it is in one of these states."""
    async with month.pool.connection() as listener, asyncio.timeout(60):
        await listener.execute("LISTEN linli_backtests")
        while (state := (await month.one(backtest)).state) not in states:
            async for _ in listener.notifies(timeout=5, stop_after=1):
                pass
    return state


async def test_a_backtest_outlives_its_worker_and_replays(
    month: Month, client: tuple[Client, Settings], tmp_path: Path
) -> None:
    connected, given = client
    new = month.held()
    await month.ask(new)
    first = a_backtester(given)
    await until(month, new.id, "running")
    first.kill()
    first.join()
    assert (await month.one(new.id)).state == "running"

    second = a_backtester(given)
    try:
        assert await until(month, new.id, "done", "failed") == "done"
        handle = connected.get_workflow_handle(f"backtest/{new.id}")
        async with asyncio.timeout(60):
            await handle.result()
    finally:
        second.terminate()
        second.join()

    found = await month.one(new.id)
    assert found.result is not None
    assert (found.result["gone"], found.result["true_lost"]) == (21, 1)
    history = await handle.fetch_history()
    await replay(history, tmp_path)
    if os.environ.get("LINLI_RECORD"):
        (HISTORIES / "backtest-again.json").write_text(history.to_json(), encoding="utf-8")


async def test_the_backtester_hears_of_what_is_asked_and_of_what_is_cancelled(
    month: Month, client: tuple[Client, Settings]
) -> None:
    _, given = client
    worker = a_backtester(given)
    try:
        first, second = month.wanted(), month.held()
        await month.ask(first)
        await month.ask(second)  # waits for the first: one at a time
        async with month.pool.connection() as connection:
            assert await backtests.cancel(connection, second.id, [AREA])

        assert await until(month, first.id, "done", "failed") == "done"
        assert (await month.one(second.id)).state == "cancelled"
    finally:
        worker.terminate()
        worker.join()
