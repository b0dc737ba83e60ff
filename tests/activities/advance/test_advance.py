"""Turns of a case on a real Postgres: whom it is given to, and what is remembered."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import DISPATCHER, DUTY_OFFICER, ENFORCEMENT, GAS, PROPERTY, a_matter, a_policy
from turns import Turns

from activities.advance import House
from domain.cases import Case, NewCase, RequestKind, Stage
from domain.commands import Ask, Handle, ReturnIt, RuleOnReturn, Sign, WaitFor
from domain.events import Dispatched
from domain.lifecycle import evolve, overall_due
from domain.matters import Limits, Matter
from rules.calendars import load_calendar
from store.calendars import import_calendar
from store.case_pages import Filter, list_cases
from store.pool import viewed_by

pytestmark = pytest.mark.servers
RETURNABLE = a_policy(return_within=timedelta(hours=2))
ELSEWHERE_IN_C07, IN_C08 = "/310110/kj/c07/n022/b01/", "/310110/kj/c08/n023/b01/"
NOT_OURS = ReturnIt(owner=ENFORCEMENT, ground="占道归综合执法")
WORKING_DAYS = load_calendar(Path(__file__).parents[3] / "rulesets" / "calendars" / "cn-working-days.yaml")
TODO = "SELECT kind, role, unit, person FROM tasks WHERE case_id = %s AND done_at IS NULL"


def returnable(place: str, key: str, **changes: Any) -> Matter:
    return a_matter(RETURNABLE, place=place, dedupe_key=key, skills=(), **changes)


async def how_dispatched(turns: Turns, matter: Matter) -> tuple[str, str]:
    """Unit and ground of a new case of `matter`."""
    record = await turns.record(await turns.begun(matter))
    [dispatched] = [one.event for one in record if isinstance(one.event, Dispatched)]
    return dispatched.unit, dispatched.ground


async def test_what_is_stored_folds_to_the_case_with_its_clocks(turns: Turns) -> None:
    case_id = await turns.begun(a_matter())
    holder = await turns.holder(case_id)
    case = await turns.done(case_id, holder, Sign(), Ask(kind=RequestKind.EXTENSION, reason="要等配件", hours=3))
    folded: Case | NewCase = NewCase(id=case_id)
    for recorded in await turns.record(case_id):
        folded = evolve(folded, recorded)
    assert folded == case
    assert await turns.rows("SELECT awaits FROM cases") == [("request",)]


async def test_a_granted_return_goes_to_the_owner_at_once(turns: Turns) -> None:
    case_id = await turns.begun(returnable(a_matter().place, "one"))
    await turns.done(case_id, await turns.holder(case_id), NOT_OURS)
    assert await turns.rows("SELECT awaits FROM cases") == [("return",)]
    case = await turns.done(case_id, DISPATCHER, RuleOnReturn(granted=True))
    assert (case.stage, case.unit, case.returned) == (Stage.ASSIGNED, ENFORCEMENT, None)
    assert (await turns.holder(case_id)).unit == ENFORCEMENT


async def test_a_granted_return_is_a_precedent_for_the_next_case_around_there(turns: Turns) -> None:
    case_id = await turns.begun(returnable(a_matter().place, "one"))
    await turns.done(case_id, await turns.holder(case_id), NOT_OURS)
    assert await how_dispatched(turns, returnable(a_matter().place, "too early")) == (PROPERTY, "least-load")
    await turns.done(case_id, DISPATCHER, RuleOnReturn(granted=True))
    assert await how_dispatched(turns, returnable(ELSEWHERE_IN_C07, "two")) == (ENFORCEMENT, "precedent")
    assert await how_dispatched(turns, returnable(IN_C08, "three")) == ("property-c08", "least-load")
    other = returnable(ELSEWHERE_IN_C07, "four", category="door")
    assert await how_dispatched(turns, other) == (PROPERTY, "least-load")


async def test_what_was_upheld_is_no_precedent(turns: Turns) -> None:
    case_id = await turns.begun(returnable(a_matter().place, "one"))
    await turns.done(case_id, await turns.holder(case_id), NOT_OURS)
    await turns.done(case_id, DISPATCHER, RuleOnReturn(granted=False, note="楼内归物业"))
    assert await how_dispatched(turns, returnable(ELSEWHERE_IN_C07, "two")) == (PROPERTY, "least-load")


async def test_a_unit_without_accounts_is_reached_by_telephone(turns: Turns) -> None:
    case_id = await turns.begun(a_matter(handler="gas", skills=()))
    case = await turns.case(case_id)
    assert (case.unit, case.by_phone, case.person) == (GAS, True, None)
    assert await turns.rows(TODO, case_id) == [("sign", "dispatcher", None, None)]
    refused = await turns.give(case_id, DISPATCHER, Sign())
    assert (refused.accepted, refused.code) == (False, "spoken-to-missing")
    await turns.done(case_id, DISPATCHER, Sign(spoken_to="李师傅"))
    assert await turns.rows(TODO, case_id) == [("handle", "dispatcher", None, None)]
    case = await turns.done(case_id, DUTY_OFFICER, Handle(outcome="solved", note="已修", spoken_to="李师傅"))
    assert case.stage is Stage.INSPECTING


async def test_a_new_calendar_plans_an_open_case_anew(turns: Turns) -> None:
    days = Limits(overall=timedelta(hours=400), handle=timedelta(hours=200))
    case_id = await turns.begun(a_matter(a_policy(limits=days, calendar=WORKING_DAYS.name)))
    before = overall_due(await turns.case(case_id))
    mornings = WORKING_DAYS.model_copy(update={"version": "2026.9", "hours": WORKING_DAYS.hours[:1]})
    async with turns.connections.connection() as connection:
        assert await import_calendar(connection, mornings, "sysadmin.gu")
    await turns.move(case_id)
    case, record = await turns.case(case_id), await turns.record(case_id)
    after = overall_due(case)
    assert (record[-1].event.type, record[-1].transport, record[-1].plan) == ("replanned", "system", case.plan)
    assert before is not None
    assert after is not None
    assert after > before + timedelta(days=20)
    assert await turns.rows("SELECT due_at FROM cases") != [(before,)]
    assert await turns.rows("SELECT FROM case_inbox") == []


async def test_another_process_counts_by_the_new_calendar_too(turns: Turns) -> None:
    other = replace(turns, house=House("KJ", turns.house.zone))
    by_day = a_policy(calendar=WORKING_DAYS.name)
    await other.begun(a_matter(by_day, dedupe_key="one"))  # has read the calendars
    newer = WORKING_DAYS.model_copy(update={"version": "2026.9"})
    async with turns.connections.connection() as connection:
        await import_calendar(connection, newer, "sysadmin.gu")
    case = await other.case(await other.begun(a_matter(by_day, dedupe_key="two")))
    assert case.plan is not None
    assert {clock.calendar_version for clock in case.plan.clocks} >= {"2026.9"}


async def test_an_open_case_always_has_a_day_to_be_listed_by_though_its_clocks_stand(turns: Turns) -> None:
    """Lists continue behind the last row's date; a row without one would never be reached."""
    cases = [await turns.begun(returnable(place, place)) for place in (ELSEWHERE_IN_C07, IN_C08, a_matter().place)]
    waiting = await turns.case(cases[1])
    until = waiting.received_at + timedelta(days=3)
    paused = WaitFor(whom="other", until=until, reason="等电力公司")
    await turns.done(cases[1], await turns.holder(cases[1]), paused)
    assert await turns.rows("SELECT due_at FROM cases WHERE id = %s", cases[1]) == [(until,)]
    seen, after = [], None
    async with viewed_by(turns.connections, ("/",)) as connection:
        for _ in cases:
            page = await list_cases(connection, Filter(stage=Stage.ASSIGNED), after, limit=1)
            seen += [row.case.id for row in page.rows]
            after = page.next
    assert after is None
    assert seen[-1] == cases[1]
    assert set(seen) == set(cases)
