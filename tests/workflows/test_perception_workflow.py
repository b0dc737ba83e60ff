"""Perception through a real Temporal server, the engine in its own process, and Postgres."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from engines import an_engine
from histories import HISTORIES, replay
from payloads import chirpstack
from road import Road
from temporalio.worker import Worker

from activities.ensure import ensure_reader
from activities.perceive.concluding import Judge
from activities.perceive.reader import Reader
from adapters.mapping import read
from rules.engine.client import EngineClient
from store.intake import StoreIntake
from store.rulesets import in_force
from temporal.worker.perception import PerceptionActivities
from workflows.perception import PerceptionWorkflow
from workflows.ports import PERCEPTION_QUEUE

pytestmark = pytest.mark.servers


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineClient]:
    with an_engine(tmp_path) as client:
        yield client


async def judge_of(road: Road, engine: EngineClient) -> Judge:
    async with road.reach.pool.connection() as connection:
        return Judge((await in_force(connection, road.settings.zone)).running, engine)


async def smoke(road: Road, number: int) -> int:
    """A smoke sensor of the demo reports; the partition it falls into."""
    async with road.reach.pool.connection() as connection:
        found = await connection.execute(
            "SELECT device_id FROM devices WHERE kind = 'smoke-sensor' ORDER BY 1 OFFSET %s LIMIT 1", (number,)
        )
        row = await found.fetchone()
        assert row is not None
        payload = chirpstack({"smokeAlarm": True}, deduplicationId=os.urandom(8).hex(), deviceInfo={"devEui": row[0]})
        await StoreIntake(road.reach.pool).take(read("chirpstack", "t", payload, datetime.now(UTC)).signals)
        last = await connection.execute("SELECT partition FROM inbox ORDER BY received_at DESC LIMIT 1")
        (partition,) = await last.fetchone() or (None,)
    return int(partition)


async def until_cases(road: Road, count: int) -> None:
    async with asyncio.timeout(60), road.reach.pool.connection() as listener:
        await listener.execute("LISTEN linli_case_inbox")
        while True:
            (found,) = await (await listener.execute("SELECT count(*) FROM cases")).fetchone() or (0,)
            if found >= count:
                assert found == count
                return
            async for _ in listener.notifies(timeout=1, stop_after=1):
                pass


async def test_a_reader_hosted_by_its_workflow_opens_a_case_and_replays(
    road: Road, engine: EngineClient, tmp_path: Path
) -> None:
    judge = await judge_of(road, engine)
    activities = PerceptionActivities(road.reach.pool, lambda: judge)
    async with Worker(
        road.reach.client,
        task_queue=PERCEPTION_QUEUE,
        workflows=[PerceptionWorkflow],
        activities=[activities.read_inbox],
    ):
        partition = await smoke(road, 0)
        await ensure_reader(road.reach.client, partition)
        await until_cases(road, 1)
    handle = road.reach.client.get_workflow_handle(f"perception/{partition}")
    await handle.terminate("the test ends")

    history = await handle.fetch_history()

    await replay(history, tmp_path)
    if os.environ.get("LINLI_RECORD"):
        (HISTORIES / "perception-shift.json").write_text(history.to_json(), encoding="utf-8")


async def test_a_reader_that_lost_its_partition_writes_nothing_more(road: Road, engine: EngineClient) -> None:
    judge = await judge_of(road, engine)
    partition = await smoke(road, 4)
    reader = asyncio.create_task(Reader(road.reach.pool, lambda: judge, partition).run(lambda: False))
    await until_cases(road, 1)
    async with road.reach.pool.connection() as connection:
        await connection.execute("UPDATE partitions SET epoch = epoch + 1 WHERE id = %s", (partition,))

    assert await smoke(road, 5) == partition
    async with asyncio.timeout(60):
        await reader

    async with road.reach.pool.connection() as connection:
        stored = await connection.execute(
            "SELECT (SELECT count(*) FROM signals), (SELECT count(*) FROM inbox), (SELECT count(*) FROM cases)"
        )
        assert await stored.fetchone() == (1, 2, 1)
        await Reader(road.reach.pool, lambda: judge, partition).run(iter((False, True)).__next__)
        stored = await connection.execute("SELECT count(*), count(DISTINCT id) FROM signals")
        assert await stored.fetchone() == (2, 2)
