"""The backtester: plays what rule authors ask, one at a time and nicely, so that perception never waits for it."""

import asyncio
import os
from datetime import timedelta
from time import monotonic
from uuid import UUID

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.backtest.job import carry_out
from activities.ensure import ensure_backtest
from activities.lasting import Failures
from settings import Settings
from store.backtests import unfinished
from store.pool import Connection, Pool, pool
from temporal.worker.lifetime import connected, heartbeats, until_told
from workflows.backtest import BacktestWorkflow
from workflows.ports import BACKTEST_QUEUE, PLAY_BACKTEST, PlayAsk

NICENESS = 10
LOOK_EVERY = 5.0  # seconds: the guarantee; the notification only makes it quick
RETRY_SECONDS = 1.0
log = structlog.get_logger("backtest")


class BacktestActivities:
    """What backtest workflows ask."""

    def __init__(self, connections: Pool, settings: Settings) -> None:
        self._pool = connections
        self._settings = settings

    @activity.defn(name=PLAY_BACKTEST)
    async def play_backtest(self, ask: PlayAsk) -> None:
        async with heartbeats():
            await carry_out(self._pool, self._settings, ask.backtest)


async def run_backtester(settings: Settings) -> None:
    """Until SIGTERM. What is under way then is played anew by the next one."""
    os.nice(NICENESS)
    async with pool(settings.database_url, most=4) as connections:
        client = await connected(settings)
        worker = Worker(
            client,
            task_queue=BACKTEST_QUEUE,
            workflows=[BacktestWorkflow],
            activities=[BacktestActivities(connections, settings).play_backtest],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_concurrent_activities=1,
            max_heartbeat_throttle_interval=timedelta(seconds=1),
            default_heartbeat_throttle_interval=timedelta(seconds=1),
            graceful_shutdown_timeout=timedelta(seconds=1),
        )
        await until_told(settings, "backtester", worker, [started_for_ever(connections, client)])


async def started_for_ever(connections: Pool, client: Client) -> None:
    """Every backtest that is not over has its workflow; survives the loss of either server."""
    failures = Failures(log)
    while True:
        with failures.outlived("backtests are not looked for"):
            async with connections.connection() as listener:
                await listener.execute("LISTEN linli_backtests")
                while True:
                    await _a_while(listener, client, failures)
        await asyncio.sleep(RETRY_SECONDS)


async def _a_while(listener: Connection, client: Client, failures: Failures) -> None:
    """Each backtest is seen to once in a while; a new one at once."""
    seen_to: set[UUID] = set()
    ends = monotonic() + LOOK_EVERY
    while (left := ends - monotonic()) > 0:
        for backtest in await unfinished(listener):
            if backtest not in seen_to:
                seen_to.add(backtest)
                with failures.passed_over("a backtest gets no workflow", backtest=str(backtest)):
                    await ensure_backtest(client, backtest)
        async for _ in listener.notifies(timeout=left, stop_after=1):
            pass
