"""Maps in a real browser: they draw, a dot opens its case, a pin finds its place, and nobody is shut out."""

from typing import Any

import pytest
from axe import faults
from browsing import just_now
from builders import PROPERTY, WANG, a_case, a_matter
from playwright.async_api import Page

pytestmark = pytest.mark.browser
DRAWN = "#map[data-ready='{count}']"
COLOURS = """() => new Promise((done) => map.caseMap.map.once('render', () => {
    const drawn = map.caseMap.map.getCanvas();
    const flat = Object.assign(document.createElement('canvas'), { width: 200, height: 200 });
    const pen = flat.getContext('2d');
    pen.drawImage(drawn, 0, 0, 200, 200);
    done(new Set(new Uint32Array(pen.getImageData(0, 0, 200, 200).data.buffer)).size);
}).triggerRepaint())"""
SPOT = """() => { const { x, y } = map.caseMap.map.project(map.caseMap.shown.cases.features[0].geometry.coordinates);
    const box = map.caseMap.map.getCanvas().getBoundingClientRect(); return [box.x + x, box.y + y]; }"""


async def drawn(page: Page, count: int) -> Page:
    await page.wait_for_selector(DRAWN.format(count=count))
    return page


@pytest.mark.parametrize("path", ["/board", "/console/map"])
async def test_a_map_is_drawn_and_its_dot_opens_the_case(before: Any, tell: Any, path: str) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    page = await drawn(await before(path, "duty.chen"), 1)
    assert await page.evaluate(COLOURS) > 10
    await page.mouse.click(*await page.evaluate(SPOT))
    await page.wait_for_url(f"**/console/cases/{case.id}")


async def test_a_page_that_shows_the_case_itself_keeps_the_reader_on_it(before: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed())
    page = await drawn(await before("/console/map", "duty.chen"), 1)
    await page.evaluate(
        "addEventListener('map:case', (one) => { one.preventDefault(); document.title = one.detail.id; })"
    )
    await page.mouse.click(*await page.evaluate(SPOT))
    await page.wait_for_function("(id) => document.title === id", arg=str(case.id))
    assert page.url.endswith("/console/map")


async def test_the_wall_moves_by_itself(before: Any, tell: Any) -> None:
    page = await drawn(await before("/board", "duty.chen"), 0)
    await page.wait_for_function("document.documentElement.dataset.stream === 'open'")
    await tell(a_case(at=just_now()).filed())
    await drawn(page, 1)
    await page.wait_for_selector("#wall-news li >> text=双阳二村 12 号")
    await page.wait_for_selector(".wall-numbers li:nth-child(4) strong >> text=1")
    await page.wait_for_selector(".wall-hot li strong >> text=1")


async def test_the_list_beside_the_map_leads_to_the_same_cases(before: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed())
    page = await drawn(await before("/console/map", "duty.chen", 360, 740), 1)
    await page.focus("summary >> text=列表显示")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/console/cases/{case.id}")


async def test_a_tap_on_the_ground_fills_place_and_point(before: Any) -> None:
    page = await before("/report", "", 360, 740)
    await page.click("[data-pin-ground]")
    await page.wait_for_selector("[data-pin-said] >> text=位置：")
    place = await page.input_value("select[name=place]")
    assert place.startswith("/310110/kj/")
    assert 31.26 < float(await page.input_value("[name=lat]")) < 31.29
    assert 121.51 < float(await page.input_value("[name=lon]")) < 121.54


async def test_the_choice_of_places_moves_the_pin_and_names_no_point(before: Any) -> None:
    page = await before("/report", "", 360, 740)
    await page.wait_for_selector(".area.level-5")
    await page.select_option("select[name=place]", "/310110/kj/c07/n021/b02/")
    await page.wait_for_selector("[data-pin-said] >> text=位置：双阳二村 8 号")
    assert await page.is_visible(".pin-mark")
    assert await page.input_value("[name=lat]") == ""


async def test_ones_own_position_is_a_pin(before: Any) -> None:
    page = await before(
        "/report",
        "",
        360,
        740,
        geolocation={"latitude": 31.2762, "longitude": 121.5171},
        permissions=["geolocation"],
    )
    await page.click("text=用我现在的位置")
    await page.wait_for_selector("[data-pin-said] >> text=位置：双阳二村 6 号")
    assert await page.input_value("select[name=place]") == "/310110/kj/c07/n021/b01/"


async def test_without_javascript_the_choice_of_places_is_left(before: Any) -> None:
    page = await before("/report", "", 360, 740, java_script_enabled=False)
    assert await page.is_visible("select[name=place]")
    assert not await page.is_visible("[data-pin-ground]")
    assert not await page.is_visible("[data-pin-locate]")


LOOKS = [((1920, 1080), "light"), ((768, 1024), "dark"), ((360, 740), "light"), ((360, 740), "dark")]


async def test_axe_finds_nothing_and_nothing_is_too_wide(before: Any, tell: Any) -> None:
    for n in range(3):
        await tell(a_case(a_matter(dedupe_key=str(n)), at=just_now(500 * n + 5)).filed().assigned_to(PROPERTY, WANG))
    found = []
    for size, scheme in LOOKS:
        for path in ("/board", "/console/map", "/console/cases?light=overdue&today=received"):
            page = await before(path, "duty.chen", *size, color_scheme=scheme, bypass_csp=True)
            if "cases" not in path:
                await drawn(page, 3)
            found += [f"{path} {size[0]} {scheme}: {fault}" for fault in await faults(page, unfolded=True)]
            await page.context.close()
    assert found == [], "\n".join(found)
