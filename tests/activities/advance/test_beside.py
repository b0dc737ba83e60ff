"""Cases of one event: taken up again, opened together, closed in their order; and units that act together."""

from uuid import UUID

import pytest
from builders import (
    COMMITTEE,
    COMMITTEE_C07,
    DISPATCHER,
    DUTY_OFFICER,
    FIRE_STATION,
    GAS,
    INSPECTOR,
    LEI,
    PROPERTY,
    a_matter,
    a_photo,
    a_policy,
)
from concluded import UNIT, Partition, a_ruleset, began, ended
from turns import Turns

from domain.cases import Stage
from domain.commands import AnswerJoint, Close, Handle, Inspect, Sign
from domain.lifecycle import offered
from domain.matters import Matter, Priority
from domain.people import Actor

pytestmark = pytest.mark.servers
AGAIN = a_ruleset("doors", case=", after_close: reopen, reopen_within: 3d, close: manual")
CHILD = "{category: power-outage, matter: clean-up, handler: committee}"
PARENT = a_ruleset("doors", then=f", children: [{CHILD}]", case=", close: manual")
PLAIN = a_ruleset("doors", case=", close: manual")
SUPPLIES = CHILD.replace("clean-up", "supplies")
GRAVER = a_ruleset("doors", then=f", children: [{CHILD}, {SUPPLIES}]", case=", close: manual")
TASKS = "SELECT kind, unit FROM tasks WHERE case_id = %s AND done_at IS NULL ORDER BY kind, unit"
HANDLED = Handle(outcome="solved", note="已关门", evidence=(a_photo(),))


async def the_cases(turns: Turns) -> list[UUID]:
    """Moved as far as the system brings them, in the order of their keys."""
    cases = [case for (case,) in await turns.rows("SELECT id FROM cases ORDER BY dedupe_key DESC")]
    for case in cases:
        await turns.move(case)
    return cases


async def closed(turns: Turns, case: UUID) -> None:
    holder = await turns.holder(case)
    await turns.done(case, holder, Sign(), HANDLED)
    if (await turns.case(case)).stage is Stage.INSPECTING:
        await turns.done(case, INSPECTOR, Inspect(passed=True))
    await turns.done(case, DUTY_OFFICER, Close())


async def test_what_began_again_after_closing_is_taken_up_by_the_same_unit(turns: Turns) -> None:
    partition = Partition(turns.connections)
    await partition.concludes(began(AGAIN))
    [case] = await the_cases(turns)
    await closed(turns, case)
    unit = (await turns.case(case)).unit
    await partition.concludes(began(AGAIN))
    await turns.move(case)
    again = await turns.case(case)
    assert (again.stage, again.unit, again.reopened) == (Stage.ASSIGNED, unit, 1)
    assert [one.event.type for one in await turns.record(case)][-2:] == ["reopened", "seen_again"]
    assert len(await partition.opened()) == 1


async def test_where_a_newer_case_is_open_that_one_hears_it(turns: Turns) -> None:
    partition = Partition(turns.connections)
    await partition.concludes(began(AGAIN))
    [old] = await the_cases(turns)
    await closed(turns, old)
    await partition.concludes(began(AGAIN))  # told to the old case, which has not heard it yet
    newer = a_ruleset("doors")
    await partition.concludes(began(newer))
    [(new,)] = await turns.rows("SELECT id FROM cases WHERE id <> %s", old)
    await turns.move(new)
    await turns.move(old)
    assert (await turns.case(old)).settled
    await turns.move(new)
    assert (await turns.case(new)).seen == 2


async def test_a_case_without_that_word_stays_closed(turns: Turns) -> None:
    partition = Partition(turns.connections)
    plain = a_ruleset("doors", case=", close: manual")
    await partition.concludes(began(plain))
    [case] = await the_cases(turns)
    await closed(turns, case)
    await partition.concludes(began(plain))
    assert len(await partition.opened()) == 2
    assert (await turns.case(case)).settled


async def test_children_are_opened_with_the_main_case(turns: Turns) -> None:
    partition = Partition(turns.connections)
    await partition.concludes(began(PARENT))
    main, child = await the_cases(turns)
    assert [key for _, key in await partition.opened()] in (
        [f"doors/main{UNIT}", f"doors/clean-up{UNIT}"],
        [f"doors/clean-up{UNIT}", f"doors/main{UNIT}"],
    )
    assert (await turns.case(main)).children == 1
    opened = await turns.case(child)
    assert (opened.parent, opened.category, opened.handler) == (main, "power-outage", "committee")
    assert await turns.rows("SELECT id FROM cases WHERE parent = %s", main) == [(child,)]


async def test_a_main_case_that_comes_again_opens_no_further_children(turns: Turns) -> None:
    partition = Partition(turns.connections)
    await partition.concludes(began(PARENT), began(PARENT))
    await partition.concludes(began(PARENT))
    assert len(await partition.opened()) == 2


async def test_a_main_case_that_worsens_gets_the_children_of_the_graver_rule_that_are_not_there(turns: Turns) -> None:
    partition = Partition(turns.connections)
    await partition.concludes(began(PARENT))
    main, child = await the_cases(turns)
    await partition.concludes(began(GRAVER, urgent=True), began(GRAVER, urgent=True))
    await turns.move(main)
    found = {case.matter: case for case in [await turns.case(one) for one in await the_cases(turns)]}
    assert found.keys() == {"main", "clean-up", "supplies"}
    assert found["clean-up"].id == child
    assert (found["supplies"].parent, found["supplies"].handler) == (main, "committee")
    assert (found["main"].priority, found["main"].children) == (Priority.URGENT, 2)
    await closed(turns, child)
    outcome = await turns.give(main, *await handled(turns, main))
    assert (outcome.code, outcome.params) == ("children-open", {"numbers": [found["supplies"].number]})


async def test_it_gets_them_where_it_worsens_in_the_moment_it_began(turns: Turns) -> None:
    partition = Partition(turns.connections)
    await partition.concludes(began(PLAIN), began(GRAVER, urgent=True))
    [main] = await the_cases(turns)
    assert len(await the_cases(turns)) == 3
    assert (await turns.case(main)).children == 2


async def handled(turns: Turns, case: UUID) -> tuple[Actor, Close]:
    """Handled and inspected; what would close it is left to be given."""
    await turns.done(case, await turns.holder(case), Sign(), HANDLED)
    if (await turns.case(case)).stage is Stage.INSPECTING:
        await turns.done(case, INSPECTOR, Inspect(passed=True))
    return DUTY_OFFICER, Close()


async def test_the_children_hear_the_end_too(turns: Turns) -> None:
    partition = Partition(turns.connections)
    await partition.concludes(began(PARENT))
    await partition.concludes(ended(PARENT))
    for case in await the_cases(turns):
        assert (await turns.case(case)).cleared


async def test_a_main_case_closes_after_its_children(turns: Turns) -> None:
    await Partition(turns.connections).concludes(began(PARENT))
    main, child = await the_cases(turns)
    holder = await turns.holder(main)
    await turns.done(main, holder, Sign(), HANDLED)
    if (await turns.case(main)).stage is Stage.INSPECTING:
        await turns.done(main, INSPECTOR, Inspect(passed=True))
    outcome = await turns.give(main, DUTY_OFFICER, Close())
    number = (await turns.case(child)).number
    assert (outcome.code, outcome.params) == ("children-open", {"numbers": [number]})
    await closed(turns, child)
    await turns.done(main, DUTY_OFFICER, Close())
    assert (await turns.case(main)).settled


async def test_a_main_case_that_rules_close_waits_for_its_children(turns: Turns) -> None:
    by_rule = a_ruleset("doors", then=f", children: [{CHILD[:-1]}, close: manual}}]", case=", close: auto_when_cleared")
    partition = Partition(turns.connections)
    await partition.concludes(began(by_rule))
    await partition.concludes(ended(by_rule))
    main, child = await the_cases(turns)
    assert not (await turns.case(main)).settled
    holder = await turns.holder(main)
    await turns.done(main, holder, Sign(), HANDLED)
    if (await turns.case(main)).stage is Stage.INSPECTING:
        await turns.done(main, INSPECTOR, Inspect(passed=True))
    assert (await turns.case(main)).stage is Stage.CLOSING
    await closed(turns, child)
    await turns.move(main)
    assert (await turns.case(main)).settled


def an_emergency(*parties: str) -> Matter:
    return a_matter(a_policy(closing="manual"), priority=Priority.URGENT, parties=parties)


async def test_each_party_of_an_emergency_has_a_todo_of_its_own(turns: Turns) -> None:
    case = await turns.begun(an_emergency("fire-station", "committee"))
    assert await turns.rows(TASKS, case) == [
        ("answer_joint", COMMITTEE_C07),
        ("answer_joint", FIRE_STATION),
        ("sign", PROPERTY),
    ]
    assert [(whom, why) for whom, why, _ in await turns.told(case) if why == "joint"] == [
        (f"liaison:{FIRE_STATION}", "joint"),
        (f"liaison:{COMMITTEE_C07}", "joint"),
    ]


async def test_a_party_answers_for_itself_and_the_handler_hears(turns: Turns) -> None:
    case = await turns.begun(an_emergency("fire-station", "committee"))
    assert "answer_joint" in offered(await turns.case(case), LEI)
    after = await turns.done(case, LEI, AnswerJoint(note="已到场警戒，无明火"))
    assert [(party.unit, party.by.name if party.by else None) for party in after.parties] == [
        (FIRE_STATION, "雷鸣"),
        (COMMITTEE_C07, None),
    ]
    assert await turns.rows(TASKS, case) == [("answer_joint", COMMITTEE_C07), ("sign", PROPERTY)]
    assert (await turns.told(case))[-1][1] == "joint-answered"
    assert (await turns.give(case, LEI, AnswerJoint(note="再答一次"))).code == "joint-answered"
    await turns.done(case, COMMITTEE, AnswerJoint(note="已疏散二楼住户"))
    assert await turns.rows(TASKS, case) == [("sign", PROPERTY)]


async def test_who_is_no_party_does_not_answer(turns: Turns) -> None:
    case = await turns.begun(an_emergency("fire-station"))
    assert (await turns.give(case, COMMITTEE, AnswerJoint(note="我也来"))).code == "not-permitted"
    assert (await turns.give(case, DISPATCHER, AnswerJoint(note="代答", unit=FIRE_STATION))).code == "not-permitted"


async def test_for_a_party_without_accounts_the_desk_answers(turns: Turns) -> None:
    case = await turns.begun(an_emergency("gas"))
    assert ("role:dispatcher", "call-joint") in [(whom, why) for whom, why, _ in await turns.told(case)]
    answer = AnswerJoint(note="已关闭调压箱阀门", unit=GAS)
    assert (await turns.give(case, DISPATCHER, answer)).code == "spoken-to-missing"
    after = await turns.done(case, DISPATCHER, answer.model_copy(update={"spoken_to": "抢修班老周"}))
    assert after.awaited == ()


async def test_a_closed_case_awaits_nobody(turns: Turns) -> None:
    case = await turns.begun(an_emergency("fire-station"))
    holder = await turns.holder(case)
    await turns.done(case, holder, Handle(outcome="solved", note="误报", evidence=(a_photo(),)))
    await turns.done(case, INSPECTOR, Inspect(passed=True))
    await turns.done(case, DUTY_OFFICER, Close())
    assert await turns.rows(TASKS, case) == []
