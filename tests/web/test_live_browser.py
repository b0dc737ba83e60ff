"""Two people in real browsers: what one does is on the other's page at once, and moves nothing under the hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from addresses import at_an_address
from browsing import just_now
from builders import LI, PROPERTY, WANG, a_case, a_matter
from databases import free_port
from playwright.async_api import Browser, Page

from store.seed.accounts import PASSWORD

pytestmark = [pytest.mark.servers, pytest.mark.browser]
Seat = Callable[..., Awaitable[Page]]


@pytest.fixture
async def seat(chromium: Browser) -> AsyncIterator[Seat]:
    """Somebody's browser on a page that listens."""
    complaints: list[str] = []
    async with AsyncExitStack() as leaving:

        async def sitting(address: str, name: str, path: str, *, listens: bool = True) -> Page:
            context = await chromium.new_context(
                locale="zh-CN", base_url=address, viewport={"width": 1280, "height": 800}
            )
            leaving.push_async_callback(context.close)
            page = await context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await context.request.post("/login", form={"name": name, "password": PASSWORD})
            if not listens:
                await page.route("**/live", lambda route: route.abort())
            await page.goto(path)
            if listens:
                await heard(page)
            return page

        yield sitting
    assert complaints == []


async def heard(page: Page) -> None:
    """The stream is open, and what it asked for at first is there."""
    await page.wait_for_selector("html[data-stream=open]")


@pytest.fixture
async def quiet(site: httpx.ASGITransport) -> AsyncIterator[str]:
    """Where the site answers; Temporal is down, and cases change because others told so."""
    async with at_an_address(site) as address:
        yield address


async def test_who_signs_is_on_everybodys_page_at_once_and_nothing_written_is_lost(
    seat: Seat, address: str, tell: Any
) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    wang = await seat(address, "c07.wang", f"/m/cases/{case.id}")
    desk = await seat(address, "dispatch.lin", f"/console/cases/{case.id}")
    listing = await seat(address, "dispatch.lin", "/console/cases")
    zhao = await seat(address, "c07.zhao", f"/m/cases/{case.id}")
    await desk.click("#do-comment summary")
    await desk.type("#do-comment textarea", "正在写")

    await wang.click("#form-sign button")
    await wang.wait_for_selector(".done:has-text('已签收')")
    row = f"#case-{case.id} .fresh .tag:has-text('处置中')"
    signed = "#form-sign button:disabled:has-text('王建国')"
    await asyncio.gather(
        desk.wait_for_selector(".stage:has-text('处置中')"),
        zhao.wait_for_selector(signed),
        listing.wait_for_selector(row),
    )
    assert await desk.input_value("#do-comment textarea") == "正在写"
    assert await desk.evaluate("document.activeElement.name") == "text"
    assert await wang.is_visible(".done")


async def test_a_note_to_a_case_that_is_closed_meanwhile_is_not_lost(seat: Seat, address: str, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    zhao = await seat(address, "c07.zhao", f"/m/cases/{case.id}")
    wang = await seat(address, "c07.wang", f"/m/cases/{case.id}")
    await zhao.click("#do-hand_to summary")
    await zhao.select_option("#form-hand_to [name=person]", LI.id)
    await wang.click("#form-sign button")
    await zhao.wait_for_selector(".stage:has-text('处置中')")
    assert await zhao.input_value("#form-hand_to [name=person]") == LI.id


async def test_new_rows_wait_behind_a_button_that_counts_them(seat: Seat, quiet: str, tell: Any) -> None:
    await tell(a_case(at=just_now()).filed())
    page = await seat(quiet, "dispatch.lin", "/console/cases")
    for n in range(2):
        await tell(a_case(a_matter(dedupe_key=str(n)), at=just_now(5)).filed())
    await page.wait_for_selector(".pill button:has-text('2 件新案件')")
    assert await page.locator("[data-row]").count() == 1
    await page.click(".pill button")
    await page.wait_for_selector("[data-row] >> nth=2")
    assert await page.is_hidden(".pill button")


async def test_a_row_that_is_gone_is_dimmed_where_it_is(seat: Seat, address: str, tell: Any) -> None:
    signed = await tell(a_case(at=just_now(20)).filed().assigned_to(PROPERTY, WANG))
    other = await tell(a_case(a_matter(dedupe_key="b"), at=just_now(5)).filed().assigned_to(PROPERTY, WANG))
    listing = await seat(address, "dispatch.lin", "/console/cases?stage=assigned")
    before = await listing.locator(f"#case-{other.id}").bounding_box()
    wang = await seat(address, "c07.wang", f"/m/cases/{signed.id}")
    await wang.click("#form-sign button")
    await listing.wait_for_selector(f"#case-{signed.id}.gone")
    assert await listing.locator(f"#case-{other.id}").bounding_box() == before


async def test_an_empty_list_fills_by_itself(seat: Seat, quiet: str, tell: Any) -> None:
    page = await seat(quiet, "c07.wang", "/m")
    await page.wait_for_selector(".empty")
    await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    await page.wait_for_selector(".todo")


async def test_after_a_break_the_page_is_right_again(seat: Seat, site: httpx.ASGITransport, tell: Any) -> None:
    port = free_port()
    async with at_an_address(site, port) as address:
        phone = await seat(address, "c07.wang", "/m")
    await phone.wait_for_selector(".strip:has-text('连接断了')")
    await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    async with at_an_address(site, port):
        await phone.wait_for_selector(".todo")
        await phone.wait_for_selector(".strip", state="hidden")

        await phone.context.set_offline(True)
        await phone.wait_for_selector("html[data-stream=lost]")
        await phone.wait_for_selector(".strip:visible, [data-waiting]:has-text('没有网络')")  # one of the two is enough
        await tell(a_case(a_matter(dedupe_key="b"), at=just_now(5)).filed().assigned_to(PROPERTY, WANG))
        await phone.context.set_offline(False)
        await phone.wait_for_selector(".todo >> nth=1")
        await phone.wait_for_selector(".strip", state="hidden")


async def test_where_no_stream_gets_through_the_page_asks_every_ten_seconds(seat: Seat, quiet: str, tell: Any) -> None:
    phone = await seat(quiet, "c07.wang", "/m", listens=False)
    await phone.wait_for_selector("html[data-stream=polling]")
    await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    await phone.wait_for_selector(".todo")
    assert await phone.is_hidden(".strip >> nth=0")
