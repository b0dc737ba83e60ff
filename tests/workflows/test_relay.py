"""The relay does not start more cases than can have their turn before Temporal gives their task to somebody else."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from road import Road
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from activities.ensure import has_workflow
from activities.giving import Reach
from activities.relay import AT_ONCE, Relay
from settings import Settings
from store.pool import pool
from workflows.ports import case_workflow_id

pytestmark = pytest.mark.servers
LOOK_EVERY = 0.05  # seconds
MORE_NEWS = """
    INSERT INTO case_inbox (case_id, body) SELECT case_id, body FROM case_inbox WHERE case_id = %s LIMIT 1
    RETURNING pg_notify('linli_case_inbox', '')"""


async def started(client: Client, cases: list[UUID], count: int) -> list[UUID]:
    """Those of `cases` that have a workflow, once they are `count` or more."""
    async with asyncio.timeout(30):
        while True:
            found = await asyncio.gather(*(has_workflow(client, case_id) for case_id in cases))
            running = [case_id for case_id, has in zip(cases, found, strict=True) if has]
            if len(running) >= count:
                return running
            await asyncio.sleep(LOOK_EVERY)


async def test_the_next_case_is_started_when_another_has_had_its_turn(client: tuple[Client, Settings]) -> None:
    connected, given = client
    async with pool(given.database_url) as connections:
        road = Road(Reach(connections, connected), given)
        cases = [await road.open_case(f"/310110/kj/c07/n021/b01/u{n}/lift1/") for n in range(AT_ONCE + 4)]
        relay = Relay(connections, connected, patience=timedelta(minutes=5))
        running = asyncio.create_task(relay.run())
        try:
            first = await started(connected, cases, AT_ONCE)
            assert len(first) == AT_ONCE
            relay.advanced(first[0])
            assert len(await started(connected, cases, AT_ONCE + 1)) == AT_ONCE + 1
            for case_id in first[1:]:
                relay.advanced(case_id)
            assert len(await started(connected, cases, len(cases))) == len(cases)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def poked(client: Client, case_id: UUID) -> None:
    """Returns once the workflow of the case was told of more."""
    async with asyncio.timeout(30):
        while True:
            events = client.get_workflow_handle(case_workflow_id(case_id)).fetch_history_events()
            if EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED in [event.event_type async for event in events]:
                return
            await asyncio.sleep(LOOK_EVERY)


async def test_more_news_of_a_case_that_is_being_started_does_not_hide_that_it_has_had_its_turn(
    client: tuple[Client, Settings],
) -> None:
    connected, given = client
    async with pool(given.database_url) as connections:
        road = Road(Reach(connections, connected), given)
        first = await road.open_case("/310110/kj/c07/n021/b01/u1/lift1/")
        relay = Relay(connections, connected, patience=timedelta(minutes=5))
        running = asyncio.create_task(relay.run())
        try:
            await started(connected, [first], 1)
            async with connections.connection() as connection:
                await connection.execute(MORE_NEWS, (first,))
            await poked(connected, first)
            relay.advanced(first)
            others = [await road.open_case(f"/310110/kj/c07/n021/b02/u{n}/lift1/") for n in range(AT_ONCE)]
            assert len(await started(connected, others, AT_ONCE)) == AT_ONCE
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
