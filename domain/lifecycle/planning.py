"""Planning a case's clocks: limits in working time become instants, once, whenever something moves them (DESIGN §4).

A plan is computed where events are appended, with the calendars of that moment, and recorded with the event.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from domain.calendars import ROUND_THE_CLOCK, Calendar, Calendars, reached, versioned, worked
from domain.cases import Case, Clock, Notice, Plan, Stage
from domain.matters import Audience, Priority, Rung

DESK_LIMITS = {
    Stage.RECEIVED: timedelta(minutes=30),
    Stage.VERIFYING: timedelta(minutes=30),
    Stage.DISPATCHING: timedelta(minutes=15),
    Stage.CLOSING: timedelta(hours=4),
}
YELLOW = 0.8
OVERALL_LADDER = (Rung(at=YELLOW, to=Audience.HOLDER), Rung(at=1.0, to=Audience.TIER_ABOVE))
REPEATS = 6  # how often an emergency is told again before it is signed
LOUDEST = 3


def planned(case: Case, before: Plan | None, now: datetime, calendars: Calendars) -> Plan | None:
    """The clocks of `case` from `now` on; None once it is closed.

    `before` is the plan until now: what a clock has used is carried over, and a clock that nothing moved stays as it
    was, so planning again changes nothing.
    """
    if case.settled:
        return None
    clocks = [_stage_clock(case, before, now, calendars)]
    start = case.counted_from or case.filed_at
    if start is not None:
        clocks.append(_overall_clock(case, start, before, now, calendars))
    return Plan(clocks=tuple(clocks), notices=tuple(_notices(case, clocks, calendars)))


def stage_limit(case: Case) -> timedelta:
    """How long the present stage may take, in working time of its calendar."""
    limits = case.policy.limits
    match case.stage:
        case Stage.ASSIGNED:
            return limits.sign
        case Stage.HANDLING:
            return limits.handle + case.extended
        case Stage.INSPECTING:
            return limits.inspect
        case _:
            return DESK_LIMITS[case.stage]


def calendar_of(case: Case, calendars: Calendars, name: Literal["stage", "overall"]) -> Calendar:
    """The desk and emergencies know no closing time; where a calendar is missing, the stricter clock runs."""
    at_desk = name == "stage" and case.stage in DESK_LIMITS
    if at_desk or case.priority is Priority.URGENT:
        return ROUND_THE_CLOCK
    return calendars.get(case.policy.calendar, ROUND_THE_CLOCK)


def _stage_clock(case: Case, before: Plan | None, now: datetime, calendars: Calendars) -> Clock:
    calendar = calendar_of(case, calendars, "stage")
    fresh = _new("stage", f"{case.entries}", case.stage_since, stage_limit(case), calendar)
    return _running(_carried(fresh, before, now, calendars), calendar, paused=case.pause is not None, now=now)


def _overall_clock(case: Case, start: datetime, before: Plan | None, now: datetime, calendars: Calendars) -> Clock:
    calendar = calendar_of(case, calendars, "overall")
    limit = case.policy.limits.overall + case.extended
    fresh = _new("overall", f"{case.reopened}", start, limit, calendar)
    return _running(_carried(fresh, before, now, calendars), calendar, paused=case.pause is not None, now=now)


def _new(name: Literal["stage", "overall"], key: str, start: datetime, limit: timedelta, calendar: Calendar) -> Clock:
    return Clock(
        name=name,
        key=key,
        start=start,
        limit=limit,
        since=None,
        calendar=calendar.name,
        calendar_version=calendar.version,
        yellow=None,
        due=None,
    )


def _carried(fresh: Clock, before: Plan | None, now: datetime, calendars: Calendars) -> Clock:
    """The clock as it stands until now: `fresh` where it is new, else what it was with what it used."""
    known = (
        next((one for one in before.clocks if (one.name, one.key) == (fresh.name, fresh.key)), None) if before else None
    )
    if known is None:
        return fresh.model_copy(update={"since": fresh.start})
    moved = (known.limit, known.calendar, known.calendar_version) != (
        fresh.limit,
        fresh.calendar,
        fresh.calendar_version,
    )
    if not moved:
        return known
    counting = calendars.get(versioned(known.calendar, known.calendar_version), ROUND_THE_CLOCK)
    used = known.used + (worked(counting, known.since, now) if known.since else timedelta(0))
    late = known.due if known.due is not None and known.due <= now else None
    return fresh.model_copy(update={"used": used, "since": now if known.since else None, "due": late})


def _running(clock: Clock, calendar: Calendar, *, paused: bool, now: datetime) -> Clock:
    """The clock with its instants; one that is paused has none."""
    if paused:
        if clock.since is None:
            return clock
        used = clock.used + worked(calendar, clock.since, now)
        return clock.model_copy(update={"used": used, "since": None, "yellow": None, "due": None})
    if clock.yellow is not None:
        return clock
    since = clock.since or now
    left = clock.limit - clock.used
    due = reached(calendar, since, left) if left > timedelta(0) else clock.due or since
    yellow = min(reached(calendar, since, clock.limit * YELLOW - clock.used), due)
    return clock.model_copy(update={"since": since, "yellow": yellow, "due": due})


def _notices(case: Case, clocks: list[Clock], calendars: Calendars) -> Iterator[Notice]:
    for clock in clocks:
        if clock.since is None or clock.due is None:
            continue
        calendar = calendar_of(case, calendars, clock.name)
        ladder = case.policy.ladder if clock.name == "stage" else OVERALL_LADDER
        for place, rung in enumerate(ladder):
            due = _threshold(clock, rung, calendar)
            yield Notice(key=f"{clock.name}:{clock.key}:{place}", clock=clock.name, to=rung.to, due=due)
    if case.stage is Stage.ASSIGNED and case.priority is Priority.URGENT:
        yield from _repeated(clocks[0])


def _threshold(clock: Clock, rung: Rung, calendar: Calendar) -> datetime:
    assert clock.since is not None  # noqa: S101 - a clock that stands has no thresholds
    assert clock.due is not None  # noqa: S101 - likewise
    if rung.at is None:
        return reached(calendar, clock.due, rung.after or timedelta(0))
    if rung.at == 1:
        return clock.due
    return reached(calendar, clock.since, clock.limit * rung.at - clock.used)


def _repeated(clock: Clock) -> Iterator[Notice]:
    """An emergency is told again at every limit's end until it is signed, louder each time."""
    if clock.due is None:
        return
    for time in range(1, REPEATS + 1):
        due = clock.due + clock.limit * (time - 1)
        key = f"repeat:{clock.key}:{time}"
        yield Notice(key=key, clock="stage", to=Audience.HOLDER, due=due, urgency=min(time, LOUDEST))
