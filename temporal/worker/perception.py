"""The perception worker: one reader per partition of the inbox, each owned through its workflow."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.ensure import ensure_reader
from activities.lasting import Failures
from activities.perceive.concluding import Judge
from activities.perceive.crashes import quarantine
from activities.perceive.judging import Judging
from activities.perceive.reader import Reader
from rules.engine.client import EngineClient
from settings import Settings
from store.pool import Pool, pool
from temporal.worker.lifetime import connected, heartbeats, until_told
from workflows.perception import A_SHIFT, PerceptionWorkflow
from workflows.ports import PERCEPTION_QUEUE, READ_INBOX, ReadAsk

log = structlog.get_logger("perception")


class PerceptionActivities:
    """What perception workflows ask."""

    def __init__(self, connections: Pool, judging: Callable[[], Judge]) -> None:
        self._pool = connections
        self._judging = judging

    @activity.defn(name=READ_INBOX)
    async def read_inbox(self, ask: ReadAsk) -> None:
        ends = asyncio.get_running_loop().time() + A_SHIFT.total_seconds()
        async with heartbeats():
            await Reader(self._pool, self._judging, ask.partition).run(
                lambda: asyncio.get_running_loop().time() > ends or activity.is_worker_shutdown()
            )


async def run_perception(settings: Settings) -> None:
    """Until SIGTERM; one reader per partition, each owned through its workflow."""
    async with pool(settings.database_url, most=24) as connections:
        client = await connected(settings)
        async with connections.connection() as connection:
            found = await connection.execute("SELECT id FROM partitions ORDER BY id")
            partitions = [number for (number,) in await found.fetchall()]
        engine = EngineClient(settings.engine_socket, quarantine=await quarantine(connections))
        judging = Judging(connections, engine, settings.zone)
        await judging.load()
        worker = Worker(
            client,
            task_queue=PERCEPTION_QUEUE,
            workflows=[PerceptionWorkflow],
            activities=[PerceptionActivities(connections, lambda: judging.judge).read_inbox],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_concurrent_activities=len(partitions),
            max_heartbeat_throttle_interval=timedelta(seconds=1),
            default_heartbeat_throttle_interval=timedelta(seconds=1),
            graceful_shutdown_timeout=timedelta(seconds=2),
        )
        await until_told(settings, "perception", worker, [_readers(client, partitions), judging.keep_up()])
        engine.close()


async def _readers(client: Client, partitions: Sequence[int]) -> None:
    """Ask for the readers now and again: a Temporal without memory gets them back."""
    failures = Failures(log)
    while True:
        with failures.outlived("readers are not looked for"):
            for partition in partitions:
                with failures.passed_over("a partition gets no reader", partition=str(partition)):
                    await ensure_reader(client, partition)
        await asyncio.sleep(10)
