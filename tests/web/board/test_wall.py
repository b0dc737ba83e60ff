"""The wall board: its numbers are the lists they lead to, it names nobody, and it is as wide as its viewer's sight."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from browsing import Browser, just_now
from builders import INSPECTOR, LI, PROPERTY, WANG, Story, a_case, a_matter, a_policy
from databases import Database
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from domain.cases import Light
from domain.lifecycle import light
from domain.matters import Limits
from web.board.wall.queries import NUMBERS

FARTHER = "/310110/kj/c08/n023/b02/"
SECRETS = ("张美丽", "13912345678", "楼上漏水三天了")
QUICK = a_policy(limits=Limits(overall=timedelta(minutes=10), handle=timedelta(minutes=10)))


def stories() -> list[Story]:
    """One in each state that the wall counts apart."""
    assigned = a_case(a_matter(dedupe_key="a"), at=just_now(4)).filed().assigned_to(PROPERTY, WANG)
    handled = a_case(a_matter(dedupe_key="h"), at=just_now(9)).filed().assigned_to(PROPERTY, LI).signed_by(LI)
    return [
        a_case(a_matter(dedupe_key="r"), at=just_now(2)),
        assigned,
        handled,
        a_case(a_matter(QUICK, dedupe_key="y"), at=just_now(10)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG),
        a_case(a_matter(dedupe_key="o", place=FARTHER), at=just_now(900)).filed().assigned_to(PROPERTY, WANG),
        a_case(a_matter(dedupe_key="c"), at=just_now(30))
        .filed()
        .assigned_to(PROPERTY, LI)
        .signed_by(LI)
        .handled_by(LI)
        .passed_by(INSPECTOR)
        .closed(),
        a_case(a_matter(dedupe_key="l"), at=just_now(3000)).filed(),
    ]


async def length(browser: Browser, address: str) -> int:
    """How many cases the list behind an address has, page after page."""
    page = await browser.page(address)
    following = page.css_first("a[rel=next]")
    return len(page.css(".rows li")) + (await length(browser, following.attributes["href"] or "") if following else 0)


def figures(wall: HTMLParser) -> dict[str, tuple[str, str]]:
    """Each number's address and figure by its name."""
    links = wall.css(".wall-numbers a")[: len(NUMBERS)]
    return {
        name: (link.attributes["href"] or "", link.css_first("strong").text())
        for name, link in zip(NUMBERS, links, strict=True)
    }


async def test_every_number_is_as_long_as_the_list_it_leads_to(as_person: Any, tell: Any) -> None:
    for story in stories():
        await tell(story)
    duty = await as_person("duty.chen")
    wall = await duty.page("/board")
    found = figures(wall)
    assert {name: int(figure) for name, (_, figure) in found.items()} == {
        name: await length(duty, address) for name, (address, _) in found.items()
    }
    assert int(found["open"][1]) == 6
    assert int(found["overdue"][1]) >= 2
    places = {link.attributes["href"]: int(link.css_first("strong").text()) for link in wall.css(".wall-hot li a")} | {
        link.attributes["href"]: int(link.text()) for link in wall.css(".wall-committees td a")
    }
    assert places == {address: await length(duty, address or "") for address in places}
    assert sum(places.values()) > 0


async def test_lists_by_light_agree_with_the_light_of_each_case(as_person: Any, tell: Any) -> None:
    told = [await tell(story) for story in stories()]
    duty = await as_person("duty.chen")
    for wanted in Light:
        answer = await duty.get("/api/v1/cases", params={"light": wanted.value})
        listed = {item["id"] for item in answer.json()["items"]}
        assert listed == {str(case.id) for case in told if not case.settled and light(case, just_now(0)) is wanted}


async def test_a_list_that_happened_today_goes_on_over_its_pages(as_person: Any, tell: Any) -> None:
    for n in range(53):
        await tell(a_case(a_matter(dedupe_key=str(n)), at=just_now(0.5)).filed())
    duty = await as_person("duty.chen")
    assert figures(await duty.page("/board"))["filed"][1] == "53"
    assert await length(duty, "/console/cases?today=filed") == 53


async def test_how_long_a_signature_took_is_averaged(as_person: Any, tell: Any) -> None:
    for minutes in (8, 16):
        story = a_case(a_matter(dedupe_key=str(minutes)), at=just_now(30)).filed().assigned_to(PROPERTY, WANG)
        await tell(story.after(minutes=minutes - 1).signed_by(WANG))
    duty = await as_person("duty.chen")
    last = (await duty.page("/board")).css(".wall-numbers a")[-1]
    assert last.css_first("strong").text() == "12 分钟"
    assert await length(duty, last.attributes["href"] or "") == 2


@pytest.mark.parametrize("path", ["/board", "/board/numbers", "/board/news", "/board/ground", "/board/cases"])
async def test_the_wall_names_nobody(as_person: Any, tell: Any, path: str) -> None:
    name, phone, words = SECRETS
    personal = a_matter(title=f"{name} {phone}：{words}", text="".join(SECRETS), place="/310110/kj/c07/n021/b03/u2/")
    await tell(a_case(personal, at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    html = (await (await as_person("super.zhou")).get(path)).text
    assert [said for said in (*SECRETS, "王建国", "单元") if said in html] == []


async def test_the_wall_tells_the_newest_first(as_person: Any, tell: Any) -> None:
    await tell(a_case(a_matter(dedupe_key="1"), at=just_now(20)).filed().assigned_to(PROPERTY, WANG))
    await tell(a_case(a_matter(dedupe_key="2", place=FARTHER), at=just_now(5)).filed())
    news = (await (await as_person("duty.chen")).page("/board/news")).css("#wall-news li")
    assert [line.css_first(".happened").text() for line in news] == ["立案", "派遣", "立案"]
    assert "凤城新苑 2 号" in news[0].text()


async def test_the_wall_is_empty_in_words(as_person: Any) -> None:
    wall = await (await as_person("duty.chen")).page("/board")
    assert "一天来还没有动静" in wall.text()
    assert "今天还没有收到案件" in wall.text()
    assert {figure for _, figure in figures(wall).values()} == {"0"}


async def test_a_wall_shows_only_what_its_viewer_may_see(as_person: Any, tell: Any, seeded: Database) -> None:
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("UPDATE people SET areas = '{/310110/kj/c08/}' WHERE name = 'duty.chen'")
    for story in stories():
        await tell(story)
    duty = await as_person("duty.chen")
    wall = await duty.page("/board")
    assert figures(wall)["open"][1] == "1"
    assert [row.text() for row in wall.css(".wall-committees tbody th")] == ["凤城居委"]
    assert len((await duty.get("/console/map/cases.json")).json()["features"]) == 1
    areas = (await duty.get("/console/map/areas.json")).json()["features"]
    assert {area["properties"]["path"][:16] for area in areas} == {"/310110/kj/c08/n", "/310110/kj/c08/"}


@pytest.mark.parametrize("name", ["c07.wang", "inspect.deng", "devices.he"])
async def test_the_wall_is_the_duty_desks(as_person: Any, name: str) -> None:
    person = await as_person(name)
    assert (await person.get("/board")).status_code == 403
    assert (await person.get("/board/cases")).status_code == 403


async def test_the_public_ground_has_outlines_and_nothing_that_happened(anybody: Browser, tell: Any) -> None:
    await tell(a_case(at=just_now()).filed())
    found = (await anybody.get("/report/areas.json")).json()["features"]
    assert len(found) == 45
    assert {key for area in found for key in area["properties"]} == {"path", "label", "level", "lat", "lon"}
    assert (await anybody.get("/console/map/cases.json")).status_code in (303, 401)


async def test_a_condition_that_is_none_is_refused(as_person: Any) -> None:
    duty = await as_person("duty.chen")
    for query in ("light=red", "today=yesterday", "tier=city", "pause=lunch"):
        assert (await duty.get(f"/console/cases?{query}")).status_code == 422


async def test_a_list_says_what_it_is_narrowed_to_and_how_to_widen_it(as_person: Any) -> None:
    page = await (await as_person("duty.chen")).page("/console/cases?light=overdue&stage=handling")
    chip = page.css_first(".chip")
    assert ("超期" in chip.text(), chip.attributes["href"]) == (True, "/console/cases?stage=handling")
