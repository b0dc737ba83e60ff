"""Rule authors in a real browser: markers as one types, the form by keyboard, from a template to a passing test."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from addresses import at_an_address
from axe import faults
from playwright.async_api import Browser, Page, expect
from signing_in import sign_in

pytestmark = [pytest.mark.servers, pytest.mark.browser]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
LIFT = "/console/rulesets/ebike-in-elevator"
LOOKED_AT = os.environ.get("LINLI_LOOK")  # a folder for pictures, when somebody wants to look
Opened = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(chromium: Browser, site: httpx.ASGITransport) -> AsyncIterator[Opened]:
    """A page of whoever is named; it must have nothing to complain about, and the policy stays on."""
    complaints: list[str] = []
    async with AsyncExitStack() as held:
        address = await held.enter_async_context(at_an_address(site))

        async def open_for(
            name: str, size: dict[str, int] = DESK, scheme: str = "light", *, axe: bool = False, **more: Any
        ) -> Page:
            dark: Any = "dark" if scheme == "dark" else "light"
            context = await chromium.new_context(
                viewport={"width": size["width"], "height": size["height"]},
                locale="zh-CN",
                base_url=address,
                color_scheme=dark,
                bypass_csp=axe,
                **more,
            )
            held.push_async_callback(context.close)
            page = await context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await sign_in(page, name)
            return page

        yield open_for
    assert complaints == []


async def look_at(page: Page, name: str) -> None:
    if LOOKED_AT:
        await page.screenshot(path=f"{LOOKED_AT}/{name}.png")


async def ready(page: Page, path: str) -> None:
    await page.goto(path)
    await page.wait_for_selector("[data-bench][data-ready]")


async def test_a_mistake_is_marked_beside_its_line_with_the_nearest_name(opened: Opened) -> None:
    page = await opened("rules.xu")
    await ready(page, f"{LIFT}/edit?view=yaml")
    await page.locator(".editor").first.evaluate(
        """(host) => {
            const at = host.view.state.doc.toString().indexOf("ebike.confidence: {gte") + "ebike.confiden".length;
            host.view.focus();
            host.view.dispatch({ selection: { anchor: at, head: at + 1 } });
        }"""
    )
    await page.keyboard.type("s")
    marker = page.locator(".cm-lint-marker-error").first
    await marker.wait_for()
    finding = page.locator(".findings li.error").first
    await expect(finding).to_contain_text("是不是要写“ebike.confidence”")
    await expect(page.locator(".outcomes")).to_contain_text("测试才跑得起来")
    await marker.hover()
    await expect(page.locator(".cm-tooltip-lint")).to_contain_text("没有“ebike.confidense”这个名字")
    await look_at(page, "marker")
    await page.keyboard.press("Control+z")
    await expect(page.locator(".results > .done")).to_contain_text("没有问题")
    await expect(page.locator(".cm-lint-marker-error")).to_have_count(0)


async def test_names_are_offered_where_they_may_stand(opened: Opened) -> None:
    page = await opened("rules.xu")
    await ready(page, f"{LIFT}/edit?view=yaml")
    await page.locator(".editor").first.evaluate(
        """(host) => {
            const at = host.view.state.doc.toString().indexOf("category: lift-ebike,") + "category: ".length;
            host.view.focus();
            host.view.dispatch({ selection: { anchor: at, head: at + "lift-ebike".length } });
        }"""
    )
    await page.keyboard.type("noise")
    await expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("noise-night")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Control+s")
    await expect(page.locator("[data-saved]")).to_contain_text("已保存")
    await page.reload()
    kept = await page.locator("textarea[name=yaml]").input_value()
    assert "category: noise" in kept


async def test_from_a_template_to_a_passing_test_by_keyboard(opened: Opened) -> None:
    """Whoever has never seen the language: a shape, a few answers, one number changed, its test mended."""
    page = await opened("rules.xu")
    await page.goto("/console/rulesets")
    await page.keyboard.press("n")
    await page.wait_for_url("**/console/rulesets/new")
    await tab_to(page, "读数超限")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/new/threshold")
    await tab_to(page, "title")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("地下车库积水")
    await tab_to(page, "id")
    await page.keyboard.type("garage-water")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/rulesets/garage-water/edit")
    await page.wait_for_selector("[data-bench][data-ready]")
    await expect(page.locator(".results > .done")).to_contain_text("4 个测试都通过")
    await tab_to(page, "c:perceive/over/enter:value")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("30")
    await page.keyboard.press("Enter")
    await expect(page.locator(".results > .refusal").first).to_contain_text("个测试没有通过")
    await tab_to(page, "到了线，持续满了时间")
    await page.keyboard.press("Enter")
    for row in (0, 1):
        await tab_to(page, f"v:n:tests/0/feed/{row}/reading/water_depth")
        await page.keyboard.press("Control+a")
        await page.keyboard.type("31")
        await page.keyboard.press("Enter")
        await expect(page.locator(f"[name='v:n:tests/0/feed/{row}/reading/water_depth']")).to_have_value("31")
    await expect(page.locator("#test-1 summary")).to_contain_text("通过")
    await expect(page.locator("#test-1 summary b")).to_have_text("✓ 通过")
    await look_at(page, "from-a-template")


async def test_rules_are_moved_with_one_press_and_taken_back(opened: Opened) -> None:
    page = await opened("rules.xu")
    await ready(page, f"{LIFT}/edit")
    first = page.locator("[name='v:q:classify/0/label']")
    assert await first.input_value() == "阻门派单"
    await page.click("#rule-0 button[value='down:classify/0']")
    await expect(first).to_have_value("七日内第三次")
    await page.click("button[value=undo]")
    await expect(first).to_have_value("阻门派单")


async def test_without_scripts_the_editor_is_a_text_field_that_is_kept(opened: Opened) -> None:
    page = await opened("rules.xu", java_script_enabled=False)
    await page.goto(f"{LIFT}/edit?view=yaml")
    text = await page.locator("textarea[name=yaml]").input_value()
    await page.fill("textarea[name=yaml]", text.replace("阻门派单", "堵门派单"))
    await page.click("button[value=form]")
    await page.wait_for_url("**/edit?view=form")
    assert await page.locator("[name='v:q:classify/0/label']").input_value() == "堵门派单"


async def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the element with this name or first words, a mark before them or not, has the focus."""
    for _ in range(200):
        await page.keyboard.press("Tab")
        focused = await page.evaluate("document.activeElement.name || document.activeElement.innerText || ''")
        if focused == wanted or wanted in focused.split()[:2]:
            return
    pytest.fail(f"no way by Tab to {wanted}")


async def test_axe_finds_nothing_on_the_pages_of_rules(opened: Opened) -> None:
    """At the size of a phone and of a desk, each once in the dark."""
    found: list[str] = []
    for size, scheme in ((DESK, "light"), (PHONE, "dark")):
        page = await opened("rules.xu", size, scheme, axe=True)
        for name, path in (
            ("list", "/console/rulesets"),
            ("empty", "/console/rulesets?stage=canary"),
            ("new", "/console/rulesets/new"),
            ("questions", "/console/rulesets/new/repeated"),
            ("one", LIFT),
            ("form", f"{LIFT}/edit"),
            ("yaml", f"{LIFT}/edit?view=yaml"),
            ("shadow", f"{LIFT}/shadow"),
            ("why", "/console/rulesets/why?device=none"),
            ("fault", "/console/rulesets/faults/unknown-name"),
        ):
            await page.goto(path)
            if name in ("form", "yaml"):
                await page.wait_for_selector("[data-bench][data-ready]")
            await look_at(page, f"{name}-{size['width']}")
            found += [f"{path} {size['width']}: {fault}" for fault in await faults(page, unfolded=True)]
    assert found == [], "\n".join(found)
