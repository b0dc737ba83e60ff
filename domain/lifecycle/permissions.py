"""Who may give which command at which stage: the one table that the decider, the pages, the API and the docs read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from domain.cases import Case, PauseKind, Stage
from domain.matters import Filing, Priority, Tier
from domain.people import DUTY_DESK, Actor, Role

RETURNS_BEFORE_BRAIN = 3  # the third return is ruled by the brain


class Who(StrEnum):
    """How an actor stands to a case."""

    RULE = "rule"
    HANDLER = "handler"  # the person it is assigned to
    LIAISON = "liaison"  # of the unit it is with
    TEAM = "team"  # any handler of the unit, while no person is named
    PARTY = "party"  # of a unit that acts beside it (会办)
    FOR_UNIT = "for_unit"  # the duty desk, for a unit without accounts
    ACCEPTOR = "acceptor"
    DISPATCHER = "dispatcher"
    INSPECTOR = "inspector"
    DUTY_OFFICER = "duty_officer"
    SUPERVISOR = "supervisor"
    GRID_WORKER = "grid_worker"
    COMMITTEE = "committee"
    REPORTER = "reporter"  # whoever holds the follow link of its report
    ANYONE = "anyone"  # who can see the case


def _by_role(role: Role) -> Callable[[Case, Actor], bool]:
    return lambda case, actor: role in actor.roles and actor.covers(case.place)


STANDS: dict[Who, Callable[[Case, Actor], bool]] = {
    Who.RULE: lambda _, actor: Role.RULE in actor.roles,
    Who.HANDLER: lambda case, actor: case.person is not None and case.person.id == actor.id,
    Who.LIAISON: lambda case, actor: Role.LIAISON in actor.roles and actor.works_at(case.unit),
    Who.TEAM: lambda case, actor: case.person is None and Role.HANDLER in actor.roles and actor.works_at(case.unit),
    Who.PARTY: lambda case, actor: any(actor.works_at(party.unit) for party in case.parties),
    Who.FOR_UNIT: lambda case, actor: case.by_phone and bool(DUTY_DESK & actor.roles) and actor.covers(case.place),
    Who.ACCEPTOR: _by_role(Role.ACCEPTOR),
    Who.DISPATCHER: _by_role(Role.DISPATCHER),
    Who.INSPECTOR: _by_role(Role.INSPECTOR),
    Who.DUTY_OFFICER: _by_role(Role.DUTY_OFFICER),
    Who.SUPERVISOR: _by_role(Role.SUPERVISOR),
    Who.GRID_WORKER: _by_role(Role.GRID_WORKER),
    Who.COMMITTEE: _by_role(Role.COMMITTEE),
    Who.REPORTER: lambda case, actor: Role.REPORTER in actor.roles and str(case.report) == actor.id,
    Who.ANYONE: lambda case, actor: (
        actor.covers(case.place) or actor.works_at(case.unit) or STANDS[Who.PARTY](case, actor)
    ),
}


@dataclass(frozen=True)
class Permission:
    stages: frozenset[Stage]
    who: tuple[Who, ...]


def _at(*stages: Stage, who: tuple[Who, ...]) -> Permission:
    return Permission(frozenset(stages), who)


OPEN = tuple(stage for stage in Stage if stage is not Stage.CLOSED)
FILED = (Stage.DISPATCHING, Stage.ASSIGNED, Stage.HANDLING, Stage.INSPECTING, Stage.CLOSING)
WITH_UNIT = (Stage.ASSIGNED, Stage.HANDLING)
HOLDERS = (Who.HANDLER, Who.LIAISON, Who.FOR_UNIT)
DESK = (Who.ACCEPTOR, Who.DISPATCHER, Who.DUTY_OFFICER)
PERMISSIONS: dict[str, Permission] = {
    "ask_verification": _at(Stage.RECEIVED, who=(Who.RULE, Who.ACCEPTOR)),
    "verify": _at(Stage.VERIFYING, who=(Who.GRID_WORKER,)),
    "settle": _at(Stage.RECEIVED, who=(Who.GRID_WORKER, Who.COMMITTEE)),
    "file": _at(Stage.RECEIVED, who=(Who.RULE, Who.ACCEPTOR)),
    "decline": _at(Stage.RECEIVED, Stage.VERIFYING, who=(Who.ACCEPTOR, Who.DUTY_OFFICER)),
    "dispatch": _at(Stage.DISPATCHING, who=(Who.RULE, Who.DISPATCHER)),
    "reassign": _at(*WITH_UNIT, who=(Who.DISPATCHER,)),
    "sign": _at(Stage.ASSIGNED, who=(*HOLDERS, Who.TEAM)),
    "hand_to": _at(*WITH_UNIT, who=(Who.LIAISON,)),
    "arrive": _at(Stage.HANDLING, who=(Who.HANDLER,)),
    "handle": _at(*WITH_UNIT, who=(Who.HANDLER, Who.FOR_UNIT)),
    "answer_joint": _at(*OPEN, who=(Who.PARTY, Who.DISPATCHER)),
    "inspect": _at(Stage.INSPECTING, who=(Who.INSPECTOR,)),
    "close": _at(Stage.CLOSING, who=(Who.RULE, Who.DUTY_OFFICER)),
    "send_back": _at(Stage.CLOSING, who=(Who.DUTY_OFFICER,)),
    "rule_on_return": _at(*WITH_UNIT, who=(Who.DISPATCHER, Who.SUPERVISOR)),
    "rule_on": _at(*FILED, who=(Who.DUTY_OFFICER, Who.SUPERVISOR)),
    "resume": _at(*OPEN, who=(Who.RULE, Who.REPORTER, *HOLDERS, *DESK)),
    "link": _at(*OPEN, who=DESK),
    "log_contact": _at(*Stage, who=(*HOLDERS, *DESK, Who.GRID_WORKER, Who.COMMITTEE)),
    "return": _at(*WITH_UNIT, who=HOLDERS),
    "request": _at(*FILED, who=(*HOLDERS, Who.DISPATCHER)),
    "wait_for": _at(*OPEN, who=(*HOLDERS, *DESK)),
    "supervise": _at(*OPEN, who=(Who.SUPERVISOR, Who.DUTY_OFFICER)),
    "raise_tier": _at(*OPEN, who=(*HOLDERS, *DESK, Who.GRID_WORKER)),
    "send_down": _at(*OPEN, who=(Who.DUTY_OFFICER, Who.SUPERVISOR)),
    "reopen": _at(Stage.CLOSED, who=(Who.RULE, Who.REPORTER, Who.DUTY_OFFICER, Who.SUPERVISOR)),
    "rate": _at(Stage.CLOSED, who=(Who.REPORTER,)),
    "note_worsened": _at(*OPEN, who=(Who.RULE,)),
    "note_cleared": _at(*OPEN, who=(Who.RULE,)),
    "replan": _at(*OPEN, who=(Who.RULE,)),
    "comment": _at(*Stage, who=(Who.ANYONE, Who.REPORTER)),
    "press": _at(*OPEN, who=(Who.RULE,)),
    "note_joined": _at(*OPEN, who=(Who.RULE,)),
    "call_parties": _at(*FILED, who=(Who.RULE,)),
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
        and (name not in SENSIBLE or SENSIBLE[name](case, actor))
    )


def is_emergency(case: Case) -> bool:
    """Act first, record after."""
    return case.priority is Priority.URGENT


def rules_on_return(case: Case, actor: Actor) -> bool:
    """The dispatcher rules on a return; from the third on the brain does."""
    who = Who.SUPERVISOR if case.returns >= RETURNS_BEFORE_BRAIN else Who.DISPATCHER
    return STANDS[who](case, actor)


def may_decline(case: Case, actor: Actor) -> bool:
    """A resident's matter is declined by the duty officer, a device's alarm by the acceptor alone."""
    return case.report is None or STANDS[Who.DUTY_OFFICER](case, actor)


def may_resume(case: Case, actor: Actor) -> bool:
    asked = case.pause is not None and case.pause.kind is PauseKind.FOR_REPORTER
    return case.pause is not None and (asked or Role.REPORTER not in actor.roles)


def awaits_answer(case: Case, actor: Actor) -> bool:
    """Whether the actor has something to answer for a party: their own unit, or one that the desk calls."""
    awaited = [party for party in case.parties if party.unit in case.awaited]
    desk = STANDS[Who.DISPATCHER](case, actor)
    return any(actor.works_at(party.unit) or (desk and party.by_phone) for party in awaited)


# Where stage and standing allow more than makes sense: what the decider would refuse is not offered.
SENSIBLE: dict[str, Callable[[Case, Actor], bool]] = {
    "inspect": lambda case, actor: actor.id not in case.handled_by,
    "handle": lambda case, _: case.stage is Stage.HANDLING or is_emergency(case),
    "arrive": lambda case, _: not case.arrived,
    "answer_joint": awaits_answer,
    "settle": lambda case, _: case.policy.filing is Filing.AT_DESK,
    "decline": may_decline,
    "rule_on_return": lambda case, actor: case.returned is not None and rules_on_return(case, actor),
    "rule_on": lambda case, actor: case.request is not None and case.request.by.id != actor.id,
    "resume": may_resume,
    "link": lambda case, _: case.linked_to is None,
    "return": lambda case, _: case.returned is None and case.return_until is not None,
    "request": lambda case, _: case.request is None,
    "wait_for": lambda case, _: case.pause is None,
    "supervise": lambda case, _: not case.supervised,
    "raise_tier": lambda case, _: case.tier is not Tier.BRAIN,
    "send_down": lambda case, _: case.tier is not Tier.COMMITTEE,
    "rate": lambda case, _: case.rating is None,
}
