"""What an event makes of a case. Never refuses: events are facts."""

from typing import Any

from domain.cases import Case, NewCase, Stage
from domain.events import (
    Arrived,
    Cleared,
    Closed,
    Commented,
    Declined,
    Dispatched,
    Filed,
    HandedTo,
    Handled,
    Inspected,
    Pressed,
    Reassigned,
    Received,
    Recorded,
    SeenAgain,
    SentBack,
    Signed,
    TierRaised,
    VerificationAsked,
    Verified,
    Worsened,
)


def evolve(case: Case | NewCase, recorded: Recorded) -> Case:
    """The case after `recorded`, whose version and instant it takes over."""
    if isinstance(case, NewCase):
        return _begin(case, recorded)
    return case.model_copy(update={"version": recorded.version, **_changes(case, recorded)})


def _begin(case: NewCase, recorded: Recorded) -> Case:
    if not isinstance(recorded.event, Received):
        raise TypeError(f"a case begins with 'received', not {recorded.event.type!r}")
    matter, seen_at = recorded.event.matter, recorded.event.seen_at
    return Case(
        id=case.id,
        version=recorded.version,
        stage=Stage.RECEIVED,
        stage_since=recorded.at,
        received_at=recorded.at,
        ruleset=matter.ruleset,
        ruleset_hash=matter.why.hash,
        matter=matter.matter,
        dedupe_key=matter.dedupe_key,
        title=matter.title,
        text=matter.text,
        category=matter.category,
        priority=matter.priority,
        tier=matter.tier,
        place=matter.place,
        lead=matter.lead,
        handler=matter.handler,
        skills=matter.skills,
        policy=matter.policy,
        last_seen=seen_at,
    )


def _changes(case: Case, recorded: Recorded) -> dict[str, Any]:
    def enter(stage: Stage, **more: Any) -> dict[str, Any]:
        kept = tuple(key for key in case.notices if not key.startswith("stage:"))
        return {
            "stage": stage,
            "stage_since": recorded.at,
            "entries": case.entries + 1,
            "notices": kept,
            **more,
        }

    match recorded.event:
        case VerificationAsked():
            return enter(Stage.VERIFYING)
        case Verified():
            return enter(Stage.RECEIVED)
        case Filed(number=number):
            return enter(Stage.DISPATCHING, number=number, filed_at=recorded.at)
        case Declined(ending=ending) | Closed(ending=ending):
            return enter(Stage.CLOSED, ending=ending, closed_at=recorded.at)
        case Dispatched(unit=unit, person=person) | Reassigned(unit=unit, person=person):
            return enter(Stage.ASSIGNED, unit=unit, person=person, signed_by=None, arrived=False)
        case Signed(by=by, person=person):
            return enter(Stage.HANDLING, signed_by=by, person=person)
        case HandedTo(person=person):
            return {"person": person, "arrived": False}
        case Arrived():
            return {"arrived": True}
        case Handled(by=by, outcome=outcome, to_inspection=to_inspection):
            handled_by = case.handled_by if by.id in case.handled_by else (*case.handled_by, by.id)
            stage = Stage.INSPECTING if to_inspection else Stage.CLOSING
            return enter(stage, outcome=outcome, handled_by=handled_by, passed=False)
        case Inspected(passed=True):
            return enter(Stage.CLOSING, passed=True)
        case Inspected():
            return enter(Stage.HANDLING, reworks=case.reworks + 1, arrived=False, outcome=None)
        case SentBack():
            return enter(Stage.HANDLING, reworks=case.reworks + 1, arrived=False, outcome=None, passed=False)
        case Worsened() as worsened:
            changed = _worsened(case, worsened)
            return enter(Stage.DISPATCHING, **changed) if worsened.redispatch else changed
        case SeenAgain(seen_at=seen_at):
            return {"last_seen": max(case.last_seen, seen_at), "seen": case.seen + 1, "cleared": False}
        case Cleared():
            return {"cleared": True}
        case Pressed(notice=notice):
            return {"notices": (*case.notices, notice)}
        case TierRaised(to=to):
            return {"tier": to}
        case Commented():
            return {}
        case other:
            raise TypeError(f"{other.type!r} cannot follow on a case that has begun")


def _worsened(case: Case, event: Worsened) -> dict[str, Any]:
    matter = event.matter
    return {
        "title": matter.title,
        "text": matter.text,
        "category": matter.category,
        "priority": matter.priority,
        "tier": max(matter.tier, case.tier, key=lambda tier: tier.rank),
        "lead": matter.lead,
        "handler": matter.handler,
        "skills": matter.skills,
        "policy": matter.policy,
        "last_seen": max(case.last_seen, event.seen_at),
        "seen": case.seen + 1,
        "cleared": False,
    }
