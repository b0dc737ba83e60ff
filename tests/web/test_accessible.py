"""Every page in a real browser: axe finds nothing wrong, and the keyboard alone is enough."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal
from uuid import UUID

import psycopg
import pytest
from axe import faults
from browsing import a_jpeg, just_now
from builders import INSPECTOR, LI, PROPERTY, WANG, a_case, a_matter, a_policy, a_residents_matter
from databases import Database
from every_page import LIFT, PAGES
from playwright.async_api import Browser, FileChooser, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout
from stored_month import keep_played

from domain.matters import Filing
from store import links
from store.links import Link
from store.seed.accounts import PASSWORD

pytestmark = [pytest.mark.servers, pytest.mark.browser]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
UNKNOWN_AND_BROKEN = (b'{"type":"new","after":{"id":"1-a","camera":"cam-new","label":"ebike"}}', b"\x00\xff")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
AT_ONCE = 3  # browsers of different people
Opened = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(address: str, chromium: Browser) -> Opened:
    """A page of whoever is named, by keyboard from the login on; policy off only where axe is to be let in."""

    async def open_for(name: str, size: dict[str, int], scheme: str = "light", *, axe: bool = False) -> Page:
        context = await chromium.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            base_url=address,
            locale="zh-CN",
            color_scheme="dark" if scheme == "dark" else "light",
            bypass_csp=axe,
        )
        page = await context.new_page()
        await page.goto("/login")
        if name:
            await page.wait_for_selector("[name=name]:focus")
            await page.keyboard.type(name)
            await page.keyboard.press("Tab")
            await page.keyboard.type(PASSWORD)
            await page.keyboard.press("Enter")
            await page.wait_for_url(lambda url: "/login" not in url)
        return page

    return open_for


async def a_street(tell: Any) -> dict[str, Any]:
    """One case in each state that looks different, one of them with a name and a text longer than a line."""
    long = a_matter(
        dedupe_key="w", title="电瓶车多次进入电梯并在楼道内充电，占用消防通道且拒绝劝导" * 2, text="说明" * 99
    )
    stories = {
        "alarm": a_case(a_matter(a_policy(filing=Filing.AT_DESK), dedupe_key="alarm"), at=just_now(9)),
        "told": a_case(a_residents_matter(), at=just_now(8)),
        "asked": a_case(a_matter(dedupe_key="asked"), at=just_now(50))
        .filed()
        .assigned_to(PROPERTY, LI)
        .signed_by(LI)
        .asked_for("extension", LI, hours=4),
        "waiting": a_case(long, at=just_now(20)).filed(),
        "assigned": a_case(a_matter(dedupe_key="a", place=LIFT), at=just_now()).filed().assigned_to(PROPERTY),
        "handling": a_case(a_matter(dedupe_key="h"), at=just_now(300))
        .filed()
        .assigned_to(PROPERTY, WANG)
        .signed_by(WANG),
        "inspecting": a_case(a_matter(dedupe_key="i"), at=just_now(90))
        .filed()
        .assigned_to(PROPERTY, LI)
        .signed_by(LI)
        .handled_by(LI),
        "closed": a_case(a_matter(dedupe_key="c"), at=just_now(60))
        .filed()
        .assigned_to(PROPERTY, LI)
        .signed_by(LI)
        .handled_by(LI)
        .passed_by(INSPECTOR)
        .closed(),
    }
    return {name: (await tell(story)).id for name, story in stories.items()}


async def test_axe_finds_nothing_on_any_page(opened: Opened, tell: Any, as_person: Any, seeded: Database) -> None:
    """Each page at the size of a phone and of a desk, one of them dark."""
    given = {**await a_street(tell), "token": "t" * 43}
    async with await psycopg.AsyncConnection.connect(seeded.app_dsn) as connection:
        await links.offer(connection, given["token"], Link(UUID(WANG.id), given["assigned"], None))
        given["backtest"] = await keep_played(connection, "/310110/kj/")
    devices = await as_person("devices.he")
    for message in UNKNOWN_AND_BROKEN:
        await devices.post("/intake/frigate?topic=frigate/events", content=message, auth=("linli", "broker-secret"))
    few = asyncio.Semaphore(AT_ONCE)

    async def look(name: str, paths: tuple[str, ...]) -> list[str]:
        async with few:
            page = await opened(name, PHONE, axe=True)
            said = [
                f"{name} {path} {size['width']} {scheme}: {found}"
                for n, path in enumerate(paths)
                for k, size in enumerate((PHONE, DESK))
                for scheme in (SCHEMES[(n + k) % 2],)
                for found in await faults_at(page, path.format(**given), size, scheme)
            ]
            await page.context.close()
            return said

    found = await asyncio.gather(*(look(name, paths) for name, paths in PAGES.items()))
    assert [one for said in found for one in said] == []


async def faults_at(page: Page, path: str, size: dict[str, int], scheme: Literal["light", "dark"]) -> list[str]:
    await page.set_viewport_size({"width": size["width"], "height": size["height"]})
    await page.emulate_media(color_scheme=scheme)
    await page.goto(path)
    return await faults(page, unfolded=True)


async def file_chooser(page: Page, name: str) -> FileChooser:
    """Open the chooser of a file input by keyboard; again where the browser was not listening for it yet."""
    for patience in (3_000, 10_000, 30_000):
        await tab_to(page, name)
        with suppress(PlaywrightTimeout):
            async with page.expect_file_chooser(timeout=patience) as choosing:
                await page.keyboard.press("Enter")
            return await choosing.value
    pytest.fail(f"no file chooser for {name}")


async def test_from_login_to_inspection_by_keyboard_alone(opened: Opened, tell: Any, seeded: Database) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    page = await opened("c07.wang", PHONE)
    await tab_to(page, "签收")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/m/cases/{case.id}?done=sign")
    chooser = await file_chooser(page, "photo_after")
    await chooser.set_files({"name": "after.jpg", "mimeType": "image/jpeg", "buffer": a_jpeg()})
    await page.wait_for_selector(".photo img")
    await tab_to(page, "note")
    await page.keyboard.type("已劝离")
    await tab_to(page, "提交处置结果")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".done:has-text('处置结果已提交')")
    with psycopg.connect(seeded.app_dsn) as connection:
        events = connection.execute("SELECT type FROM case_events WHERE case_id = %s ORDER BY version", (case.id,))
        assert [kind for (kind,) in events.fetchall()][3:] == ["signed", "handled"]


async def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the element with this name or text has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        focused = await page.evaluate("document.activeElement.name || document.activeElement.innerText")
        if focused.split()[:1] == [wanted]:
            return
    pytest.fail(f"no way by Tab to {wanted}")


async def test_the_desk_moves_opens_and_comes_back_by_single_keys(opened: Opened, tell: Any) -> None:
    cases = [await tell(a_case(a_matter(dedupe_key=str(n)), at=just_now(n)).filed()) for n in range(3)]
    page = await opened("dispatch.lin", DESK)
    await page.goto("/console/cases?stage=dispatching")
    oldest_first = [str(case.id) for case in reversed(cases)]
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    assert await page.evaluate("document.activeElement.dataset.row") == oldest_first[1]
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/console/cases/{oldest_first[0]}")
    await page.keyboard.press("d")
    assert await page.evaluate("document.activeElement.name") == "unit"
    await page.keyboard.press("Escape")
    await page.keyboard.press("u")
    await page.wait_for_url(f"**/console/cases?stage=dispatching#case-{oldest_first[0]}")
    await page.wait_for_selector(f"[data-row='{oldest_first[0]}']:focus")
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.type") == "search"
    await page.keyboard.type("jk")
    assert await page.input_value("[type=search]") == "jk"
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    assert await page.is_visible("dialog#keys")
    await page.keyboard.press("Escape")
    assert not await page.is_visible("dialog#keys")


async def test_new_cases_wait_behind_a_count_while_a_row_has_the_focus(opened: Opened, tell: Any) -> None:
    await tell(a_case(at=just_now(5)).filed())
    page = await opened("dispatch.lin", DESK)
    await page.goto("/console/cases")
    await page.keyboard.press("j")
    await tell(a_case(a_matter(dedupe_key="new"), at=just_now(1)).filed())
    await page.evaluate("htmx.trigger('#cases', 'refresh')")
    await page.wait_for_selector("text=1 件新案件")
    assert await page.locator("[data-row]").count() == 1
    await page.click("text=1 件新案件")
    await page.wait_for_selector("li:nth-child(2) [data-row]")
    assert not await page.is_visible("text=1 件新案件")


async def test_an_inspector_judges_by_keys_and_the_next_case_is_selected(opened: Opened, tell: Any) -> None:
    told = [
        await tell(
            a_case(a_matter(dedupe_key=str(n)), at=just_now(60 - n))
            .filed()
            .assigned_to(PROPERTY, LI)
            .signed_by(LI)
            .handled_by(LI)
        )
        for n in range(2)
    ]
    page = await opened("inspect.deng", DESK)
    await page.goto("/console/inspect")
    await page.keyboard.press("j")
    await page.keyboard.press("y")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".done:has-text('核查结果已提交')")
    await page.wait_for_selector(f"[data-row='{told[1].id}'] a:focus")
