"""A case's clocks, whatever moves them: what was used is never lost, and nobody is told twice."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from builders import INSPECTOR, PROPERTY, WANG, a_matter, a_policy
from hypothesis import event as note
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain import events
from domain.calendars import ROUND_THE_CLOCK, Calendar, Calendars, in_force, versioned, worked
from domain.cases import Case, Clock, Ending, NewCase, Pause, PauseKind, Request, RequestKind, Stage
from domain.events import Event, Recorded
from domain.lifecycle import deadline, evolve, next_due, planned
from domain.lifecycle.clocks import pending
from domain.matters import Audience, Limits, Matter, Policy, Priority, Rung
from rules.calendars import load_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKING_DAYS = load_calendar(Path(__file__).parents[3] / "rulesets" / "calendars" / "cn-working-days.yaml")
NOTHING = timedelta(0)
DESK = (Stage.RECEIVED, Stage.VERIFYING, Stage.DISPATCHING, Stage.CLOSING)
LADDER = (
    Rung(at=0.8, to=Audience.HOLDER),
    Rung(at=1.0, to=Audience.TIER_ABOVE),
    Rung(after=timedelta(minutes=30), to=Audience.BRAIN),
)
FOUR_DAYS = Limits(overall=timedelta(hours=32), sign=timedelta(hours=2), handle=timedelta(hours=16))
AN_HOUR = Limits(overall=timedelta(hours=1), handle=timedelta(minutes=40))


def at(text: str) -> datetime:
    """Local time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def by_day(limits: Limits = FOUR_DAYS, **changes: Any) -> Policy:
    return a_policy(limits=limits, ladder=LADDER, calendar="working-days", **changes)


class Road:
    """A case along its events, planned after each as when they are appended."""

    def __init__(self, matter: Matter, now: datetime, calendars: Calendars) -> None:
        self.now, self.calendars = now, calendars
        received = Recorded(
            version=1,
            at=now,
            by="rule",
            transport="rule",
            event=events.Received(matter=matter, seen_at=now),
        )
        self.case = self._planned(evolve(NewCase(id=UUID(int=7)), received))

    def _planned(self, case: Case) -> Case:
        before = self.case.plan if hasattr(self, "case") else None
        return case.model_copy(update={"plan": planned(case, before, self.now, self.calendars)})

    def so(self, event: Event) -> None:
        recorded = Recorded(version=self.case.version + 1, at=self.now, by="rule", transport="rule", event=event)
        self.case = self._planned(evolve(self.case, recorded))

    def assigned(self) -> None:
        self.so(events.Filed(number="KJ-20261121-000001"))
        self.so(events.Dispatched(unit=PROPERTY, person=WANG.ref))

    def in_hand(self) -> None:
        self.assigned()
        self.so(events.Signed(by=WANG.ref, person=WANG.ref))

    def paused(self, kind: PauseKind = PauseKind.DEFERRAL) -> None:
        self.so(events.Paused(pause=Pause(kind=kind, until=self.now + timedelta(days=30), reason="等配件")))

    def resumed(self) -> None:
        self.so(events.Resumed(kind=PauseKind.DEFERRAL))

    def extended(self, hours: int) -> None:
        asked = Request(kind=RequestKind.EXTENSION, reason="等配件", by=WANG.ref, hours=hours)
        self.so(events.RequestRuled(granted=True, request=asked))

    def recategorised(self, policy: Policy, priority: Priority = Priority.NORMAL) -> None:
        matter = a_matter(policy, priority=priority)
        self.so(events.Worsened(matter=matter, seen_at=self.now, redispatch=False))

    def with_calendar(self, calendar: Calendar) -> None:
        known = {found.version: found for found in self.calendars.values() if found.name == calendar.name}
        self.calendars = in_force([*known.values(), calendar])
        self.so(events.Replanned(calendar=calendar.name, version=calendar.version))

    def told(self) -> list[str]:
        """Everybody who is due to be told by now is."""
        keys = []
        while (waiting := pending(self.case)) and waiting[0].due <= self.now:
            notice = waiting[0]
            keys.append(notice.key)
            self.so(events.Pressed(notice=notice.key, clock=notice.clock, to=notice.to, due=notice.due))
        return keys

    def clock(self, name: str) -> Clock:
        assert self.case.plan is not None
        return next(clock for clock in self.case.plan.clocks if clock.name == name)


@dataclass
class Expected:
    """What a clock should show: reckoned minute by minute as time passes, with the calendar of each moment."""

    key: str
    limit: timedelta
    calendar: Calendar
    used: timedelta = NOTHING


class AnyOrder(RuleBasedStateMachine):
    """Anything moves the clocks at any time."""

    @initialize(
        start=st.datetimes(datetime(2026, 9, 1), datetime(2026, 12, 31), timezones=st.just(SHANGHAI)),  # noqa: DTZ001
        policy=st.sampled_from([by_day(), by_day(AN_HOUR), a_policy(limits=FOUR_DAYS, ladder=LADDER)]),
    )
    def begin(self, start: datetime, policy: Policy) -> None:
        calendars = in_force([WORKING_DAYS])
        self.road = Road(a_matter(policy), start, calendars)
        self.expected: dict[str, Expected] = {}
        self.told: list[tuple[int, str]] = []
        self.expect()

    def expect(self) -> None:
        """Bring what is expected up to the case as it now is; what was used stays, in a clock that goes on."""
        case, calendars = self.road.case, self.road.calendars
        policy = case.policy
        chosen = ROUND_THE_CLOCK if case.priority is Priority.URGENT else calendars[policy.calendar]
        of_stage = ROUND_THE_CLOCK if case.stage in DESK else chosen
        wanted = {"stage": Expected(f"{case.entries}", self.road.clock("stage").limit, of_stage)}
        if case.counted_from is not None:
            wanted["overall"] = Expected(f"{case.reopened}", policy.limits.overall + case.extended, chosen)
        for name, one in wanted.items():
            known = self.expected.get(name)
            if known is not None and known.key == one.key:
                one.used = known.used
        self.expected = wanted

    def so(self, event: Event) -> None:
        self.road.so(event)
        self.expect()

    @property
    def case(self) -> Case:
        return self.road.case

    @rule(minutes=st.one_of(st.integers(0, 90), st.integers(0, 6_000)))
    def time_passes(self, minutes: int) -> None:
        later = self.road.now + timedelta(minutes=minutes)
        if self.case.pause is None:
            for one in self.expected.values():
                one.used += worked(one.calendar, self.road.now, later)
        self.road.now = later

    @rule()
    def goes_on(self) -> None:
        match self.case.stage:
            case Stage.RECEIVED:
                self.so(events.Filed(number="KJ-20261121-000001"))
            case Stage.DISPATCHING:
                self.so(events.Dispatched(unit=PROPERTY, person=WANG.ref))
            case Stage.ASSIGNED:
                self.so(events.Signed(by=WANG.ref, person=WANG.ref))
            case Stage.HANDLING:
                self.so(events.Handled(by=WANG.ref, outcome="solved", to_inspection=True))
            case _:
                self.so(events.Inspected(passed=self.case.stage is Stage.INSPECTING))

    @precondition(lambda self: self.case.stage is Stage.INSPECTING)
    @rule()
    def is_done_again(self) -> None:
        self.so(events.Inspected(passed=False, note=INSPECTOR.name))

    @precondition(lambda self: self.case.stage is Stage.CLOSING)
    @rule()
    def is_closed_and_reopened(self) -> None:
        self.road.so(events.Closed(ending=Ending.SOLVED))
        assert self.case.plan is None
        assert next_due(self.case) is None
        self.expected = {}
        self.so(events.Reopened(reason="又坏了", to="assigned"))

    @precondition(lambda self: self.case.pause is None)
    @rule(kind=st.sampled_from(PauseKind))
    def is_paused(self, kind: PauseKind) -> None:
        note("paused")
        self.road.paused(kind)
        self.expect()

    @precondition(lambda self: self.case.pause is not None)
    @rule()
    def is_resumed(self) -> None:
        self.road.resumed()
        self.expect()

    @rule(hours=st.integers(1, 16))
    def is_extended(self, hours: int) -> None:
        self.road.extended(hours)
        self.expect()

    @rule(
        limits=st.sampled_from([FOUR_DAYS, AN_HOUR]),
        calendar=st.sampled_from(["24x7", "working-days"]),
        priority=st.sampled_from([Priority.NORMAL, Priority.URGENT]),
    )
    def is_of_another_category(self, limits: Limits, calendar: str, priority: Priority) -> None:
        note("another category")
        self.road.recategorised(a_policy(limits=limits, ladder=LADDER, calendar=calendar), priority)
        self.expect()

    @rule(days=st.lists(st.integers(-7, 14), max_size=6, unique=True), weekends=st.booleans())
    def a_calendar_is_new(self, days: list[int], weekends: bool) -> None:
        """It may free days that were worked already: what was used then stays used."""
        note("another calendar")
        chosen = frozenset(self.road.now.date() + timedelta(days=day) for day in days)
        in_use = self.road.calendars["working-days"]
        changes: dict[str, Any] = {"holidays": frozenset(), "workdays": chosen, "years": {2026, 2027, 2028}}
        if not weekends:
            changes = {**changes, "holidays": chosen, "workdays": frozenset()}
        version = f"2026.{in_use.order[1] + 1}"
        self.road.with_calendar(Calendar.model_validate({**dict(in_use), **changes, "version": version}))
        self.expect()

    @rule()
    def who_is_due_to_be_told_is_told(self) -> None:
        self.told += [(self.case.reopened, key) for key in self.road.told()]

    @invariant()
    def what_is_used_and_what_is_left_are_the_limit(self) -> None:
        for name, one in self.expected.items():
            clock = self.road.clock(name)
            calendar = self.road.calendars[versioned(clock.calendar, clock.calendar_version)]
            running = worked(calendar, clock.since, self.road.now) if clock.since else NOTHING
            assert (clock.key, clock.limit, calendar) == (one.key, one.limit, one.calendar)
            assert clock.used + running == one.used
            if clock.due is None:
                continue
            if one.used < one.limit:
                assert worked(calendar, self.road.now, clock.due) == one.limit - one.used
            else:
                assert clock.due <= self.road.now

    @invariant()
    def the_clocks_stand_while_the_case_is_paused_and_only_then(self) -> None:
        paused = self.case.pause is not None
        for name in self.expected:
            clock = self.road.clock(name)
            assert [clock.since is None, clock.due is None, clock.yellow is None] == [paused] * 3
        assert self.case.plan is not None
        assert not (paused and self.case.plan.notices)
        assert (deadline(self.case) is None) is paused

    @invariant()
    def planning_again_changes_nothing(self) -> None:
        assert planned(self.case, self.case.plan, self.road.now, self.road.calendars) == self.case.plan

    @invariant()
    def every_notice_has_one_key_and_is_given_once(self) -> None:
        assert self.case.plan is not None
        keys = [notice.key for notice in self.case.plan.notices]
        assert len(set(keys)) == len(keys)
        assert len(set(self.told)) == len(self.told)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(settings.default, stateful_step_count=30)


@pytest.fixture
def road() -> Road:
    """A matter with four working days that came in on a Thursday morning, in hand at once."""
    road = Road(a_matter(by_day()), at("2026-11-19T09:00"), in_force([WORKING_DAYS]))
    road.in_hand()
    return road


def test_handling_is_counted_in_working_days(road: Road) -> None:
    assert road.clock("stage").due == at("2026-11-23T09:00")  # Thursday, Friday, then Monday morning
    assert road.clock("overall").due == at("2026-11-25T09:00")


def test_the_desk_and_emergencies_know_no_closing_time() -> None:
    calendars, evening = in_force([WORKING_DAYS]), at("2026-11-20T22:00")
    assert Road(a_matter(by_day()), evening, calendars).clock("stage").due == at("2026-11-20T22:30")
    urgent = Road(a_matter(by_day(), priority=Priority.URGENT), evening, calendars)
    urgent.in_hand()
    assert urgent.clock("stage").due == evening + timedelta(hours=16)


def test_a_pause_moves_the_deadline_by_the_working_time_that_it_took(road: Road) -> None:
    road.now = at("2026-11-19T10:00")
    road.paused()
    assert (deadline(road.case), pending(road.case)) == (None, [])
    assert next_due(road.case) == road.now + timedelta(days=30)
    road.now = at("2026-11-23T10:00")
    road.resumed()
    assert road.clock("stage").used == timedelta(hours=1)
    assert road.clock("stage").due == at("2026-11-25T09:00")


def test_an_extension_is_of_working_time_and_for_both_clocks(road: Road) -> None:
    road.extended(8)
    assert road.clock("stage").due == at("2026-11-24T09:00")
    assert road.clock("overall").due == at("2026-11-26T09:00")


def test_a_new_calendar_frees_a_day_to_come(road: Road) -> None:
    friday = date(2026, 11, 20)
    road.with_calendar(WORKING_DAYS.model_copy(update={"version": "2026.2", "holidays": frozenset({friday})}))
    assert road.clock("stage").calendar_version == "2026.2"
    assert road.clock("stage").due == at("2026-11-24T09:00")


def test_a_new_calendar_gives_nothing_back_of_what_was_used(road: Road) -> None:
    road.now = at("2026-11-20T09:00")
    thursday = date(2026, 11, 19)
    road.with_calendar(WORKING_DAYS.model_copy(update={"version": "2026.2", "holidays": frozenset({thursday})}))
    assert road.clock("stage").used == timedelta(hours=8)
    assert road.clock("stage").due == at("2026-11-23T09:00")


def test_a_calendar_that_is_not_there_counts_every_hour() -> None:
    road = Road(a_matter(by_day()), at("2026-11-20T17:00"), in_force([]))
    road.in_hand()
    assert road.clock("stage").due == at("2026-11-20T17:00") + timedelta(hours=16)


def test_who_was_told_at_yellow_is_not_told_again_after_an_extension(road: Road) -> None:
    road.now = at("2026-11-20T16:00")
    assert road.told() == ["stage:4:0"]
    road.extended(16)
    assert road.told() == []
    road.now = at("2026-11-24T18:00")
    assert "stage:4:0" not in road.told()


def test_a_case_that_was_late_stays_late_under_a_shorter_limit(road: Road) -> None:
    road.now = at("2026-11-25T10:00")
    late_since = road.clock("stage").due
    road.recategorised(by_day(AN_HOUR))
    assert road.clock("stage").due == late_since


def test_the_overall_clock_tells_in_working_hours_only(road: Road) -> None:
    due = [notice.due.astimezone(SHANGHAI) for notice in pending(road.case) if notice.clock == "overall"]
    assert due == [at("2026-11-24T10:36"), at("2026-11-25T09:00")]
