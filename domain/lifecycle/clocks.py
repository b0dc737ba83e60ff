"""The clocks of a case: one for its stage, one overall; both round the clock for now."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.cases import Case, Light, Notice, Stage
from domain.matters import Audience, Rung

DESK_LIMITS = {
    Stage.RECEIVED: timedelta(minutes=30),
    Stage.VERIFYING: timedelta(minutes=30),
    Stage.DISPATCHING: timedelta(minutes=15),
    Stage.CLOSING: timedelta(hours=4),
}
YELLOW = 0.8
OVERALL_LADDER = (Rung(at=YELLOW, to=Audience.HOLDER), Rung(at=1.0, to=Audience.TIER_ABOVE))


def stage_limit(case: Case) -> timedelta:
    """How long the present stage may take."""
    limits = case.policy.limits
    match case.stage:
        case Stage.ASSIGNED:
            return limits.sign
        case Stage.HANDLING:
            return limits.handle
        case Stage.INSPECTING:
            return limits.inspect
        case _:
            return DESK_LIMITS[case.stage]


def stage_due(case: Case) -> datetime | None:
    return None if case.settled else case.stage_since + stage_limit(case)


def overall_due(case: Case) -> datetime | None:
    return case.filed_at + case.policy.limits.overall if case.filed_at else None


def deadline(case: Case) -> datetime | None:
    """What people work against: the nearer of the stage's and the overall deadline."""
    due = [instant for instant in (stage_due(case), overall_due(case)) if instant]
    return min(due) if due and not case.settled else None


def light(case: Case, now: datetime) -> Light:
    due = deadline(case)
    if due is None or now < _share(case, due, YELLOW):
        return Light.NORMAL
    return Light.DUE_SOON if now < due else Light.OVERDUE


def _share(case: Case, due: datetime, share: float) -> datetime:
    start = case.stage_since if due == stage_due(case) else case.filed_at or case.stage_since
    return start + (due - start) * share


def notices(case: Case) -> Iterator[Notice]:
    """Every threshold of the running clocks; each is told once, by its key."""
    if case.settled:
        return
    for ladder, clock, start, limit in _running(case):
        for place, rung in enumerate(ladder):
            due = start + (limit * rung.at if rung.at is not None else limit + (rung.after or timedelta(0)))
            key = f"{clock}:{case.entries if clock == 'stage' else 0}:{place}"
            yield Notice(key=key, clock=clock, to=rung.to, due=due)


def _running(case: Case) -> Iterator[tuple[tuple[Rung, ...], str, datetime, timedelta]]:
    yield case.policy.ladder, "stage", case.stage_since, stage_limit(case)
    if case.filed_at:
        yield OVERALL_LADDER, "overall", case.filed_at, case.policy.limits.overall


def pending(case: Case) -> list[Notice]:
    return sorted((n for n in notices(case) if n.key not in case.notices), key=lambda notice: (notice.due, notice.key))


def next_due(case: Case) -> datetime | None:
    """When the system must look at the case again without being asked; None: never by itself."""
    waiting = pending(case)
    return waiting[0].due if waiting else None
