"""What somebody must do next about a case."""

from datetime import datetime

from domain.cases import Case, Stage
from domain.lifecycle.clocks import deadline
from domain.matters import Frozen
from domain.people import PersonRef, Role

DESK_TASKS = {
    Stage.RECEIVED: ("file", Role.ACCEPTOR),
    Stage.VERIFYING: ("verify", Role.GRID_WORKER),
    Stage.DISPATCHING: ("dispatch", Role.DISPATCHER),
    Stage.INSPECTING: ("inspect", Role.INSPECTOR),
    Stage.CLOSING: ("close", Role.DUTY_OFFICER),
}


class Task(Frozen):
    """One thing to do: by a named person, or by whoever has the role in that unit or place."""

    kind: str
    role: Role
    unit: str | None = None
    person: PersonRef | None = None
    due: datetime | None = None


def task_of(case: Case) -> Task | None:
    """The open task of a case; None when it is closed."""
    due = deadline(case)
    match case.stage:
        case Stage.CLOSED:
            return None
        case (Stage.ASSIGNED | Stage.HANDLING) as stage if case.by_phone:
            return Task(kind="sign" if stage is Stage.ASSIGNED else "handle", role=Role.DISPATCHER, due=due)
        case Stage.ASSIGNED:
            role = Role.HANDLER if case.person else Role.LIAISON
            return Task(kind="sign", role=role, unit=case.unit, person=case.person, due=due)
        case Stage.HANDLING if case.person is None:
            return Task(kind="hand_to", role=Role.LIAISON, unit=case.unit, due=due)
        case Stage.HANDLING:
            return Task(kind="handle", role=Role.HANDLER, unit=case.unit, person=case.person, due=due)
        case stage:
            kind, role = DESK_TASKS[stage]
            return Task(kind=kind, role=role, due=due)
