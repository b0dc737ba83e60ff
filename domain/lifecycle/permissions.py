"""Who may give which command at which stage: the one table that the decider, the pages, the API and the docs read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from domain.cases import Case, Stage
from domain.matters import Priority
from domain.people import Actor, Role


class Who(StrEnum):
    """How an actor stands to a case."""

    RULE = "rule"
    HANDLER = "handler"  # the person it is assigned to
    LIAISON = "liaison"  # of the unit it is with
    TEAM = "team"  # any handler of the unit, while no person is named
    ACCEPTOR = "acceptor"
    DISPATCHER = "dispatcher"
    INSPECTOR = "inspector"
    DUTY_OFFICER = "duty_officer"
    GRID_WORKER = "grid_worker"
    ANYONE = "anyone"  # who can see the case


def _by_role(role: Role) -> Callable[[Case, Actor], bool]:
    return lambda case, actor: role in actor.roles and actor.covers(case.place)


STANDS: dict[Who, Callable[[Case, Actor], bool]] = {
    Who.RULE: lambda _, actor: Role.RULE in actor.roles,
    Who.HANDLER: lambda case, actor: case.person is not None and case.person.id == actor.id,
    Who.LIAISON: lambda case, actor: Role.LIAISON in actor.roles and case.unit is not None and actor.unit == case.unit,
    Who.TEAM: lambda case, actor: (
        case.person is None and Role.HANDLER in actor.roles and case.unit is not None and actor.unit == case.unit
    ),
    Who.ACCEPTOR: _by_role(Role.ACCEPTOR),
    Who.DISPATCHER: _by_role(Role.DISPATCHER),
    Who.INSPECTOR: _by_role(Role.INSPECTOR),
    Who.DUTY_OFFICER: _by_role(Role.DUTY_OFFICER),
    Who.GRID_WORKER: _by_role(Role.GRID_WORKER),
    Who.ANYONE: lambda case, actor: actor.covers(case.place) or (case.unit is not None and actor.unit == case.unit),
}


@dataclass(frozen=True)
class Permission:
    stages: frozenset[Stage]
    who: tuple[Who, ...]


def _at(*stages: Stage, who: tuple[Who, ...]) -> Permission:
    return Permission(frozenset(stages), who)


OPEN = tuple(stage for stage in Stage if stage is not Stage.CLOSED)
PERMISSIONS: dict[str, Permission] = {
    "ask_verification": _at(Stage.RECEIVED, who=(Who.RULE, Who.ACCEPTOR)),
    "verify": _at(Stage.VERIFYING, who=(Who.GRID_WORKER,)),
    "file": _at(Stage.RECEIVED, who=(Who.RULE, Who.ACCEPTOR)),
    "decline": _at(Stage.RECEIVED, Stage.VERIFYING, who=(Who.ACCEPTOR,)),
    "dispatch": _at(Stage.DISPATCHING, who=(Who.RULE, Who.DISPATCHER)),
    "reassign": _at(Stage.ASSIGNED, Stage.HANDLING, who=(Who.DISPATCHER,)),
    "sign": _at(Stage.ASSIGNED, who=(Who.HANDLER, Who.LIAISON, Who.TEAM)),
    "hand_to": _at(Stage.ASSIGNED, Stage.HANDLING, who=(Who.LIAISON,)),
    "arrive": _at(Stage.HANDLING, who=(Who.HANDLER,)),
    "handle": _at(Stage.ASSIGNED, Stage.HANDLING, who=(Who.HANDLER,)),
    "inspect": _at(Stage.INSPECTING, who=(Who.INSPECTOR,)),
    "close": _at(Stage.CLOSING, who=(Who.RULE, Who.DUTY_OFFICER)),
    "send_back": _at(Stage.CLOSING, who=(Who.DUTY_OFFICER,)),
    "note_worsened": _at(*OPEN, who=(Who.RULE,)),
    "note_cleared": _at(*OPEN, who=(Who.RULE,)),
    "comment": _at(*Stage, who=(Who.ANYONE,)),
    "press": _at(*OPEN, who=(Who.RULE,)),
}


def permits(name: str, case: Case, actor: Actor) -> bool:
    """Whether `actor` stands to the case as the command demands, whatever its stage."""
    return any(STANDS[who](case, actor) for who in PERMISSIONS[name].who)


def offered(case: Case, actor: Actor) -> tuple[str, ...]:
    """The commands whose forms `actor` is shown now, in the order of the trade's road.

    Handling straight from `assigned` is offered for emergencies only: the decider refuses it otherwise.
    """
    return tuple(
        name
        for name, permission in PERMISSIONS.items()
        if case.stage in permission.stages
        and permits(name, case, actor)
        and not (name == "inspect" and actor.id in case.handled_by)
        and not (name == "handle" and case.stage is Stage.ASSIGNED and not is_emergency(case))
        and not (name == "arrive" and case.arrived)
    )


def is_emergency(case: Case) -> bool:
    """Act first, record after."""
    return case.priority is Priority.URGENT
