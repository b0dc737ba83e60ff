"""The relay does not start more cases than can have their turn before Temporal gives their task to somebody else."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from road import Road
from temporalio.client import Client

from activities.ensure import has_workflow
from activities.giving import Reach
from activities.relay import AT_ONCE, Relay
from settings import Settings
from store.pool import pool

pytestmark = pytest.mark.servers
LOOK_EVERY = 0.05  # seconds


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
