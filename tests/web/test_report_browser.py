"""The resident's phone: three taps beside the typing, nothing lost in a tunnel, large print, and without JavaScript."""

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from axe import faults
from browsing import a_jpeg, just_now
from builders import DUTY_OFFICER, INSPECTOR, PROPERTY, WANG, a_case, a_residents_matter
from databases import Database
from playwright.async_api import Browser, Page, Route

pytestmark = [pytest.mark.servers, pytest.mark.browser]
STEPS = ("photo", "place", "text", "contact", "send")
PHONE = {"width": 360, "height": 740}
BUILDING = "/310110/kj/c07/n021/b03/"
AT_THE_DOOR = {"latitude": 31.2754, "longitude": 121.5183}
PHOTO = {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": a_jpeg(2000, 1500)}
SMALL = """() => [...document.querySelectorAll(
    'main a, main button, main select, main textarea, main summary, main label:has(input), main input')]
    .filter((one) => one.checkVisibility() && !one.closest('.trap, label label, .leaflet-container, .hint, p.refusal'))
    .filter((one) => one.tagName !== 'LABEL' || one.matches('.chips *, .choices *, .stars *, .elsewhere'))
    .filter((one) => !one.matches('label input[type=radio], label input[type=checkbox]'))
    .map((one) => [one.outerHTML.slice(0, 80), Math.round(one.getBoundingClientRect().height)])
    .filter(([, height]) => height < 44)"""
SMALLEST_TEXT = """() => Math.min(...[...document.querySelectorAll('main small, main .hint')]
    .map((one) => parseFloat(getComputedStyle(one).fontSize)))"""
Opened = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(address: str, chromium: Browser) -> Opened:
    """A resident's phone; nobody is signed in."""

    async def open_at(path: str, **given: Any) -> Page:
        options = {"viewport": PHONE, "locale": "zh-CN", "has_touch": True, "base_url": address, **given}
        page = await (await chromium.new_context(**options)).new_page()
        await page.goto(path)
        return page

    return open_at


def reports(database: Database) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        found = connection.execute("SELECT text, place, lat IS NOT NULL, follows FROM reports ORDER BY received_at")
        return found.fetchall()


async def test_three_taps_and_the_place_is_found_by_itself(opened: Opened, seeded: Database) -> None:
    page = await opened("/report", permissions=["geolocation"], geolocation=AT_THE_DOOR)
    taps = 0
    await page.wait_for_selector("[data-pin-said]:has-text('双阳二村')", state="attached")
    async with page.expect_file_chooser() as chosen:
        await page.tap(".photo >> nth=0")
        taps += 1
    await (await chosen.value).set_files(PHOTO)
    await page.tap(".chips label:has-text('灯不亮')")
    taps += 1
    await page.tap("button.main:has-text('发送')")
    taps += 1
    await page.wait_for_url("**/f/*")
    assert taps == 3
    assert "已经收到" in await page.inner_text("h1")
    ((text, place, located, _),) = reports(seeded)
    assert (text, place, located) == ("楼道灯或路灯不亮，请来修。", BUILDING, True)
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        assert connection.execute("SELECT width, height FROM report_photos").fetchall() == [(1600, 1200)]


async def test_a_phone_in_a_tunnel_loses_nothing_and_sends_once(opened: Opened, seeded: Database) -> None:
    page = await opened(f"/report?place={BUILDING}")
    tried = 0

    async def tunnel(route: Route) -> None:
        nonlocal tried
        if route.request.method != "POST":
            await route.continue_()
            return
        tried += 1
        if tried == 2:  # it arrives, and the answer is lost
            await route.fetch(max_redirects=0)
        await (route.continue_() if tried > 3 else route.abort())

    await page.route("**/report", tunnel)
    await page.set_input_files("input[name=photo] >> nth=0", PHOTO)
    await page.fill("textarea[name=text]", "隧道里也要发出去")
    await page.click("button.main")
    await page.wait_for_selector("[data-keep-said]:has-text('已经存在这部手机里')")
    await page.reload()
    await page.wait_for_selector("[data-waiting]:has-text('1 件等着发送')")
    assert await page.input_value("textarea[name=text]") == ""
    await page.wait_for_selector("[data-waiting] a:has-text('看进度')", timeout=20000)
    assert tried == 4
    assert [text for text, *_ in reports(seeded)] == ["隧道里也要发出去"]
    await page.click("[data-waiting] a:has-text('看进度')")
    await page.wait_for_selector("text=隧道里也要发出去")


async def test_what_is_typed_survives_a_reload(opened: Opened) -> None:
    page = await opened("/report")
    await page.fill("textarea[name=text]", "写到一半")
    await page.reload()
    assert await page.input_value("textarea[name=text]") == "写到一半"


async def test_a_refusal_is_shown_and_the_form_can_be_mended(opened: Opened, seeded: Database) -> None:
    page = await opened(f"/report?place={BUILDING}")
    await page.fill("textarea[name=text]", "灯坏了")
    await page.fill("[name=phone]", "12")
    await page.click("button.main")
    await page.wait_for_selector("[data-beside=phone]:visible:has-text('不像电话号码')")
    await page.fill("[name=phone]", "13812345678")
    await page.click("button.main")
    await page.wait_for_url("**/f/*")
    assert len(reports(seeded)) == 1


async def test_me_too_follows_instead_of_opening_another(opened: Opened, tell: Any, seeded: Database) -> None:
    case = await tell(a_case(a_residents_matter(), at=just_now()).filed())
    page = await opened("/report", permissions=["geolocation"], geolocation=AT_THE_DOOR)
    await page.tap("#nearby button:has-text('我也遇到了')")
    await page.wait_for_url("**/f/*")
    assert [follows for *_, follows in reports(seeded)] == [case.id]


async def test_without_javascript_the_form_still_reports(opened: Opened, seeded: Database) -> None:
    page = await opened("/report", java_script_enabled=False)
    await page.set_input_files("input[name=photo] >> nth=0", PHOTO)
    await page.select_option("select[name=place]", BUILDING)
    await page.fill("textarea[name=text]", "没有脚本")
    await page.click("button.main")
    assert "已经收到" in await page.inner_text("h1")
    assert [text for text, *_ in reports(seeded)] == ["没有脚本"]


async def test_elders_see_one_block_a_screen_with_large_targets(opened: Opened, seeded: Database) -> None:
    page = await opened("/report?elder=1", java_script_enabled=False)
    sizes = await opened("/report?elder=1")
    assert await sizes.evaluate("parseFloat(getComputedStyle(document.querySelector('textarea')).fontSize)") >= 18
    assert await sizes.evaluate(SMALLEST_TEXT) >= 18
    for step in STEPS:
        assert await page.locator(".step:visible").count() == 1
        assert await page.is_visible(f"#step-{step}")
        if step == "place":
            await page.select_option("select[name=place]", BUILDING)
        if step == "text":
            await page.fill("textarea[name=text]", "灯坏了，看不见路")
        if step != STEPS[-1]:
            await page.click(f"#step-{step} a:has-text('下一步')")
    await page.click("button.main:visible")
    assert "已经收到" in await page.inner_text("h1")
    assert len(reports(seeded)) == 1


@pytest.mark.parametrize("elder", ["0", "1"])
async def test_every_target_is_large_enough_and_axe_finds_nothing(opened: Opened, tell: Any, elder: str) -> None:
    await tell(a_case(a_residents_matter(), at=just_now()).filed())
    for scheme in ("light", "dark"):
        page = await opened(
            f"/report?elder={elder}",
            permissions=["geolocation"],
            geolocation=AT_THE_DOOR,
            bypass_csp=True,
            color_scheme=scheme,
        )
        for step in STEPS:
            await page.goto(f"/report?elder={elder}#step-{step}")
            await page.wait_for_selector("[data-pin-said]:has-text('双阳二村')", state="attached")
            assert await page.evaluate(SMALL) == [], step
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), step
            assert await faults(page) == [], (step, scheme)


async def test_the_follow_page_is_clean_in_both_sizes(opened: Opened, tell: Any, seeded: Database) -> None:
    page = await opened(f"/report?place={BUILDING}", bypass_csp=True)
    await page.fill("textarea[name=text]", "楼道灯不亮了三天，" * 8)
    await page.click("button.main")
    await page.wait_for_url("**/f/*")
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        (report,) = connection.execute("SELECT id FROM reports").fetchone() or ()
    story = a_case(a_residents_matter(report=report, category="street-light"), at=just_now(60)).filed()
    story.assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG).passed_by(INSPECTOR)
    await tell(story.closed(DUTY_OFFICER, reply="灯已换好，谢谢您告诉我们。"))
    for elder in ("0", "1"):
        await page.goto(f"/report?elder={elder}")
        await page.go_back()
        await page.wait_for_selector("text=灯已换好")
        await page.click("summary:has-text('问题没解决')")
        assert await page.evaluate(SMALL) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await faults(page) == []
