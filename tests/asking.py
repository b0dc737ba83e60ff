"""What anybody may ask of a case at any time, with people, words and days to choose from."""

from datetime import time, timedelta
from uuid import UUID

from builders import (
    ACCEPTOR,
    COMMITTEE,
    COMMITTEE_C07,
    DISPATCHER,
    DUTY_OFFICER,
    FIRE_STATION,
    GAS,
    GRID_WORKER,
    INSPECTOR,
    LEI,
    LI,
    NOON,
    PROPERTY,
    REPORT,
    REPORTER,
    SUPERVISOR,
    WANG,
    ZHAO,
    a_matter,
    a_photo,
    a_policy,
)
from hypothesis import strategies as st

from domain import commands
from domain.calendars import Calendar
from domain.cases import Case, RequestKind, Stage
from domain.commands import Command
from domain.lifecycle import Main
from domain.matters import Closing, Evidence, Filing, Inspection, Priority, Verify
from domain.people import BY_RULE, Actor

R, V, D, A, H, I, C, X = Stage  # noqa: E741 - the eight stages, in the order of the road
ALLOWED = {  # DESIGN §4: every change of stage there is; of `closed` by what it ended as, where that has its own way
    "verification_asked": {(R, V)},
    "verified": {(V, R)},
    "filed": {(R, D)},
    "settled": {(D, I), (D, C)},
    "declined": {(R, X), (V, X)},
    "dispatched": {(D, A)},
    "reassigned": {(A, A), (H, A)},
    "return_ruled": {(A, D), (H, D)},
    "signed": {(A, H)},
    "handled": {(H, I), (H, C), (A, I), (A, C)},
    "inspected": {(I, C), (I, H)},
    "closed": {(C, X), (R, X), (D, X), (A, X)},  # before the work begins only by its own end, where the ruleset says so
    "closed as linked": {(R, X), (V, X), (D, X)},
    "closed as voided": {(D, X), (A, X), (H, X), (I, X), (C, X)},
    "sent_back": {(C, H)},
    "worsened": {(A, D), (H, D), (I, D), (C, D)},
    "reopened": {(X, A), (X, R)},
}
PEOPLE = (
    *(WANG, LI, ZHAO, LEI, INSPECTOR, GRID_WORKER, COMMITTEE),
    *(ACCEPTOR, DISPATCHER, DUTY_OFFICER, SUPERVISOR, REPORTER),
)
BY_ID = {person.id: person for person in PEOPLE}
PHOTOS = (a_photo(),)
BOTH_PHOTOS = (a_photo(Evidence.PHOTO_BEFORE), a_photo(Evidence.PHOTO_AFTER))
NUMBER = "KJ-20261121-000007"
MAIN = Main(id=UUID(int=99), name="KJ-20261121-000099")
FOLLOWER = Main(id=UUID(int=98), name="KJ-20261121-000098", linked_to=MAIN.id)
MAINS = {MAIN.id: MAIN, FOLLOWER.id: FOLLOWER}
WORKING_DAYS = Calendar(
    name="working-days",
    version="1",
    zone="Asia/Shanghai",
    hours=((time(8), time(12)), (time(14), time(18))),
    years=frozenset({2026}),
)
SHORTER_DAYS = WORKING_DAYS.model_copy(update={"version": "2", "hours": ((time(9), time(12)),)})

days = st.sampled_from([NOON + timedelta(hours=hours) for hours in (1, 24, 24 * 20, 24 * 300)])
words = st.sampled_from(("", "看过了"))
ASKED: dict[str, st.SearchStrategy[Command]] = {
    "verify": st.builds(commands.Verify, true=st.booleans(), note=words),
    "ask_verification": st.builds(commands.AskVerification),
    "file": st.builds(commands.File, number=st.just(NUMBER)),
    "decline": st.builds(commands.Decline, reason=st.just("误报")),
    "settle": st.builds(
        commands.Settle, number=st.just(NUMBER), evidence=st.sampled_from(((), PHOTOS, BOTH_PHOTOS)), note=words
    ),
    "link": st.builds(commands.Link, to=st.sampled_from((MAIN.id, FOLLOWER.id, UUID(int=97), UUID(int=5)))),
    "dispatch": st.one_of(
        st.builds(commands.Dispatch, unit=st.sampled_from((PROPERTY, FIRE_STATION, GAS))),
        st.builds(commands.Dispatch, unit=st.just(PROPERTY), person=st.sampled_from((UUID(WANG.id), UUID(LI.id)))),
    ),
    "reassign": st.builds(
        commands.Reassign,
        unit=st.sampled_from((FIRE_STATION, GAS)),
        person=st.sampled_from((None, UUID(LEI.id))),
        reason=st.just("改派"),
    ),
    "sign": st.builds(commands.Sign, spoken_to=st.sampled_from(("", "李师傅"))),
    "hand_to": st.builds(commands.HandTo, person=st.sampled_from([UUID(p.id) for p in (WANG, LI, LEI, ZHAO)])),
    "return": st.builds(
        commands.ReturnIt, owner=st.sampled_from((PROPERTY, COMMITTEE_C07)), ground=st.sampled_from(("", "权责清单"))
    ),
    "rule_on_return": st.builds(commands.RuleOnReturn, granted=st.booleans(), note=words),
    "arrive": st.builds(commands.Arrive, reason=st.sampled_from(("", "二维码被撕"))),
    "handle": st.builds(
        commands.Handle,
        outcome=st.sampled_from(("solved", "other")),
        note=st.just("已处理"),
        evidence=st.sampled_from(((), PHOTOS)),
        reply=st.sampled_from(("", "已处理，请放心")),
        spoken_to=st.sampled_from(("", "李师傅")),
    ),
    "request": st.builds(
        commands.Ask,
        kind=st.sampled_from(RequestKind),
        reason=st.just("等配件"),
        hours=st.sampled_from((None, 3)),
        until=st.one_of(st.none(), days),
    ),
    "rule_on": st.builds(commands.RuleOn, granted=st.booleans(), note=words),
    "wait_for": st.builds(
        commands.WaitFor, whom=st.sampled_from(("reporter", "other")), until=days, reason=st.just("等答复")
    ),
    "resume": st.builds(commands.Resume),
    "inspect": st.builds(commands.Inspect, passed=st.booleans(), note=st.just("看过照片")),
    "close": st.builds(commands.Close, reply=st.sampled_from(("", "已办结"))),
    "send_back": st.builds(commands.SendBack, reason=st.just("照片不清楚")),
    "reopen": st.builds(commands.Reopen, reason=st.just("问题还在")),
    "rate": st.builds(commands.Rate, stars=st.integers(1, 5), solved=st.sampled_from((None, True, False))),
    "log_contact": st.builds(
        commands.LogContact, kind=st.just("call-back"), whom=st.just("张阿姨"), reached=st.booleans()
    ),
    "supervise": st.builds(commands.Supervise),
    "answer_joint": st.builds(
        commands.AnswerJoint,
        note=st.just("已到场警戒"),
        unit=st.sampled_from(("", FIRE_STATION, GAS)),
        spoken_to=st.sampled_from(("", "抢修班老周")),
    ),
    "raise_tier": st.builds(commands.RaiseTier, reason=st.just("物业解决不了")),
    "send_down": st.builds(commands.SendDown, reason=st.just("居委可以办")),
    "comment": st.builds(commands.Comment, text=st.just("已联系物业")),
}


def on_their_page(case: Case, person: Actor, name: str) -> st.SearchStrategy[Command]:
    """What `person` may fill in where their page offers the command: a form names only the units that are theirs."""
    if name != "answer_joint":
        return ASKED[name]
    own = any(person.works_at(unit) for unit in case.awaited)
    return st.builds(
        commands.AnswerJoint,
        note=st.just("已到场警戒"),
        unit=st.sampled_from(("",) if own else case.awaited_by_phone),
        spoken_to=st.sampled_from(("", "抢修班老周")),
    )


ROAD: tuple[tuple[Actor, Command], ...] = (
    (BY_RULE, commands.File(number=NUMBER)),
    (BY_RULE, commands.Dispatch(unit=PROPERTY, person=UUID(WANG.id))),
    (WANG, commands.Sign()),
    (WANG, commands.Arrive(reason="二维码被撕")),
    (WANG, commands.Handle(outcome="solved", note="已处理", evidence=PHOTOS)),
    (INSPECTOR, commands.Inspect(passed=True)),
    (DUTY_OFFICER, commands.Close(reply="已办结")),
)
POLICIES = st.builds(
    a_policy,
    closing=st.sampled_from(Closing),
    inspection=st.sampled_from(Inspection),
    verify=st.sampled_from(Verify),
    place_check=st.booleans(),
    filing=st.sampled_from(Filing),
    calendar=st.sampled_from(("24x7", "working-days")),
    return_within=st.sampled_from((timedelta(0), timedelta(hours=2))),
    reopen_within=st.sampled_from((timedelta(0), timedelta(days=7))),
)
MATTERS = st.builds(
    a_matter,
    POLICIES,
    priority=st.sampled_from(Priority),
    handler=st.sampled_from(("property", "fire-station")),
    parties=st.sampled_from(((), ("fire-station",), ("fire-station", "gas"))),
    report=st.sampled_from((None, REPORT)),
)
