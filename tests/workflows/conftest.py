"""A case worker, sandboxed, on a seeded database and a real Temporal server."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from databases import Database
from road import KEY, Road, sandboxed
from servers import temporal_server
from temporalio.client import Client
from temporalio.worker import Worker

from activities.advance import House
from activities.giving import Reach
from settings import Settings
from store.pool import pool
from temporal.client import connect, ensure_search_attributes
from temporal.worker.cases import CaseActivities
from workflows.case import CaseWorkflow
from workflows.ports import CASE_QUEUE


@pytest.fixture(scope="session")
def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from temporal_server(tmp_path_factory.mktemp("temporal"))


@pytest.fixture
async def client(seeded: Database, temporal_address: str, tmp_path: Path) -> tuple[Client, Settings]:
    given = Settings(home=tmp_path, database_url=seeded.app_dsn, temporal_address=temporal_address, payload_key=KEY)
    connected = await connect(given)
    await ensure_search_attributes(connected)
    return connected, given


@pytest.fixture
async def road(client: tuple[Client, Settings]) -> AsyncIterator[Road]:
    connected, given = client
    async with pool(given.database_url) as connections:
        activities = CaseActivities(connections, House("KJ", ZoneInfo("Asia/Shanghai")))
        async with Worker(
            connected,
            task_queue=CASE_QUEUE,
            workflows=[CaseWorkflow],
            activities=[activities.advance],
            workflow_runner=sandboxed(),
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        ):
            yield Road(Reach(connections, connected), given)
