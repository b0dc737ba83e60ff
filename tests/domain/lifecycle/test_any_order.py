"""Anybody asks anything at any time: what must hold of a case whatever happens to it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from asking import (
    ALLOWED,
    ASKED,
    BY_ID,
    MAINS,
    MATTERS,
    NUMBER,
    PEOPLE,
    PHOTOS,
    ROAD,
    SHORTER_DAYS,
    WORKING_DAYS,
    on_their_page,
)
from builders import DISPATCHER, DUTY_OFFICER, FIRE_STATION, GAS, INSPECTOR, LEI, NOON, PROPERTY, WANG
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from activities.advance.turn import Turn
from domain import commands, events
from domain.calendars import in_force
from domain.cases import Case, Ending, NewCase, Stage
from domain.commands import Command
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
    plan_of,
    task_of,
    tasks_of,
)
from domain.matters import Matter, Tier
from domain.people import BY_RULE, Actor

AFTER_CLOSING = {"comment", "log_contact", "reopen", "rate"}
ENDED_OTHERWISE = (Ending.LINKED, Ending.VOIDED)


class AnyOrder(RuleBasedStateMachine):
    """One case, asked by random people in random order, with the system doing its part or not."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = Turn(NewCase(id=UUID(int=0)), NOON, in_force([WORKING_DAYS]))
        self.children: tuple[str, ...] = ()

    @property
    def case(self) -> Case:
        assert isinstance(self.turn.case, Case)
        return self.turn.case

    @initialize(matter=MATTERS, far=st.integers(0, len(ROAD)), serial=st.integers(0, 9))
    def begins_and_comes_so_far(self, matter: Matter, far: int, serial: int) -> None:
        self.turn.case = NewCase(id=UUID(int=serial))
        self.turn.apply(commands.Receive(matter=matter, seen_at=NOON))
        for actor, command in ROAD[:far]:
            self.ask(actor, command)

    def ask(self, actor: Actor, command: Command, **looked_up: Any) -> str:
        """The refusal's code; empty: it happened."""
        before, known = self.turn.case, len(self.turn.entries)
        named = getattr(command, "person", None)
        found: dict[str, Any] = {
            "person": BY_ID[str(named)].ref if named else None,
            "by_phone": getattr(command, "unit", "") == GAS,
            "main": MAINS.get(getattr(command, "to", UUID(int=0))),
            "children": self.children,
            **looked_up,
        }
        try:
            self.turn.apply(command, Context(actor=actor, now=self.turn.now, **found))
        except Refused as refused:
            event(f"{command.name}: {refused.code}")
            assert self.turn.case is before
            assert len(self.turn.entries) == known
            return refused.code
        assert not (isinstance(before, Case) and before.settled) or command.name in AFTER_CLOSING
        event(f"{command.name}: done")
        return ""

    @rule(
        actor=st.sampled_from((*PEOPLE, BY_RULE)),
        command=st.one_of(*ASKED.values()),
        newer=st.sampled_from((None, "KJ-20261121-000099")),
    )
    def anybody_asks_anything(self, actor: Actor, command: Command, newer: str | None) -> None:
        self.ask(actor, command, newer=newer)

    @rule(data=st.data())
    def somebody_does_what_their_page_offers(self, data: st.DataObject) -> None:
        offers = [(person, name) for person in PEOPLE for name in offered(self.case, person)]
        steps = [offer for offer in offers if offer[1] not in ("comment", "log_contact")] or offers
        person, name = data.draw(st.sampled_from(steps))
        given = data.draw(on_their_page(self.case, person, name))
        assert self.ask(person, given) not in ("not-permitted", "wrong-stage", "already-closed")

    @rule(passed=st.booleans())
    def who_handled_it_inspects_it(self, passed: bool) -> None:
        for handler in self.case.handled_by:
            self.ask(BY_ID[handler], commands.Inspect(passed=passed, note="看过照片"))

    @rule(granted=st.booleans())
    def who_asked_rules_on_it(self, granted: bool) -> None:
        if self.case.request is not None:
            assert self.ask(BY_ID[self.case.request.by.id], commands.RuleOn(granted=granted, note="同意"))

    @rule(nobody_free=st.booleans())
    def the_system_does_its_part(self, nobody_free: bool) -> None:
        steps: dict[Step, Command] = {
            Step.ASK_VERIFICATION: commands.AskVerification(),
            Step.FILE: commands.File(number=NUMBER),
            Step.DISPATCH: commands.Dispatch(unit=PROPERTY, person=UUID(WANG.id)),
            Step.CALL_PARTIES: commands.CallParties(units=(FIRE_STATION, GAS), by_phone=(GAS,)),
            Step.CLOSE: commands.Close(),
            Step.RESUME: commands.Resume(),
            Step.PRESS: commands.Press(),
        }
        step = automatic(self.case, self.turn.now, nobody_free=nobody_free, children_open=bool(self.children))
        if step is not None:
            known = len(self.turn.entries)
            self.ask(BY_RULE, steps[step])
            assert len(self.turn.entries) > known, f"{step} is for ever"

    @rule(matter=MATTERS, tier=st.sampled_from(Tier))
    def it_begins_again(self, matter: Matter, tier: Tier) -> None:
        again = matter.model_copy(update={"tier": tier})
        self.ask(BY_RULE, commands.NoteWorsened(matter=again, seen_at=self.turn.now))

    @rule(matter=MATTERS)
    def another_matter_is_taken_in(self, matter: Matter) -> None:
        before = self.case.priority
        refused = self.ask(BY_RULE, commands.NoteJoined(matter=matter, seen_at=self.turn.now))
        assert refused == ("already-closed" if self.case.settled else "")
        assert self.case.priority.rank >= before.rank

    @rule(children=st.sampled_from(((), ("KJ-20261121-000008",))))
    def those_opened_with_it_are_open_or_not(self, children: tuple[str, ...]) -> None:
        self.children = () if self.case.settled else children

    @rule()
    def it_ends(self) -> None:
        self.ask(BY_RULE, commands.NoteCleared(detection="blocking", seen_at=self.turn.now))

    @rule()
    def a_calendar_is_new(self) -> None:
        self.turn.calendars = in_force([WORKING_DAYS, SHORTER_DAYS])
        self.ask(BY_RULE, commands.Replan(calendar=SHORTER_DAYS.name, version=SHORTER_DAYS.version))

    @rule(minutes=st.sampled_from((0, 1, 12, 15, 45, 240, 2000, 20000)))
    def time_passes(self, minutes: int) -> None:
        self.turn.now += timedelta(minutes=minutes)

    @rule()
    def the_clock_presses(self) -> None:
        self.ask(BY_RULE, commands.Press())
        due = next_due(self.case)
        assert self.case.pause or due is None or due > self.turn.now

    @precondition(lambda self: self.case.settled)
    @rule()
    def it_is_reopened_and_closed_once_more(self) -> None:
        assert not self.ask(DUTY_OFFICER, commands.Reopen(reason="问题还在"))
        if self.case.stage is Stage.RECEIVED:
            assert not self.ask(BY_RULE, commands.File(number=NUMBER))
            assert not self.ask(BY_RULE, commands.Dispatch(unit=PROPERTY, person=UUID(WANG.id)))
        else:
            again = commands.Reassign(unit=PROPERTY, person=UUID(WANG.id), reason="重办")
            assert not self.ask(DISPATCHER, again)
        assert self.case.pause is None
        assert not self.ask(WANG, commands.Sign())
        assert not self.ask(WANG, commands.Arrive(reason="二维码被撕"))
        assert not self.ask(WANG, commands.Handle(outcome="solved", note="已处理", evidence=PHOTOS))
        if self.case.stage is Stage.INSPECTING:
            assert not self.ask(INSPECTOR, commands.Inspect(passed=True))
        self.children = ()
        assert not self.ask(DUTY_OFFICER, commands.Close(reply="这次真的好了"))
        assert self.case.settled

    @invariant()
    def the_fold_of_its_events_is_the_case_and_each_change_of_stage_is_one_of_the_road(self) -> None:
        folded: Case | NewCase = NewCase(id=self.case.id)
        for entry in self.turn.entries:
            before, folded = folded, evolve(folded, entry.recorded)
            if isinstance(before, Case) and (before.stage, before.entries) != (folded.stage, folded.entries):
                way: str = entry.recorded.event.type
                if isinstance(entry.recorded.event, events.Closed) and entry.recorded.event.ending in ENDED_OTHERWISE:
                    way = f"closed as {entry.recorded.event.ending}"
                assert (before.stage, folded.stage) in ALLOWED.get(way, set()), way
                assert folded.stage_since == entry.recorded.at
        assert folded == self.case
        assert Case.model_validate_json(self.case.model_dump_json()) == self.case

    @invariant()
    def nobody_judged_what_was_their_own(self) -> None:
        handlers: set[str] = set()
        for entry in self.turn.entries:
            match entry.recorded.event:
                case events.Handled(by=by) | events.Settled(by=by):
                    handlers.add(by.id)
                case events.Inspected():
                    assert entry.recorded.by not in handlers
                case events.RequestRuled(request=request):
                    assert entry.recorded.by != request.by.id

    @invariant()
    def each_notice_was_given_once(self) -> None:
        given = [e.recorded.event.notice for e in self.turn.entries if isinstance(e.recorded.event, events.Pressed)]
        assert len(given) == len(set(given))

    @invariant()
    def a_closed_case_is_over_until_it_is_reopened(self) -> None:
        if self.case.settled:
            assert (task_of(self.case), deadline(self.case), automatic(self.case, self.turn.now)) == (None, None, None)
            assert next_due(self.case) is None
            assert (self.case.pause, self.case.request, self.case.returned) == (None, None, None)
            assert all(set(offered(self.case, person)) <= AFTER_CLOSING for person in PEOPLE)

    @invariant()
    def whoever_reported_it_is_told_how_it_ended(self) -> None:
        if self.case.settled and self.case.report is not None and self.case.ending is not Ending.LINKED:
            assert self.case.reply

    @invariant()
    def an_open_case_is_somebodys_to_do_and_their_page_offers_it(self) -> None:
        task = task_of(self.case)
        assert (task is None) == self.case.settled
        for person in PEOPLE if task else ():
            assert task is not None
            named = task.person.id if task.person else None
            for_them = task.role in person.roles and task.unit in (None, person.unit)
            for_them = for_them and not (task.kind == "inspect" and person.id in self.case.handled_by)
            if named == person.id or (named is None and for_them):
                assert task.kind in offered(self.case, person)

    @invariant()
    def who_acts_beside_the_handler_may_answer_until_they_have(self) -> None:
        awaited = [task.unit for task in tasks_of(self.case) if task.kind == "answer_joint"]
        assert tuple(awaited) == self.case.awaited
        assert ("answer_joint" in offered(self.case, LEI)) == (FIRE_STATION in awaited)
        assert ("answer_joint" in offered(self.case, DISPATCHER)) == (GAS in awaited)
        assert len({party.unit for party in self.case.parties}) == len(self.case.parties)

    @invariant()
    def an_open_case_has_a_deadline_unless_its_clocks_stand(self) -> None:
        if self.case.pause is not None:
            assert not self.case.settled
            assert all((clock.since, clock.due) == (None, None) for clock in plan_of(self.case).clocks)
            assert plan_of(self.case).notices == ()
            assert (deadline(self.case), next_due(self.case)) == (None, self.case.pause.until)
        elif not self.case.settled:
            assert deadline(self.case) is not None

    @invariant()
    def nothing_that_was_used_is_lost(self) -> None:
        for clock in plan_of(self.case).clocks:
            assert clock.used >= timedelta(0)
            assert clock.since is None or clock.start <= clock.since <= self.turn.now

    @invariant()
    def nobody_is_offered_what_only_rules_devices_and_clocks_give(self) -> None:
        systems = {name for name, permission in PERMISSIONS.items() if tuple(permission.who) == ("rule",)}
        assert not systems & {name for person in PEOPLE for name in offered(self.case, person)}

    @invariant()
    def deciding_twice_says_the_same(self) -> None:
        context = Context(actor=BY_RULE, now=self.turn.now)
        if not self.case.settled:
            assert decide(self.case, commands.Press(), context) == decide(self.case, commands.Press(), context)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(settings(), stateful_step_count=40)
