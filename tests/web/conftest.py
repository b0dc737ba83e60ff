"""A browser without a browser: the real application over a real database, in this process.

Where a test gives commands that count, Temporal and a case worker run too (`working_site`).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from addresses import at_an_address
from browser import PROGRAM
from browsing import Browser
from builders import Story, store_case
from databases import Database
from playwright.async_api import Browser as Chromium
from playwright.async_api import async_playwright, expect
from road import KEY, sandboxed
from servers import temporal_server
from temporalio.worker import Worker

from activities.advance import House
from domain.cases import Case
from settings import Settings
from store.pool import pool
from temporal.client import connect, ensure_search_attributes
from temporal.worker.cases import CaseActivities
from web.app import create_app
from web.workbench import asking
from workflows.case import CaseWorkflow
from workflows.ports import CASE_QUEUE

NOBODY_HOME = "127.0.0.1:1"
PATIENCE = 60_000  # ms; a form plays all its tests again before it answers, beside the other tests of the gate

SignIn = Callable[[str], Awaitable[Browser]]
Tell = Callable[[Story], Awaitable[Case]]


def settings_for(database: Database, home: Path, temporal: str) -> Settings:
    return Settings(
        home=home,
        database_url=database.app_dsn,
        temporal_address=temporal,
        payload_key=KEY,
        contact_key=KEY,
        broker_password="broker-secret",
    )


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[httpx.ASGITransport]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield httpx.ASGITransport(app, raise_app_exceptions=False)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that is busy with tests whoever asks the workbench waits longer for their turn."""
    monkeypatch.setattr(asking, "WAITING", 60.0)
    monkeypatch.setattr(asking, "STARTING", 60.0)


@pytest.fixture
def besides() -> dict[str, Any]:
    """Settings that a file of tests wants otherwise."""
    return {}


@pytest.fixture
async def site(seeded: Database, tmp_path: Path, besides: dict[str, Any]) -> AsyncIterator[httpx.ASGITransport]:
    """Linli's web over the demo organisation; Temporal is down."""
    given = settings_for(seeded, tmp_path, NOBODY_HOME).model_copy(update=besides)
    async with serving(given) as transport:
        yield transport


@pytest.fixture(scope="session")
def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from temporal_server(tmp_path_factory.mktemp("temporal"))


@pytest.fixture
async def working_site(seeded: Database, temporal_address: str, tmp_path: Path) -> AsyncIterator[httpx.ASGITransport]:
    """The same with Temporal and a case worker."""
    given = settings_for(seeded, tmp_path, temporal_address)
    client = await connect(given)
    await ensure_search_attributes(client)
    async with pool(given.database_url) as connections:
        activities = CaseActivities(connections, House("KJ", ZoneInfo("Asia/Shanghai")))
        async with (
            Worker(
                client,
                task_queue=CASE_QUEUE,
                workflows=[CaseWorkflow],
                activities=[activities.advance],
                workflow_runner=sandboxed(),
                sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
            ),
            serving(given) as transport,
        ):
            yield transport


@asynccontextmanager
async def signing_in(transport: httpx.ASGITransport) -> AsyncIterator[SignIn]:
    async with AsyncExitStack() as open_browsers:

        async def sign_in(name: str) -> Browser:
            browser = Browser(transport=transport, base_url="http://linli.test")
            return await (await open_browsers.enter_async_context(browser)).sign_in(name)

        yield sign_in


@pytest.fixture
async def as_person(site: httpx.ASGITransport) -> AsyncIterator[SignIn]:
    """The browser of whoever is named, after login. Temporal is down."""
    async with signing_in(site) as sign_in:
        yield sign_in


@pytest.fixture
async def at_work(working_site: httpx.ASGITransport) -> AsyncIterator[SignIn]:
    """As `as_person`, with everything running."""
    async with signing_in(working_site) as sign_in:
        yield sign_in


@pytest.fixture
async def anybody(site: httpx.ASGITransport) -> AsyncIterator[Browser]:
    """Nobody is signed in yet."""
    async with Browser(transport=site, base_url="http://linli.test") as browser:
        yield browser


@pytest.fixture
async def tell(seeded: Database) -> AsyncIterator[Tell]:
    """Write a story's case into the database."""
    async with await psycopg.AsyncConnection.connect(seeded.app_dsn, autocommit=True) as connection:

        async def told(story: Story) -> Case:
            return await store_case(connection, story)

        yield told


@pytest.fixture
async def address(working_site: httpx.ASGITransport) -> AsyncIterator[str]:
    """The working site's."""
    async with at_an_address(working_site) as found:
        yield found


@pytest.fixture(scope="session")
async def launched() -> AsyncIterator[Chromium]:
    """One for all tests of a worker; it starts in about a second."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield found
        await found.close()


@pytest.fixture
async def chromium(launched: Chromium) -> AsyncIterator[Chromium]:
    """Nobody has it open yet: whatever a test opens ends with it."""
    yield launched
    for context in launched.contexts:
        await context.close()
