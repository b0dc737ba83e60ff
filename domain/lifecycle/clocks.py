"""Reading a case's clocks: the plan says when, so no calendar is needed to read it."""

from datetime import datetime

from domain.calendars import in_force
from domain.cases import Case, Clock, Light, Notice, Plan
from domain.lifecycle.planning import planned


def plan_of(case: Case) -> Plan:
    """The case's plan; of a case from before plans were kept, what it would have been round the clock."""
    if case.plan is not None:
        return case.plan
    return planned(case, None, case.stage_since, in_force(())) or Plan()


def clock(case: Case, name: str) -> Clock | None:
    return next((one for one in plan_of(case).clocks if one.name == name), None)


def stage_due(case: Case) -> datetime | None:
    running = clock(case, "stage")
    return running.due if running else None


def overall_due(case: Case) -> datetime | None:
    running = clock(case, "overall")
    return running.due if running else None


def deadline(case: Case) -> datetime | None:
    """What people work against: the nearer of the stage's and the overall deadline; None while the clocks stand."""
    return min((one.due for one in plan_of(case).clocks if one.due is not None), default=None)


def light(case: Case, now: datetime) -> Light:
    """The worst light of the running clocks."""
    running = [one for one in plan_of(case).clocks if one.due is not None]
    if any(one.due is not None and one.due <= now for one in running):
        return Light.OVERDUE
    if any(one.yellow is not None and one.yellow <= now for one in running):
        return Light.DUE_SOON
    return Light.NORMAL


def notices(case: Case) -> tuple[Notice, ...]:
    """Every threshold of the running clocks; each is told once, by its key."""
    return plan_of(case).notices


def pending(case: Case) -> list[Notice]:
    return sorted((n for n in notices(case) if n.key not in case.notices), key=lambda notice: (notice.due, notice.key))


def next_due(case: Case) -> datetime | None:
    """When the system must look at the case again without being asked; None: never by itself."""
    if case.pause is not None:
        return case.pause.until
    waiting = pending(case)
    return waiting[0].due if waiting else None
