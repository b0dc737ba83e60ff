"""Cases of one event, what a case covers, and who acts beside its handler, as their pages show them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from browsing import just_now
from builders import FIRE_STATION, LEI, PROPERTY, UNIT_2, WANG, Story, a_case, a_matter, a_policy
from databases import Database
from psycopg import connect
from psycopg.types.json import Jsonb

from domain.commands import AnswerJoint, CallParties
from domain.matters import Priority
from domain.people import BY_RULE

REMEMBER = """
    INSERT INTO decisions (id, ruleset, hash, rule, detection, case_id, at, explanation, effect, matter)
    VALUES (%s, 'doors', '', 'open', 'open', %s, %s, '{}', %s, %s)"""


def an_emergency() -> Story:
    matter = a_matter(a_policy(), priority=Priority.URGENT, parties=("fire-station",))
    story = a_case(matter, at=just_now()).filed().by(BY_RULE, CallParties(units=(FIRE_STATION,)))
    return story.assigned_to(PROPERTY, WANG)


async def test_a_party_finds_the_case_among_its_todos_and_answers(as_person: Any, tell: Any) -> None:
    case = await tell(an_emergency())
    lei = await as_person("fire.lei")
    assert (await lei.page("/m")).css(f"a[href='/m/cases/{case.id}']")
    page = await lei.page(f"/m/cases/{case.id}")
    assert page.css_first(".first").attributes["id"] == "do-answer_joint"
    assert not page.css("#form-answer_joint [name=unit]")
    assert "还没有答复" in page.css_first(".parties").text()


async def test_the_case_shows_who_of_the_parties_has_answered(as_person: Any, tell: Any) -> None:
    case = await tell(an_emergency().by(LEI, AnswerJoint(note="已到场警戒")))
    page = await (await as_person("duty.chen")).page(f"/console/cases/{case.id}")
    assert all(word in page.css_first(".parties").text() for word in ("已答复", "已到场警戒", "雷鸣"))
    assert "填写了会办结果" in page.css_first(".timeline").text()
    assert not (await (await as_person("fire.lei")).page("/m")).css(f"a[href='/m/cases/{case.id}']")


async def test_the_desk_answers_for_a_party_that_is_called(as_person: Any, tell: Any) -> None:
    story = a_case(a_matter(a_policy(), parties=("gas",)), at=just_now()).filed()
    case = await tell(story.by(BY_RULE, CallParties(units=("gas",), by_phone=("gas",))).assigned_to(PROPERTY, WANG))
    page = await (await as_person("dispatch.lin")).page(f"/console/cases/{case.id}")
    form = page.css_first("#form-answer_joint")
    assert [option.attributes["value"] for option in form.css("select[name=unit] option")] == ["gas"]
    assert form.css("input[name=spoken_to]")


async def test_parent_and_child_are_seen_from_both_sides(as_person: Any, tell: Any, seeded: Database) -> None:
    main = await tell(a_case(a_matter(dedupe_key="main", title="垃圾倾倒", children=1), at=just_now(60)).filed())
    child = await tell(a_case(a_matter(dedupe_key="child", title="清理现场", parent=main.id), at=just_now(50)).filed())
    with connect(seeded.owner_dsn) as connection:
        connection.execute("UPDATE cases SET parent = %s WHERE id = %s", (main.id, child.id))
    officer = await as_person("duty.chen")
    seen = (await officer.page(f"/console/cases/{main.id}")).css_first("#linked")
    assert "子案件 1 件" in seen.text()
    assert seen.css(f"a[href='/console/cases/{child.id}']")
    seen = (await officer.page(f"/console/cases/{child.id}")).css_first("#linked")
    assert "主案件" in seen.text()
    assert seen.css(f"a[href='/console/cases/{main.id}']")


async def test_what_a_case_covers_is_listed_page_by_page(as_person: Any, tell: Any, seeded: Database) -> None:
    case = await tell(a_case(at=just_now()).filed())
    officer = await as_person("duty.chen")
    assert not (await officer.page(f"/console/cases/{case.id}")).css("#covered")
    now = datetime.now(UTC)
    matters = [(n, effect) for n, effect in enumerate(["muted", "joined", "storm"] * 9)]
    with connect(seeded.owner_dsn) as connection:
        for n, effect in matters:
            matter = Jsonb({"title": f"第{n:02}扇门", "place": UNIT_2})
            connection.execute(REMEMBER, (uuid4(), case.id, now - timedelta(minutes=n), effect, matter))
        elsewhere = Jsonb({"title": "别的街道", "place": "/310110/sp/c01/"})
        connection.execute(REMEMBER, (uuid4(), case.id, now, "muted", elsewhere))
    page = await officer.page(f"/console/cases/{case.id}")
    first = page.css_first("#covered")
    assert (len(first.css("li")), "第00扇门" in first.text(), "别的街道" in first.text()) == (20, True, False)
    assert all(word in first.text() for word in ("已抑制", "已并入", "激增合并"))
    following = await officer.page(first.css_first("p a").attributes["href"])
    assert [len(following.css("#covered li")), bool(following.css("#covered p a"))] == [7, False]
