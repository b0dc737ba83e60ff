"""Anybody asks anything at any time: what must hold of a case whatever happens to it."""

from datetime import timedelta
from uuid import UUID

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from activities.advance.turn import Turn
from domain.cases import Case, NewCase, Stage
from domain.commands import (
    Arrive,
    AskVerification,
    Close,
    Command,
    Comment,
    Decline,
    Dispatch,
    File,
    Handle,
    HandTo,
    Inspect,
    NoteCleared,
    NoteWorsened,
    Press,
    Reassign,
    Receive,
    SendBack,
    Sign,
    Verify,
)
from domain.events import Handled, Inspected, Pressed
from domain.lifecycle import (
    PERMISSIONS,
    Context,
    Refused,
    Step,
    automatic,
    deadline,
    decide,
    evolve,
    next_due,
    offered,
    task_of,
)
from domain.matters import Closing, Inspection, Matter, Priority, Tier
from domain.matters import Verify as Looking
from domain.people import BY_RULE, Actor
from tests.builders import (
    ACCEPTOR,
    DISPATCHER,
    DUTY_OFFICER,
    FIRE_STATION,
    GRID_WORKER,
    INSPECTOR,
    LEI,
    LI,
    NOON,
    PROPERTY,
    WANG,
    ZHAO,
    a_matter,
    a_photo,
    a_policy,
)

R, V, D, A, H, I, C, X = Stage  # noqa: E741 - the eight stages, in the order of the road
ALLOWED = {  # DESIGN §4: every change of stage there is
    "verification_asked": {(R, V)},
    "verified": {(V, R)},
    "filed": {(R, D)},
    "declined": {(R, X), (V, X)},
    "dispatched": {(D, A)},
    "reassigned": {(A, A), (H, A)},
    "signed": {(A, H)},
    "handled": {(H, I), (H, C), (A, I), (A, C)},
    "inspected": {(I, C), (I, H)},
    "closed": {(C, X), (R, X), (D, X), (A, X)},  # before the work begins only by its own end, where the ruleset says so
    "sent_back": {(C, H)},
    "worsened": {(A, D), (H, D), (I, D), (C, D)},
}
PEOPLE = (WANG, LI, ZHAO, LEI, INSPECTOR, GRID_WORKER, ACCEPTOR, DISPATCHER, DUTY_OFFICER)
BY_ID = {person.id: person for person in PEOPLE}
PHOTOS = (a_photo(),)
NUMBER = "KJ-20261121-000007"
ASKED: dict[str, st.SearchStrategy[Command]] = {
    "verify": st.builds(Verify, true=st.booleans(), note=st.sampled_from(("", "看过了"))),
    "ask_verification": st.builds(AskVerification),
    "file": st.builds(File, number=st.just(NUMBER)),
    "decline": st.builds(Decline, reason=st.just("误报")),
    "dispatch": st.one_of(
        st.builds(Dispatch, unit=st.sampled_from((PROPERTY, FIRE_STATION))),
        st.builds(Dispatch, unit=st.just(PROPERTY), person=st.sampled_from((UUID(WANG.id), UUID(LI.id)))),
    ),
    "reassign": st.builds(
        Reassign, unit=st.just(FIRE_STATION), person=st.sampled_from((None, UUID(LEI.id))), reason=st.just("改派")
    ),
    "sign": st.builds(Sign),
    "hand_to": st.builds(HandTo, person=st.sampled_from([UUID(person.id) for person in PEOPLE])),
    "arrive": st.builds(Arrive, reason=st.sampled_from(("", "二维码被撕"))),
    "handle": st.builds(
        Handle,
        outcome=st.sampled_from(("solved", "other")),
        note=st.just("已处理"),
        evidence=st.sampled_from(((), PHOTOS)),
    ),
    "inspect": st.builds(Inspect, passed=st.booleans(), note=st.just("看过照片")),
    "close": st.builds(Close),
    "send_back": st.builds(SendBack, reason=st.just("照片不清楚")),
    "comment": st.builds(Comment, text=st.just("已联系物业")),
}
ROAD: tuple[tuple[Actor, Command], ...] = (
    (BY_RULE, File(number=NUMBER)),
    (BY_RULE, Dispatch(unit=PROPERTY, person=UUID(WANG.id))),
    (WANG, Sign()),
    (WANG, Arrive(reason="二维码被撕")),
    (WANG, Handle(outcome="solved", note="已处理", evidence=PHOTOS)),
    (INSPECTOR, Inspect(passed=True)),
)
MATTERS = st.builds(
    lambda closing, inspection, verify, place_check, priority, handler: a_matter(
        a_policy(closing=closing, inspection=inspection, verify=verify, place_check=place_check),
        priority=priority,
        handler=handler,
    ),
    st.sampled_from(Closing),
    st.sampled_from(Inspection),
    st.sampled_from(Looking),
    st.booleans(),
    st.sampled_from(Priority),
    st.sampled_from(("property", "fire-station")),
)


class AnyOrder(RuleBasedStateMachine):
    """One case, asked by random people in random order, with the system doing its part or not."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = Turn(NewCase(id=UUID(int=0)), NOON)

    @property
    def case(self) -> Case:
        assert isinstance(self.turn.case, Case)
        return self.turn.case

    @initialize(matter=MATTERS, far=st.integers(0, len(ROAD)), serial=st.integers(0, 9))
    def begins_and_comes_so_far(self, matter: Matter, far: int, serial: int) -> None:
        self.turn.case = NewCase(id=UUID(int=serial))
        self.turn.apply(Receive(matter=matter, seen_at=NOON))
        for actor, command in ROAD[:far]:
            self.ask(actor, command)

    def ask(self, actor: Actor, command: Command) -> None:
        before, known = self.turn.case, len(self.turn.entries)
        named = getattr(command, "person", None)
        person = BY_ID[str(named)].ref if named else None
        try:
            self.turn.apply(command, Context(actor=actor, now=self.turn.now, person=person))
        except Refused as refused:
            event(f"{command.name}: {refused.code}")
            assert self.turn.case is before
            assert len(self.turn.entries) == known
        else:
            event(f"{command.name}: done")

    @rule(actor=st.sampled_from((*PEOPLE, BY_RULE)), command=st.one_of(*ASKED.values()))
    def anybody_asks_anything(self, actor: Actor, command: Command) -> None:
        self.ask(actor, command)

    @rule(data=st.data())
    def somebody_does_what_their_page_offers(self, data: st.DataObject) -> None:
        offers = [(person, name) for person in PEOPLE for name in offered(self.case, person)]
        steps = [offer for offer in offers if offer[1] != "comment"] or offers
        person, name = data.draw(st.sampled_from(steps))
        self.ask(person, data.draw(ASKED[name]))

    @rule(passed=st.booleans())
    def who_handled_it_inspects_it(self, passed: bool) -> None:
        for handler in self.case.handled_by:
            self.ask(BY_ID[handler], Inspect(passed=passed, note="看过照片"))

    @rule(nobody_free=st.booleans())
    def the_system_does_its_part(self, nobody_free: bool) -> None:
        steps: dict[Step, Command] = {
            Step.ASK_VERIFICATION: AskVerification(),
            Step.FILE: File(number=NUMBER),
            Step.DISPATCH: Dispatch(unit=PROPERTY, person=UUID(WANG.id)),
            Step.CLOSE: Close(),
            Step.PRESS: Press(),
        }
        step = automatic(self.case, self.turn.now, nobody_free=nobody_free)
        if step is not None:
            known = len(self.turn.entries)
            self.ask(BY_RULE, steps[step])
            assert len(self.turn.entries) > known, f"{step} is for ever"

    @rule(matter=MATTERS, tier=st.sampled_from(Tier))
    def it_begins_again(self, matter: Matter, tier: Tier) -> None:
        again = matter.model_copy(update={"tier": tier})
        self.ask(BY_RULE, NoteWorsened(matter=again, seen_at=self.turn.now))

    @rule()
    def it_ends(self) -> None:
        self.ask(BY_RULE, NoteCleared(detection="blocking", seen_at=self.turn.now))

    @rule(minutes=st.sampled_from((0, 1, 12, 15, 45, 240, 2000)))
    def time_passes(self, minutes: int) -> None:
        self.turn.now += timedelta(minutes=minutes)

    @rule()
    def the_clock_presses(self) -> None:
        self.ask(BY_RULE, Press())
        due = next_due(self.case)
        assert due is None or due > self.turn.now

    @invariant()
    def the_fold_of_its_events_is_the_case_and_each_change_of_stage_is_one_of_the_road(self) -> None:
        folded: Case | NewCase = NewCase(id=self.case.id)
        for entry in self.turn.entries:
            before, folded = folded, evolve(folded, entry.recorded)
            if isinstance(before, Case) and (before.stage, before.entries) != (folded.stage, folded.entries):
                kind = entry.recorded.event.type
                assert (before.stage, folded.stage) in ALLOWED.get(kind, set()), kind
                assert folded.stage_since == entry.recorded.at
        assert folded == self.case
        assert Case.model_validate_json(self.case.model_dump_json()) == self.case

    @invariant()
    def nobody_inspected_what_they_handled(self) -> None:
        handlers: set[str] = set()
        for entry in self.turn.entries:
            match entry.recorded.event:
                case Handled(by=by):
                    handlers.add(by.id)
                case Inspected():
                    assert entry.recorded.by not in handlers

    @invariant()
    def each_notice_was_given_once(self) -> None:
        given = [e.recorded.event.notice for e in self.turn.entries if isinstance(e.recorded.event, Pressed)]
        assert len(given) == len(set(given))

    @invariant()
    def a_closed_case_refuses_everything_but_a_comment(self) -> None:
        if self.case.settled:
            assert self.turn.entries[-1].recorded.event.type in ("closed", "declined", "commented")
            assert (task_of(self.case), deadline(self.case), automatic(self.case, self.turn.now)) == (None, None, None)
            assert all(set(offered(self.case, person)) <= {"comment"} for person in PEOPLE)

    @invariant()
    def an_open_case_is_somebodys_to_do_and_has_a_deadline(self) -> None:
        if not self.case.settled:
            assert task_of(self.case) is not None
            assert deadline(self.case) is not None

    @invariant()
    def what_is_offered_is_permitted(self) -> None:
        for person in PEOPLE:
            for name in offered(self.case, person):
                assert self.case.stage in PERMISSIONS[name].stages
        assert "press" not in {name for person in PEOPLE for name in offered(self.case, person)}

    @invariant()
    def deciding_twice_says_the_same(self) -> None:
        context = Context(actor=BY_RULE, now=self.turn.now)
        if not self.case.settled:
            assert decide(self.case, Press(), context) == decide(self.case, Press(), context)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(settings(), stateful_step_count=40)
