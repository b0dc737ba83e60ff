"""A scenario built in the form alone, in a real browser: with scripts and without, at the desk and on a phone."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from addresses import at_an_address
from axe import faults
from playwright.async_api import Browser, ConsoleMessage, Page, expect
from signing_in import sign_in

pytestmark = [pytest.mark.servers, pytest.mark.browser]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LOOKED_AT = os.environ.get("LINLI_LOOK")  # a folder for pictures, when somebody wants to look
NEW = "/console/rulesets/hot-and-smoky/edit"
Opened = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(chromium: Browser, site: httpx.ASGITransport) -> AsyncIterator[Opened]:
    """A page of the rule author; it must have nothing to complain about."""
    complaints: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        if said.type == "error" and "422" not in said.text:  # a refusal stands on the page
            complaints.append(said.text)

    async with AsyncExitStack() as held:
        address = await held.enter_async_context(at_an_address(site))

        async def open_for(size: dict[str, int] = DESK, **more: Any) -> Page:
            viewport: Any = size
            context = await chromium.new_context(viewport=viewport, locale="zh-CN", base_url=address, **more)
            held.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(60_000)
            page.on("console", heard)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await sign_in(page, "rules.xu")
            return page

        yield open_for
    assert complaints == []


async def look_at(page: Page, name: str) -> None:
    if LOOKED_AT:
        await page.screenshot(path=f"{LOOKED_AT}/{name}.png", full_page=True)


async def begun(page: Page) -> None:
    """The template of several sensors, with its usual answers."""
    await page.goto("/console/rulesets/new/agreement")
    await page.fill("[name=title]", "电线过热和烟感")
    await page.fill("[name=id]", "hot-and-smoky")
    await page.click("form.questions button[type=submit]")
    await page.wait_for_url(f"**{NEW}")


class Author:
    """Fills in the form and waits until it is drawn anew."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def _answered(self, act: Callable[[], Awaitable[Any]]) -> None:
        async with self.page.expect_response(
            lambda said: said.request.method == "POST" and "/edit" in said.url
        ) as said:
            await act()
        answer = await said.value
        assert answer.ok, (answer.request.post_data, await answer.text())
        await expect(self.page.locator(".htmx-request")).to_have_count(0)

    async def press(self, do: str, within: str = "") -> None:
        button = self.page.locator(f"{within} button[value='{do}']").first
        fold = button.locator("xpath=ancestor::details[not(@open)]/summary")
        if await fold.count():
            await fold.first.click()
        await self._answered(button.click)

    async def write(self, name: str, value: str) -> None:
        field = self.page.locator(f"[name='{name}']")
        if await field.input_value() == value:
            return

        async def written() -> None:
            await field.fill(value)
            await field.press("Tab")

        await self._answered(written)

    async def choose(self, name: str, value: str) -> None:
        await self._answered(lambda: self.page.locator(f"[name='{name}']").select_option(value))

    async def unfold(self, summary: str) -> None:
        await self.page.locator("summary", has_text=summary).first.click()


async def hears_of_hot_wires(author: Author) -> tuple[str, str]:
    """A signal, a detection and a fact more than the template has: the names of the last two."""
    page = author.page
    await author.unfold("再听一种信息")
    await page.select_option("#new-signal [name='n:type']", "breaker.state")
    await author.press("signal:")
    await expect(page.locator("#signal-breaker_state .called")).not_to_be_empty()
    await author.unfold("再加一种情况")
    await page.fill("#new-detection [name='n:label']", "电线过热")
    await page.select_option("#new-detection [name='n:of']", "breaker_state")
    await author.press("detection:")
    hot = (await page.locator("#model [id^='perceive-breaker_state']").get_attribute("id") or "").removeprefix(
        "perceive-"
    )
    for part, value in (("enter", "70"), ("exit", "60")):
        await author.choose(f"c:perceive/{hot}/{part}:field", "breaker_state.temperature")
        await author.write(f"c:perceive/{hot}/{part}:value", value)
    await author.unfold("再知道一样")
    await page.fill("#new-fact [name='n:label']", "一周里过热几次")
    await page.select_option("#new-fact [name='n:what']", f"count:{hot}")
    await author.press("fact:")
    times = (await page.locator("#model [id^='fact-breaker_state']").get_attribute("id") or "").removeprefix("fact-")
    await author.choose(f"v:s:facts/{times}/by", "place.unit")
    return hot, times


async def decides_the_second_time(author: Author, hot: str, times: str) -> None:
    page = author.page
    await author.press("rule:")
    await author.write("v:q:classify/0/label", "一周里第二次过热")
    await author.choose("c:classify/0/if:field", hot)
    await author.press("and:classify/0/if")
    await author.choose("c:classify/0/if/all/1:field", times)
    assert await page.locator("[name='c:classify/0/if/all/1:op']").input_value() == "gte"
    await author.write("c:classify/0/if/all/1:value", "2")
    await author.choose("v:s:classify/0/then/category", "fire-alarm")
    await author.choose("v:s:classify/0/then/handler", "property")


async def test_a_scenario_of_two_sensors_is_built_in_the_form_alone(opened: Opened) -> None:
    """One more signal, detection, fact and rule than the template has, a test of it, handed in as a version."""
    page = await opened()
    await begun(page)
    await page.wait_for_selector("[data-bench][data-ready]")
    author = Author(page)
    await decides_the_second_time(author, *(await hears_of_hot_wires(author)))
    await look_at(page, "with-rule")
    await author.press("test:")
    await author.write("v:s:tests/5/name", "一周里第二次过热")
    for _ in range(2):
        await author.press("remove:tests/5/feed/0")
    for n, (at, temperature) in enumerate((("0s", "75"), ("10m", "50"), ("1d", "75"))):
        await author.press("fed:tests/5/feed/breaker_state")
        await author.write(f"v:s:tests/5/feed/{n}/at", at)
        await author.write(f"v:n:tests/5/feed/{n}/breaker_state/temperature", temperature)
    await author.write("v:n:tests/5/expect/cases", "1")
    await author.choose("v:r:tests/5/expect/rule", "rule-1")
    await look_at(page, "with-test")
    await expect(page.locator("[data-results]")).to_contain_text("6 个测试都通过")
    await author.unfold("写好了，提交为新版本")
    await page.fill("[name=note]", "加上电线过热")
    await page.click("form[action$='/submit'] button.main")
    await page.wait_for_url("**/console/rulesets/hot-and-smoky?done=submitted*")


async def test_rules_are_written_as_a_table_and_back_again(opened: Opened) -> None:
    page = await opened()
    await begun(page)
    await page.wait_for_selector("[data-bench][data-ready]")
    author = Author(page)
    await author.press("table:")
    await expect(page.locator("#table tbody tr")).to_have_count(2)
    await look_at(page, "table")
    await author.press("column:")
    await author.choose("k:classify/columns/2", "sensor.alarm")
    await author.choose("d:classify/rows/0/when/2:op", "true")
    await author.press("row:")
    await expect(page.locator("#table tbody tr")).to_have_count(3)
    await author.press("down:classify/rows/0")
    await author.press("remove:classify/rows/1")
    await author.press("without-column:classify/columns/2")
    await expect(page.locator("[data-results]")).to_contain_text("5 个测试都通过")
    await author.press("rules:")
    await expect(page.locator("#rule-1")).to_contain_text("上面都不符合时")
    await author.press("undo")
    await expect(page.locator("#table tbody tr")).to_have_count(2)


async def test_without_scripts_each_button_comes_back_to_its_part(opened: Opened) -> None:
    page = await opened(java_script_enabled=False)
    await begun(page)
    await page.click("#new-detection summary")
    await page.fill("#new-detection [name='n:label']", "烟感不响")
    await page.select_option("#new-detection [name='n:kind']", "silence")
    await page.click("#new-detection button[value='detection:']")
    await page.wait_for_url("**#perceive-sensor_silent")
    await page.fill("[name='c:perceive/sensor_silent/enter:value']", "30h")
    await page.click("#perceive-sensor_silent noscript button, #perceive-sensor_silent button.secondary")
    await page.wait_for_url("**#perceive-sensor_silent")
    assert await page.locator("[name='c:perceive/sensor_silent/enter:value']").input_value() == "30h"
    await page.click("#rule-0 button[value='open:rule-0']")
    await page.wait_for_url("**open=rule-0**")
    await page.click("#rule-0 button[value='child:classify/0/then']")
    await page.wait_for_selector("#rule-0 fieldset.child")
    await page.click("#perceive-alarming button[value='remove:perceive/alarming']")
    await expect(page.locator("#perceive-alarming [role=alert]")).to_contain_text("规则“多个设备都报警”")


async def test_axe_finds_nothing_in_the_form_with_all_its_parts(opened: Opened) -> None:
    found: list[str] = []
    for size in (DESK, PHONE):
        page = await opened(size, bypass_csp=True)
        if size is DESK:
            await begun(page)
            await page.wait_for_selector("[data-bench][data-ready]")
            author = Author(page)
            for do in ("child:classify/0/then", "rung:case", "correlation:case", "unit:case/inform"):
                if do.startswith("child"):
                    await author.press("open:rule-0")
                await author.press(do)
            await author.press("hours:")
            await author.press("fed:tests/0/feed/-")
            await look_at(page, "all-parts")
            await author.press("table:")
        for path in (f"{NEW}?open=rule-0", "/console/rulesets/noise-exceedance/edit"):
            await page.goto(path)
            await page.wait_for_selector("[data-bench][data-ready]")
            found += [f"{path} {size['width']}: {fault}" for fault in await faults(page, unfolded=True)]
            await look_at(page, f"{path.split('/')[3]}-{size['width']}")
    assert found == [], "\n".join(found)
