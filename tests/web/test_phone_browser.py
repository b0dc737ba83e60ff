"""The grid worker's phone in a real browser: settled in seconds, nothing lost without network, the nearest first."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import psycopg
import pytest
from axe import faults
from browsing import a_jpeg, just_now
from builders import PROPERTY, WANG, a_case, a_matter
from databases import Database
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, Route
from signing_in import sign_in

pytestmark = [pytest.mark.servers, pytest.mark.browser]
BUILDING = "/310110/kj/c07/n021/b01/"
AT_THE_DOOR = {"latitude": 31.2762, "longitude": 121.5171, "accuracy": 12}
ELSEWHERE = {"latitude": 31.2698, "longitude": 121.5275}
PHOTO: FilePayload = {"name": "bin.jpg", "mimeType": "image/jpeg", "buffer": a_jpeg(2000, 1500)}
AFTER: FilePayload = {"name": "clean.jpg", "mimeType": "image/jpeg", "buffer": a_jpeg(1500, 2000)}
MOST_TAPS = 6
SMALL = """() => [...document.querySelectorAll(
    'main button, main a[role=button], .bar a, .shot, .chips label, summary')]
    .filter((one) => one.checkVisibility() && !one.closest('.hint'))
    .map((one) => [one.outerHTML.slice(0, 60), Math.round(one.getBoundingClientRect().height)])
    .filter(([, height]) => height < 44)"""
Opened = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(chromium: Browser, address: str) -> AsyncIterator[Opened]:
    """The phone of whoever is named, on the page that is asked for."""
    contexts: list[BrowserContext] = []

    async def open_at(name: str, path: str, **given: Any) -> Page:
        size: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
        place = {"geolocation": AT_THE_DOOR, "permissions": ["geolocation"]}
        context = await chromium.new_context(base_url=address, locale="zh-CN", **(size | place | given))
        contexts.append(context)
        page = await context.new_page()
        await sign_in(page, name)
        await page.goto(path)
        return page

    yield open_at
    for context in contexts:
        await context.close()


def told(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        return connection.execute(statement.encode()).fetchall()


def settled(database: Database) -> list[tuple[Any, ...]]:
    """Findings, each with how often it was settled and how many photos it has."""
    return told(
        database,
        """SELECT (SELECT count(*) FROM case_events e WHERE e.case_id = c.id AND e.type = 'settled'),
                  (SELECT count(*) FROM evidence p WHERE p.case_id = c.id)
           FROM cases c WHERE c.ruleset = 'grid-patrol-finding'""",
    )


async def fill(page: Page, kind: str = "垃圾箱房满溢") -> None:
    await page.set_input_files("[name=photo_before]", PHOTO)
    await page.tap(f".chips label:has-text('{kind}')")
    await page.set_input_files("[name=photo_after]", AFTER)


async def back_online(page: Page) -> None:
    await page.evaluate("dispatchEvent(new Event('online'))")


async def test_a_small_thing_is_settled_in_four_taps(opened: Opened, seeded: Database) -> None:
    page = await opened("grid.fang", "/m/report")
    await page.wait_for_selector("[data-here]:has-text('双阳二村 6 号')")
    taps = 0
    for kind in ("photo_before", "photo_after"):
        async with page.expect_file_chooser() as chosen:  # the camera, on a phone
            await page.tap(f".shot:has([name={kind}])")
            taps += 1
        await (await chosen.value).set_files(PHOTO)
    assert await page.get_attribute("[name=photo_before]", "capture") == "environment"
    await page.tap(".chips label:has-text('垃圾箱房满溢')")
    await page.tap("button:has-text('已当场处置')")
    await page.wait_for_selector(".done:has-text('已当场处置：双阳二村 6 号垃圾箱房满溢')")
    assert taps + 2 <= MOST_TAPS
    assert settled(seeded) == [(1, 2)]
    assert told(seeded, "SELECT max(width) FROM evidence") == [(1600,)]


async def test_what_is_missing_is_said_before_the_phone_leaves(opened: Opened, seeded: Database) -> None:
    page = await opened("grid.fang", "/m/report")
    await page.wait_for_selector("[data-here]:has-text('双阳二村')")
    await page.set_input_files("[name=photo_before]", PHOTO)
    await page.tap(".chips label:has-text('小广告')")
    await page.tap("button:has-text('已当场处置')")
    said = await page.evaluate("document.querySelector('[name=photo_after]').validationMessage")
    assert said.startswith("当场处置要有处置后照片")
    await page.tap("button:has-text('交受理员立案')")
    await page.wait_for_selector(".done:has-text('已上报，等受理员立案')")
    assert settled(seeded) == [(0, 1)]


@pytest.mark.parametrize("seed", range(4))
async def test_wherever_the_line_is_cut_it_arrives_exactly_once(opened: Opened, seeded: Database, seed: int) -> None:
    page, luck = await opened("grid.fang", "/m/report"), random.Random(seed)
    await page.wait_for_selector("[data-here]:has-text('双阳二村')")
    cuts = [luck.choice(("before", "answer")) for _ in range(luck.randint(1, 3))]

    async def line(route: Route) -> None:
        if route.request.method != "POST" or not cuts:
            await route.continue_()
            return
        if cuts.pop(0) == "answer":  # it arrives, and the answer is lost
            await route.fetch(max_redirects=0)
        await route.abort()

    await page.route("**/m/report", line)
    await fill(page)
    await page.tap("button:has-text('已当场处置')")
    await page.wait_for_selector("[data-waiting]:has-text('已保存 1 件')")
    if luck.random() < 0.5:
        await page.reload()
    while not await page.is_visible("[data-waiting]:has-text('已送达')"):
        await back_online(page)
        await page.wait_for_timeout(100)
    assert settled(seeded) == [(1, 2)]


async def test_without_network_work_goes_on_and_what_waits_is_counted_and_listed(
    opened: Opened, seeded: Database
) -> None:
    page = await opened("grid.fang", "/m/report")
    await page.wait_for_selector("[data-here]:has-text('双阳二村')")
    await page.context.set_offline(offline=True)
    await page.wait_for_selector("[data-waiting]:has-text('没有网络，可以继续办')")
    for kind in ("垃圾箱房满溢", "小广告"):
        await fill(page, kind)
        await page.tap("button:has-text('已当场处置')")
        await page.wait_for_selector(f"[data-waiting] li:has-text('{kind}')")
    assert "没有网络，已保存 2 件，联网后自动发送" in await page.inner_text("[data-waiting]")
    assert await page.query_selector(".shot img") is None, "the form is ready for the next one"
    await page.context.set_offline(offline=False)
    await page.wait_for_selector("[data-waiting] li:has-text('小广告'):has-text('已送达')")
    await page.wait_for_selector("[data-waiting] li:has-text('垃圾箱'):has-text('已送达')")
    assert settled(seeded) == [(1, 2), (1, 2)]


async def test_a_handling_begun_without_network_is_sent_later_once(opened: Opened, tell: Any, seeded: Database) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    page = await opened("c07.wang", f"/m/cases/{case.id}")
    await page.context.set_offline(offline=True)
    await page.tap("#form-sign button[type=submit]")
    await page.wait_for_selector("#form-sign [data-keep-said]:has-text('只发一次')")
    await page.context.set_offline(offline=False)
    await page.wait_for_url("**?done=sign")
    await page.fill("#form-handle [name=note]", "已劝离")
    await page.set_input_files("#form-handle [name=photo_after]", PHOTO)
    lost = 0

    async def line(route: Route) -> None:
        nonlocal lost
        lost += 1
        if lost == 1:  # the network looks as if it were there
            await route.fetch(max_redirects=0)
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/handle", line)
    await page.tap("#form-handle button[type=submit]")
    await page.wait_for_selector(".done:has-text('处置结果已提交')")
    happened = told(seeded, f"SELECT type FROM case_events WHERE case_id = '{case.id}' ORDER BY version")
    assert [kind for (kind,) in happened][3:] == ["signed", "handled"]


async def test_a_definite_refusal_is_shown_and_what_was_typed_stays(opened: Opened, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    page = await opened("c07.wang", f"/m/cases/{case.id}")
    await page.context.set_offline(offline=True)
    await page.fill("#form-handle [name=note]", "写了很久")
    await page.tap("#form-handle button[type=submit]")
    await page.wait_for_selector("#form-handle [data-keep-said]:has-text('只发一次')")
    await page.context.set_offline(offline=False)
    await page.wait_for_selector("#form-handle [data-keep-said].refusal:has-text('还缺：处置后照片')")
    assert await page.input_value("#form-handle [name=note]") == "写了很久"
    assert await page.is_enabled("#form-handle button[type=submit]")


async def test_an_ended_session_keeps_it_for_whoever_wrote_it(opened: Opened, seeded: Database) -> None:
    page = await opened("grid.fang", "/m/report")
    await page.wait_for_selector("[data-here]:has-text('双阳二村')")
    await fill(page)
    with psycopg.connect(seeded.app_dsn) as connection:
        connection.execute("UPDATE sessions SET revoked_at = now()")
    await page.tap("button:has-text('已当场处置')")
    await page.wait_for_selector("[data-keep-said]:has-text('登录已过期')")
    await sign_in(page, "grid.yan")
    await page.goto("/m/report")
    await page.wait_for_selector("[data-here]:has-text('双阳二村')")
    await back_online(page)
    assert await page.is_hidden("[data-waiting]")
    assert settled(seeded) == [], "nobody sends what another wrote"
    await page.context.clear_cookies()
    await sign_in(page, "grid.fang")
    await back_online(page)
    await page.wait_for_selector("[data-waiting]:has-text('已送达')")
    assert settled(seeded) == [(1, 2)]


async def test_a_position_outside_the_area_is_said_at_once(opened: Opened, seeded: Database) -> None:
    page = await opened("grid.fang", "/m/report", geolocation=ELSEWHERE)
    await page.wait_for_selector("[data-here] .refusal:has-text('不在您负责的区域')")
    await fill(page)
    await page.tap("button:has-text('已当场处置')")
    assert await page.evaluate("document.querySelector('[name=place]').validationMessage") == "请选位置，或打开定位"
    await page.select_option("[name=place]", BUILDING)
    await page.tap("button:has-text('已当场处置')")
    await page.wait_for_selector(".done")
    assert settled(seeded) == [(1, 2)]


async def test_without_javascript_the_form_is_a_form(opened: Opened, seeded: Database) -> None:
    page = await opened("grid.fang", "/m/report", java_script_enabled=False)
    await page.select_option("[name=place]", BUILDING)
    await fill(page)
    await page.click("button:has-text('已当场处置')")
    await page.wait_for_selector(".done:has-text('已当场处置')")
    assert settled(seeded) == [(1, 2)]


async def test_the_nearest_first_with_one_tap_and_in_the_address(opened: Opened, tell: Any) -> None:
    far = await tell(a_case(at=just_now(200)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    near = a_matter(dedupe_key="b", place=f"{BUILDING}u1/")
    near = await tell(a_case(near, at=just_now(3)).filed().assigned_to(PROPERTY, WANG))
    page = await opened("c07.wang", "/m")

    async def order() -> list[str]:
        found: list[str] = await page.eval_on_selector_all(".todo", "all => all.map((one) => one.dataset.liveRow)")
        return found

    assert await order() == [str(far.id), str(near.id)]
    await page.tap("[data-sort=distance]")
    await page.wait_for_selector(f"#todo-{near.id} [data-distance]:has-text('10 米')")
    assert await order() == [str(near.id), str(far.id)]
    assert page.url.endswith("/m?sort=distance")
    await page.reload()
    await page.wait_for_selector(f"#todo-{far.id} [data-distance]:has-text('160 米')")
    assert await order() == [str(near.id), str(far.id)]
    await page.evaluate("htmx.ajax('GET', '/m', {source: '#todos', target: '#todos', swap: 'outerMorph'})")
    await page.wait_for_selector(f"#todo-{far.id} [data-distance]:has-text('160 米')")
    await page.wait_for_function(f"document.querySelector('.todo').dataset.liveRow === '{near.id}'")
    await page.tap("[data-sort=due]")
    await page.wait_for_url("**/m")
    assert await order() == [str(far.id), str(near.id)]


async def test_without_a_position_the_list_stays_by_due_date(opened: Opened, tell: Any) -> None:
    late = await tell(a_case(at=just_now(200)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    page = await opened("c07.wang", "/m?sort=distance", permissions=[])
    await page.wait_for_selector("[data-sort-said]:has-text('没有取到定位，仍按时限排序')")
    assert await page.get_attribute(".todo", "data-live-row") == str(late.id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_a_thumb_hits_everything(opened: Opened, tell: Any, scheme: str) -> None:
    await tell(a_case(a_matter(dedupe_key="b", place=f"{BUILDING}u1/"), at=just_now(3)).filed())
    page = await opened("grid.fang", "/m/report", color_scheme=scheme, bypass_csp=True)
    for path in ("/m/report", "/m/patrol", f"/m/at?place={BUILDING}", f"/m/report?place={BUILDING}"):
        await page.goto(path)
        if "place" not in path:
            await page.wait_for_selector(".here strong")
        await page.context.set_offline(offline=True)
        await page.wait_for_selector("[data-waiting]:has-text('没有网络')")
        assert (path, await faults(page, unfolded=True)) == (path, [])
        assert (path, await page.evaluate(SMALL)) == (path, [])
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        await page.context.set_offline(offline=False)


async def test_being_there_is_one_tap_and_is_kept_without_network(opened: Opened, seeded: Database) -> None:
    page = await opened("grid.fang", "/m/patrol")
    await page.wait_for_selector(".check-in")
    await page.context.set_offline(offline=True)
    await page.tap("button:has-text('巡查打卡')")
    await page.wait_for_selector("[data-waiting] li:has-text('巡查打卡')")
    await page.context.set_offline(offline=False)
    await page.wait_for_selector("[data-waiting] li:has-text('已送达')")
    assert told(seeded, "SELECT via, place FROM patrol_checks") == [("position", BUILDING)]
