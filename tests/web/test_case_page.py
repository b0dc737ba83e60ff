"""What a case's page shows beside its forms: its clocks, what holds it up, what it is part of."""

from datetime import timedelta
from typing import Any

from browsing import just_now
from builders import DUTY_OFFICER, LI, PROPERTY, REPORTER, WANG, Story, a_case, a_matter, a_policy, a_residents_matter
from databases import Database

from domain.matters import Limits
from store.calendars import newest
from store.pool import pool


def at_wang(**changes: Any) -> Story:
    matter = a_matter(a_policy(return_within=timedelta(hours=24)), **changes)
    return a_case(matter, at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)


async def test_what_holds_a_case_up_stands_under_its_clock(as_person: Any, tell: Any) -> None:
    asking = await tell(at_wang().asked_for("extension", hours=8))
    officer = await as_person("duty.chen")
    page = await officer.page(f"/console/cases/{asking.id}")
    told = page.css_first(".standing").text()
    assert all(part in told for part in ("王建国申请延期", "8 小时", "要等配件", "等待审批"))
    assert page.css_first(".first").attributes["id"] == "do-rule_on"
    returned = await tell(at_wang(dedupe_key="r").returned_by(WANG))
    told = (await officer.page(f"/console/cases/{returned.id}")).css_first(".standing").text()
    assert all(
        part in told for part in ("王建国退单，认为归控江街道综合行政执法队", "占道经营归综合执法", "第 1 次退单")
    )
    paused = await tell(at_wang(dedupe_key="p").waiting_for("other", days=2))
    page = await officer.page(f"/console/cases/{paused.id}")
    assert "暂停到" in page.css_first(".clock").text()
    assert "等其他单位" in page.css_first(".standing").text()


async def test_both_clocks_are_said_where_they_differ(as_person: Any, tell: Any) -> None:
    case = await tell(at_wang())
    clocks = [clock.text() for clock in (await (await as_person("c07.wang")).page(f"/m/cases/{case.id}")).css(".clock")]
    assert ["本环节时限" in clocks[0], "办结时限" in clocks[1], len(clocks)] == [True, True, 2]


async def test_links_are_seen_from_both_sides_and_so_is_what_else_there_was(as_person: Any, tell: Any) -> None:
    main = a_case(a_matter(dedupe_key="main", title="主件在此"), at=just_now(60)).filed()
    kept = await tell(main)
    follower = await tell(a_case(at=just_now(50)).filed().linked_to(kept))
    officer = await as_person("duty.chen")
    seen = (await officer.page(f"/console/cases/{kept.id}")).css_first("#linked")
    assert "从件 1 件" in seen.text()
    assert seen.css(f"a[href='/console/cases/{follower.id}']")
    page = await officer.page(f"/console/cases/{follower.id}")
    assert page.css(f".standing a[href='/console/cases/{kept.id}']")
    assert page.css(f"#linked a[href='/console/cases/{kept.id}']")


async def test_a_closed_case_shows_its_reply_and_its_rating(as_person: Any, tell: Any) -> None:
    story = a_case(a_residents_matter(), at=just_now(60)).filed().assigned_to(PROPERTY, LI).signed_by(LI)
    story = (
        story.handled_by(LI).passed_by(WANG).closed(DUTY_OFFICER, "电瓶车已搬走").rated(2, solved=False, by=REPORTER)
    )
    case = await tell(story)
    page = await (await as_person("duty.chen")).page(f"/console/cases/{case.id}")
    assert "诉求人评价 2 星" in page.css_first(".standing").text()
    assert "问题没解决" in page.css_first(".standing").text()
    assert "电瓶车已搬走" in page.css_first(".what").text()


async def test_a_deadline_in_a_year_without_a_table_says_that_it_is_a_guess(
    as_person: Any, tell: Any, seeded: Database
) -> None:
    async with pool(seeded.app_dsn, most=2) as connections, connections.connection() as connection:
        calendars = await newest(connection)
    far = Limits(overall=timedelta(hours=8 * 1000), handle=timedelta(hours=1))
    matter = a_matter(a_policy(limits=far, calendar="working-days"))
    story = a_case(matter, at=just_now(), calendars=calendars).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    case = await tell(story)
    page = await (await as_person("c07.wang")).page(f"/m/cases/{case.id}")
    near, distant = (clock.text() for clock in page.css(".clock"))
    assert ("按周末推算" in near, "按周末推算" in distant) == (False, True)
