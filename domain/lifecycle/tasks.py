"""What somebody must do next about a case."""

from datetime import datetime

from domain.cases import Case, Party, Stage
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


def tasks_of(case: Case) -> tuple[Task, ...]:
    """Every open task: the one of its stage, and one of each party that has not answered."""
    main = task_of(case)
    return (*((main,) if main else ()), *(_joint(case, party) for party in case.parties if party.unit in case.awaited))


def _joint(case: Case, party: Party) -> Task:
    role = Role.DISPATCHER if party.by_phone else Role.LIAISON
    return Task(kind="answer_joint", role=role, unit=party.unit, due=deadline(case))


def task_of(case: Case) -> Task | None:
    """The open task of a case's stage; None when it is closed."""
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
