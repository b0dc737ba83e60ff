"""What is written into the outbox: whom a turn tells, why, how loudly, and never twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from builders import (
    ACCEPTOR,
    DISPATCHER,
    DUTY_OFFICER,
    ENFORCEMENT,
    INSPECTOR,
    PROPERTY,
    REPORT,
    REPORTER,
    ZHAO,
    a_matter,
    a_photo,
    a_policy,
    a_residents_matter,
)
from turns import Turns

from domain.cases import RequestKind
from domain.commands import (
    Ask,
    Close,
    Decline,
    File,
    Handle,
    Inspect,
    Link,
    Reopen,
    Resume,
    ReturnIt,
    RuleOn,
    RuleOnReturn,
    SendBack,
    Sign,
    WaitFor,
)
from domain.matters import Limits, Priority

pytestmark = pytest.mark.servers
BLINK = timedelta(microseconds=10)
IN_A_BLINK = Limits(overall=BLINK, sign=BLINK, handle=BLINK, inspect=BLINK)
DONE = Handle(outcome="solved", evidence=(a_photo(),), reply="车已挪走")


async def test_a_return_and_its_ruling(turns: Turns) -> None:
    case_id = await turns.begun(a_matter(a_policy(return_within=timedelta(hours=2)), skills=()))
    holder = await turns.holder(case_id)
    await turns.done(case_id, holder, ReturnIt(owner=ENFORCEMENT, ground="占道归综合执法"))
    await turns.done(case_id, DISPATCHER, RuleOnReturn(granted=True))
    assert await turns.told(case_id) == [
        (holder.id, "assigned", 0),
        ("role:dispatcher", "returned", 0),
        (f"liaison:{PROPERTY}", "return-ruled", 0),
        ((await turns.holder(case_id)).id, "assigned", 0),
    ]


async def test_the_third_return_is_the_brains_to_rule_on(turns: Turns) -> None:
    case_id = await turns.begun(a_matter(a_policy(return_within=timedelta(hours=2))))
    holder = await turns.holder(case_id)
    for _ in range(2):
        await turns.done(case_id, holder, ReturnIt(owner=ENFORCEMENT, ground="占道"))
        await turns.done(case_id, DISPATCHER, RuleOnReturn(granted=False, note="楼内归物业"))
    await turns.done(case_id, holder, ReturnIt(owner=ENFORCEMENT, ground="占道"))
    assert (await turns.told(case_id))[-1] == ("role:supervisor", "returned", 0)


async def test_a_request_and_its_ruling(turns: Turns) -> None:
    case_id = await turns.begun(a_matter())
    holder = await turns.holder(case_id)
    await turns.done(case_id, holder, Sign(), Ask(kind=RequestKind.EXTENSION, reason="要等配件", hours=2))
    await turns.done(case_id, DUTY_OFFICER, RuleOn(granted=True))
    assert (await turns.told(case_id))[1:] == [
        ("role:duty_officer", "requested", 0),
        (holder.id, "request-ruled", 0),
    ]


async def test_a_resident_is_asked_answered_and_heard_again(turns: Turns) -> None:
    case_id = await turns.begun(a_residents_matter())
    case = await turns.done(case_id, DUTY_OFFICER)
    until = case.received_at + timedelta(days=2)
    await turns.done(case_id, DUTY_OFFICER, WaitFor(whom="reporter", until=until, reason="请告诉我们是哪一部电梯"))
    await turns.done(case_id, REPORTER, Resume(note="南边那部"))
    assert await turns.told(case_id) == [(f"report:{REPORT}", "question", 0)]


async def test_a_resident_is_told_that_it_takes_days_longer(turns: Turns) -> None:
    case_id = await turns.begun(a_residents_matter(a_policy()))
    holder = await turns.holder(case_id)
    until = (await turns.case(case_id)).received_at + timedelta(days=3)
    asked = Ask(kind=RequestKind.DEFERRAL, reason="等雨停了才能上屋顶", until=until)
    await turns.done(case_id, holder, Sign(), asked)
    await turns.done(case_id, DUTY_OFFICER, RuleOn(granted=True))
    assert (f"report:{REPORT}", "postponed", 0) in await turns.told(case_id)


async def test_who_reported_the_same_hears_of_the_link_and_of_the_end(turns: Turns) -> None:
    main = await turns.begun(a_residents_matter())
    other, too = uuid4(), uuid4()
    same = await turns.begun(a_residents_matter(report=other, dedupe_key=f"citizen-report/main/{other}"))
    await turns.rows(
        "INSERT INTO reports (id, follow_hash, text, follows) VALUES (%s, %s, '我家也是', %s) RETURNING id",
        *(too, too.bytes, same),
    )
    await turns.done(same, ACCEPTOR, Link(to=main))
    assert await turns.told(same) == [(f"report:{other}", "linked", 0)]
    await turns.done(main, DUTY_OFFICER, Decline(reason="是小区自管的路灯，已请业委会处理", ending="declined"))
    told = await turns.told(main)
    assert told[0] == (f"report:{REPORT}", "reply", 0)
    assert sorted(told[1:]) == sorted((f"report:{one}", "followed", 0) for one in (other, too))


async def test_rework_reopening_and_the_reply_find_whom_they_concern(turns: Turns) -> None:
    case_id = await turns.begun(a_residents_matter(a_policy(closing="manual", reopen_within=timedelta(days=7))))
    holder = await turns.holder(case_id)
    await turns.done(case_id, holder, Sign(), DONE)
    await turns.done(case_id, INSPECTOR, Inspect(passed=False, note="照片不清楚"))
    await turns.done(case_id, holder, DONE)
    await turns.done(case_id, INSPECTOR, Inspect(passed=True))
    await turns.done(case_id, DUTY_OFFICER, SendBack(reason="答复没写清楚"))
    await turns.done(case_id, holder, DONE)
    await turns.done(case_id, INSPECTOR, Inspect(passed=True))
    await turns.done(case_id, DUTY_OFFICER, Close())
    await turns.done(case_id, REPORTER, Reopen(reason="车又停回来了"))
    assert await turns.told(case_id) == [
        (holder.id, "assigned", 0),
        (holder.id, "rework", 0),
        (holder.id, "rework", 0),
        (f"report:{REPORT}", "reply", 0),
        (holder.id, "reopened", 0),
    ]


async def test_the_desk_calls_a_unit_without_accounts(turns: Turns) -> None:
    case_id = await turns.begun(a_matter(handler="gas", skills=()))
    assert await turns.told(case_id) == [("role:dispatcher", "call-unit", 0)]


async def test_the_units_that_a_matter_informs_are_told_when_it_is_filed(turns: Turns) -> None:
    at_desk = a_policy(filing="desk")
    case_id = await turns.begun(a_matter(at_desk, inform=("committee", "police")))
    assert await turns.told(case_id) == []
    await turns.done(case_id, ACCEPTOR, File())
    assert (await turns.told(case_id))[:2] == [("kind:committee", "inform", 0), ("kind:police", "inform", 0)]


async def test_a_worse_matter_informs_whom_it_names_though_the_unit_changes(turns: Turns) -> None:
    case_id = await turns.begun(a_matter())
    await turns.news(case_id, a_matter(priority=Priority.URGENT, handler="fire-station", skills=(), inform=("police",)))
    assert (await turns.told(case_id))[1:] == [
        ("kind:police", "inform", 1),
        ((await turns.holder(case_id)).id, "assigned", 1),
    ]


async def test_a_worse_matter_of_the_same_unit_is_told_to_who_has_it(turns: Turns) -> None:
    case_id = await turns.begun(a_matter())
    await turns.news(case_id, a_matter(priority=Priority.HIGH))
    assert (await turns.told(case_id))[1:] == [((await turns.holder(case_id)).id, "worsened", 0)]


async def test_every_threshold_is_told_once_however_often_the_case_is_woken(turns: Turns) -> None:
    case_id = await turns.begun(a_matter(a_policy(limits=IN_A_BLINK)))
    for _ in range(3):
        await turns.move(case_id)
    holder = (await turns.holder(case_id)).id
    assert sorted(await turns.told(case_id)) == sorted(
        [
            (holder, "assigned", 0),
            (holder, "clock:stage:3:0", 0),
            ("tier_above:committee", "clock:stage:3:1", 0),
            (holder, "clock:overall:0:0", 0),
            ("tier_above:committee", "clock:overall:0:1", 0),
        ]
    )
    keys = await turns.rows("SELECT key FROM outbox WHERE case_id = %s ORDER BY id", case_id)
    assert {key for (key,) in keys} >= {f"{case_id}:3", f"{case_id}:stage:3:0", f"{case_id}:overall:0:1"}


async def test_an_emergency_is_told_again_and_louder_until_it_is_signed(turns: Turns) -> None:
    case_id = await turns.begun(a_matter(a_policy(limits=IN_A_BLINK, ladder=()), priority=Priority.URGENT))
    await turns.move(case_id)
    holder = (await turns.holder(case_id)).id
    repeated = [told for told in await turns.told(case_id) if told[1].startswith("repeat:")]
    assert repeated == [(holder, f"repeat:3:{time}", min(time, 3)) for time in range(1, 7)]


async def test_a_team_is_told_through_its_liaison(turns: Turns) -> None:
    case_id = await turns.begun(a_matter(skills=("welding",)))
    assert (await turns.case(case_id)).person is None
    assert await turns.told(case_id) == [(f"liaison:{PROPERTY}", "assigned", 0)]
    case = await turns.done(case_id, ZHAO, Sign())
    assert case.person is None
