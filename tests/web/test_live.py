"""The stream of an open page: what it is told, what it is not, and when it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest
from addresses import at_an_address
from browsing import Browser, just_now
from builders import LIFT, PROPERTY, WANG, a_case, a_matter
from databases import Database
from stored_month import keep_played

from web.live import Hub, TooManyPages, hub
from web.live.listening import end_sessions

SOON = 5  # seconds within which a page must have heard
ELSEWHERE = "/310110/kj/c09/n025/b01/u1/"
CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE query = 'LISTEN linli_cases' AND datname = current_database()"""
Open = Callable[[str], Any]


class Stream:
    """What an open page hears, an event at a time."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def hear(self) -> tuple[str, str] | None:
        """The next event and its data, heartbeats aside; None: the stream has ended."""
        told: dict[str, str] = {}
        async with asyncio.timeout(SOON):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line:
                    told[name] = value
                elif told.get("event") != "beat":
                    return told["event"], told["data"]
        return None


@pytest.fixture
async def open_page(site: httpx.ASGITransport) -> AsyncIterator[Open]:
    """Sign in as somebody and open a page of theirs."""
    async with at_an_address(site) as address, AsyncExitStack() as opened:

        async def opening(name: str) -> Stream:
            browser = await opened.enter_async_context(Browser(base_url=address))
            await browser.sign_in(name)
            return await opened.enter_async_context(streaming(browser))

        yield opening


@asynccontextmanager
async def streaming(browser: httpx.AsyncClient) -> AsyncIterator[Stream]:
    async with browser.stream("GET", "/live", timeout=30) as answer:
        yield Stream(answer)


async def test_a_page_hears_of_a_case_its_viewer_may_see_and_of_no_other(open_page: Open, tell: Any) -> None:
    here, elsewhere = await open_page("c07.wang"), await open_page("c09.zhu")
    assert here.answer.headers["content-type"].startswith("text/event-stream")
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    theirs = await tell(a_case(a_matter(dedupe_key="b", place=ELSEWHERE), at=just_now()).filed())
    assert await here.hear() == ("case", str(case.id))
    assert await elsewhere.hear() == ("case", str(theirs.id))
    last = await tell(a_case(a_matter(dedupe_key="c"), at=just_now()).filed())
    assert await here.hear() == ("case", str(last.id))


async def test_a_rule_authors_page_hears_of_a_backtest_and_others_do_not(
    open_page: Open, seeded: Database, tell: Any
) -> None:
    author, other = await open_page("rules.xu"), await open_page("c07.wang")
    async with await psycopg.AsyncConnection.connect(seeded.app_dsn, autocommit=True) as connection:
        backtest = await keep_played(connection, "/310110/kj/")
    assert await author.hear() == ("backtest", str(backtest))
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    assert await other.hear() == ("case", str(case.id))


async def test_after_the_listener_was_away_anything_may_have_changed(open_page: Open, seeded: Database) -> None:
    page = await open_page("c07.wang")
    with psycopg.connect(seeded.app_dsn, autocommit=True) as connection:
        assert connection.execute(CUT).fetchall()
    assert await page.hear() == ("lost", "-")
    assert await page.hear() == ("all", "-")


async def test_a_notification_that_cannot_be_read_means_that_anything_changed(
    open_page: Open, seeded: Database, tell: Any
) -> None:
    page = await open_page("c07.wang")
    with psycopg.connect(seeded.app_dsn, autocommit=True) as connection:
        connection.execute("NOTIFY linli_cases, 'what?'")
    assert await page.hear() == ("all", "-")
    case = await tell(a_case(at=just_now()).filed())
    assert await page.hear() == ("case", str(case.id))


async def test_a_revoked_session_and_one_that_sees_other_areas_now_are_over(
    open_page: Open, site: Any, seeded: Database, tell: Any
) -> None:
    revoked, moved, stays = await open_page("c07.wang"), await open_page("c09.zhu"), await open_page("c07.li")
    with psycopg.connect(seeded.owner_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE sessions SET revoked_at = now() FROM people WHERE people.id = person_id AND name = 'c07.wang'"
        )
        connection.execute("UPDATE people SET areas = '{/310110/kj/c10/}' WHERE name = 'c09.zhu'")
    serving = site.app.state.services
    await end_sessions(serving.live, serving.pool)
    assert await revoked.hear() is None
    assert await moved.hear() is None
    case = await tell(a_case(at=just_now()).filed())
    assert await stays.hear() == ("case", str(case.id))


async def test_streams_end_at_once_when_the_server_stops(site: httpx.ASGITransport) -> None:
    async with Browser() as browser:
        async with at_an_address(site) as address:
            browser.base_url = httpx.URL(address)
            await browser.sign_in("c07.wang")
            opened = await browser.send(browser.build_request("GET", "/live"), stream=True)
            stopping = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - stopping < 1
        assert await Stream(opened).hear() is None
        await opened.aclose()


async def test_without_a_session_there_is_nothing_to_hear(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/live")
    assert (answer.status_code, answer.json()["code"]) == (401, "session-ended")


async def _status(browser: httpx.AsyncClient) -> int:
    async with browser.stream("GET", "/live") as answer:
        return answer.status_code


async def test_a_session_may_have_so_many_pages_and_no_more(
    site: httpx.ASGITransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "PAGES_PER_SESSION", 1)
    async with at_an_address(site) as address, Browser(base_url=address) as browser:
        await browser.sign_in("c07.wang")
        async with streaming(browser):
            refused = await browser.get("/live")
            assert (refused.status_code, refused.json()["code"]) == (429, "too-many-pages")
        async with asyncio.timeout(SOON):  # the server has to notice that the page is gone
            while (again := await _status(browser)) == 429:
                pass
        assert again == 200


async def taken(page: hub.Page) -> list[str]:
    """What the page takes now."""
    told = (await anext(page.told())).decode()
    return [line.removeprefix("data: ") for line in told.splitlines() if line.startswith("data: ")]


async def test_a_slow_page_hears_of_a_case_once_and_of_too_many_that_all_changed() -> None:
    known = Hub()
    known.listening()
    page = known.join("token", ("/310110/",))
    case, another = a_case().filed().case, a_case().filed().case
    assert await taken(page) == ["-"]  # the first heartbeat
    for _ in range(100):
        known.changed(case.id, LIFT)
        known.changed(another.id, LIFT)
    assert await taken(page) == [str(case.id), str(another.id)]
    for _ in range(hub.MOST_PENDING + 1):
        known.changed(a_case().filed().case.id, LIFT)
    assert (await anext(page.told())) == hub.EVERYTHING


async def test_a_silent_page_gets_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.01)
    page = Hub().join("token", ())
    told = page.told()
    assert (await anext(told)) == hub.BEAT + hub.LOST  # nobody listens yet
    assert (await anext(told)) == hub.BEAT


def test_who_left_counts_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "PAGES_PER_SESSION", 2)
    known = Hub()
    page, _ = known.join("token", ()), known.join("token", ())
    with pytest.raises(TooManyPages):
        known.join("token", ())
    known.leave(page)
    known.join("token", ())
    assert list(known.sights) == ["token"]
