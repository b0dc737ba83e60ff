"""The duty desk in a real browser: alarms judged by single keys, rows opened and marked, axe content at every size."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe import faults
from browsing import just_now
from builders import GAS, PROPERTY, WANG, a_case, a_matter, a_policy, a_residents_matter
from playwright.async_api import Browser, Page
from signing_in import sign_in

from domain.matters import Filing

pytestmark = [pytest.mark.servers, pytest.mark.browser]
DESK, TABLET, PHONE = ({"width": 1440, "height": 900}, {"width": 768, "height": 1024}, {"width": 360, "height": 740})
PATIENT = """{ const later = setTimeout;
    globalThis.setTimeout = (what, after, ...given) => later(what, after === 3000 ? 60_000 : after, ...given) }"""
WAITS = a_policy(filing=Filing.AT_DESK)
LOOKED_AT = os.environ.get("LINLI_LOOK")  # a folder for pictures, when somebody wants to look
Opened = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(chromium: Browser, address: str) -> AsyncIterator[Opened]:
    """A page of whoever is named; it must have nothing to complain about."""
    complaints: list[str] = []
    async with AsyncExitStack() as contexts:

        async def open_for(name: str, size: dict[str, int] = DESK, scheme: str = "light", *, axe: bool = False) -> Page:
            dark = "dark" if scheme == "dark" else "light"
            context = await chromium.new_context(
                viewport=size, locale="zh-CN", base_url=address, color_scheme=dark, bypass_csp=axe
            )
            contexts.push_async_callback(context.close)
            page = await context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await sign_in(page, name)
            return page

        yield open_for
    assert complaints == []


def an_alarm(n: int, **changes: Any) -> Any:
    place = f"/310110/kj/c07/n021/b0{n % 4 + 1}/u1/"
    matter = a_matter(WAITS, dedupe_key=f"alarm-{n}", title=f"疑似火情 {n}", place=place, **changes)
    return a_case(matter, at=just_now(200 - n))


async def is_open(page: Page, case: Any) -> None:
    await page.wait_for_selector(f"#duty-open[data-open='{case.id}']")


async def test_alarms_are_judged_by_one_key_each_and_the_next_one_is_selected(opened: Opened, tell: Any) -> None:
    cases = [await tell(an_alarm(n)) for n in range(4)]
    page = await opened("duty.chen")
    await page.goto("/console/alarms")
    await is_open(page, cases[0])
    await page.keyboard.press("x")
    await is_open(page, cases[1])
    await page.wait_for_selector(f"[data-row='{cases[1].id}']:focus")
    await page.wait_for_selector(f"[data-row='{cases[0].id}']", state="detached")
    await page.keyboard.press("z")
    await is_open(page, cases[0])


async def test_an_acceptor_files_by_f_and_is_asked_once_before_a_false_alarm(opened: Opened, tell: Any) -> None:
    cases = [await tell(an_alarm(n)) for n in range(3)]
    page = await opened("accept.wu")
    await page.add_init_script(PATIENT)
    await page.goto("/console/alarms")
    await is_open(page, cases[0])
    await page.keyboard.press("f")
    await is_open(page, cases[1])
    await page.keyboard.press("x")
    await page.wait_for_selector("text=再按一次，判为误报")
    async with page.expect_response(lambda answer: str(cases[1].id) in answer.url):
        await page.evaluate("htmx.trigger('[data-live-case]', 'refresh')")
    await page.wait_for_selector("[data-live-case]:not(.htmx-request)")
    assert await page.is_visible("text=再按一次，判为误报")  # news do not take the question back
    assert await page.get_attribute("#duty-open", "data-open") == str(cases[1].id)
    await page.keyboard.press("x")
    await is_open(page, cases[2])
    await page.keyboard.press("m")
    assert await page.evaluate("document.activeElement.name") in ("to", "to_number")


async def test_rows_are_moved_over_opened_and_marked_by_key(opened: Opened, tell: Any) -> None:
    cases = [await tell(an_alarm(n)) for n in range(3)]
    page = await opened("accept.wu")
    await page.goto("/console/alarms")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    assert await page.evaluate("document.activeElement.dataset.row") == str(cases[1].id)
    await page.keyboard.press("f")  # it is not open yet: the key opens it, and judges nothing
    await is_open(page, cases[1])
    assert await page.locator("[data-row]").count() == 3
    await page.keyboard.press("X")
    await tell(an_alarm(3))
    await page.wait_for_selector("text=1 件新的，点这里显示")
    assert await page.locator("[data-mark]:checked").count() == 1
    await page.keyboard.press("k")
    await page.keyboard.press("X")
    await page.click("#marked button:has-text('误报')")
    await page.wait_for_selector("text=已不予立案：2 件")
    await is_open(page, cases[2])


async def test_a_dispatcher_opens_dispatches_and_goes_on_by_key(opened: Opened, tell: Any) -> None:
    held = [a_matter(dedupe_key=str(n), handler="nobody-does-this") for n in range(2)]
    cases = [await tell(a_case(matter, at=just_now(60 - n)).filed()) for n, matter in enumerate(held)]
    page = await opened("dispatch.lin")
    await page.goto("/console/dispatch")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await is_open(page, cases[0])
    await page.keyboard.press("d")
    assert await page.evaluate("document.activeElement.name") == "unit"
    await page.keyboard.press("Escape")
    await page.click("#form-dispatch button[type=submit]")
    await is_open(page, cases[1])
    await page.wait_for_selector(".duty-last:has-text('已派遣')")


PAGES = (
    "/console/alarms",
    "/console/intake",
    "/console/dispatch",
    "/console/dispatch?list=calls",
    "/console/approvals",
    "/console/approvals?list=closing",
    "/console/roster",
    "/console/handover",
)


async def a_busy_evening(tell: Any) -> None:
    for n in range(6):
        await tell(an_alarm(n, text="走廊里有浓烟，报警持续三分钟。" * (n + 1)))
    await tell(a_case(a_residents_matter(title="楼道堆物挡住消防通道，说了好几次没人管" * 2), at=just_now(30)))
    await tell(a_case(a_matter(WAITS, ruleset="grid-patrol-finding", dedupe_key="p"), at=just_now(5)))
    await tell(a_case(a_matter(dedupe_key="d"), at=just_now(300)).filed())
    await tell(a_case(a_matter(dedupe_key="g"), at=just_now(20)).filed().assigned_to(GAS, by_phone=True))
    asked = a_case(a_matter(dedupe_key="r"), at=just_now(90)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    await tell(asked.asked_for("deferral", days=2))
    done = a_policy(closing="manual", inspection="never", evidence=(), reopen_within=timedelta(days=1))
    closing = a_case(a_matter(done, dedupe_key="c"), at=just_now(90)).filed().assigned_to(PROPERTY, WANG)
    await tell(closing.signed_by(WANG).handled_by(WANG))


LOOKS = [(DESK, "light"), (DESK, "dark"), (TABLET, "light"), (PHONE, "light"), (PHONE, "dark")]


@pytest.mark.parametrize(("full", "looks"), [(False, [LOOKS[0], LOOKS[-1]]), (True, LOOKS)])
async def test_axe_finds_nothing_at_the_desk(
    opened: Opened, tell: Any, looks: list[tuple[dict[str, int], str]], *, full: bool
) -> None:
    if full:
        await a_busy_evening(tell)
    found = []
    for size, scheme in looks:
        page = await opened("duty.chen", size, scheme, axe=True)
        for path in PAGES:
            await page.goto(path)
            await page.wait_for_load_state("networkidle")
            look = f"{path.replace('/', '_').replace('?', '_')}-{size['width']}-{scheme}-{'full' if full else 'empty'}"
            if LOOKED_AT:
                await photograph(page, Path(LOOKED_AT) / look, opens=size is not DESK)
            found += [f"{look}: {fault}" for fault in await faults(page)]
        await page.context.close()
    assert found == [], "\n".join(found)


async def photograph(page: Page, look: Path, *, opens: bool) -> None:
    await page.screenshot(path=f"{look}.png", full_page=True)
    row = await page.query_selector(".duty [data-row]")
    if row and opens:
        await row.click()
        await page.wait_for_selector("#duty-open[data-chosen]", state="attached")
        await page.screenshot(path=f"{look}-open.png", full_page=True)
