"""What an event makes of a case. Never refuses: events are facts."""

from datetime import timedelta
from typing import Any

from domain import events
from domain.cases import Case, NewCase, Party, PauseKind, Rating, RequestKind, Return, Stage
from domain.events import Received, Recorded


def evolve(case: Case | NewCase, recorded: Recorded) -> Case:
    """The case after `recorded`, whose version and instant it takes over."""
    if isinstance(case, NewCase):
        return _begin(case, recorded)
    changes = _changes(case, recorded)
    if "stage" in changes:
        changes["plan"] = None  # a stage has a clock of its own
    if recorded.plan is not None:
        changes["plan"] = recorded.plan
    return case.model_copy(update={"version": recorded.version, **changes})


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
        inform=matter.inform,
        wants=matter.parties,
        parent=matter.parent,
        children=matter.children,
        report=matter.report,
        policy=matter.policy,
        plan=recorded.plan,
        last_seen=seen_at,
    )


def _changes(case: Case, recorded: Recorded) -> dict[str, Any]:
    event = recorded.event
    for part in (_triaged, _given, _worked, _asked, _ended, _noted):
        changes = part(case, recorded)
        if changes is not None:
            return changes
    raise TypeError(f"{event.type!r} cannot follow on a case that has begun")


Changes = dict[str, Any] | None


def _enter(case: Case, recorded: Recorded, stage: Stage, **more: Any) -> dict[str, Any]:
    """Another stage, with a clock of its own; a pause does not outlive the stage it was for."""
    kept = tuple(key for key in case.notices if key.startswith("overall:"))
    entries = case.entries + 1
    return {
        "stage": stage,
        "stage_since": recorded.at,
        "entries": entries,
        "notices": kept,
        "pause": None,
        "returned": None,
        **more,
    }


def _triaged(case: Case, recorded: Recorded) -> Changes:
    match recorded.event:
        case events.VerificationAsked():
            return _enter(case, recorded, Stage.VERIFYING)
        case events.Verified():
            return _enter(case, recorded, Stage.RECEIVED)
        case events.Filed(number=number):
            filed_at = case.filed_at or recorded.at
            counted = {"number": number, "filed_at": filed_at, "counted_from": case.counted_from or recorded.at}
            return _enter(case, recorded, Stage.DISPATCHING, **counted)
        case events.Settled(by=by, to_inspection=to_inspection):
            stage = Stage.INSPECTING if to_inspection else Stage.CLOSING
            done = {"outcome": "solved", "on_the_spot": True, "handled_by": _with(case.handled_by, by.id)}
            return _enter(case, recorded, stage, person=by, unit=by.unit, **done)
        case events.Linked(to=to):
            return {"linked_to": to}
        case _:
            return None


def _given(case: Case, recorded: Recorded) -> Changes:
    match recorded.event:
        case (
            events.Dispatched(unit=unit, person=person, by_phone=by_phone)
            | events.Reassigned(unit=unit, person=person, by_phone=by_phone)
        ):
            until = recorded.at + case.policy.return_within if case.policy.return_within else None
            given = {"unit": unit, "person": person, "by_phone": by_phone, "return_until": until}
            if isinstance(recorded.event, events.Reassigned):
                given["request"] = None  # it was the former unit's
            return _enter(case, recorded, Stage.ASSIGNED, signed_by=None, arrived=False, meant_for=None, **given)
        case events.Signed(by=by, person=person):
            return {**_enter(case, recorded, Stage.HANDLING, signed_by=by, person=person), "returned": case.returned}
        case events.HandedTo(person=person):
            return {"person": person, "arrived": False}
        case events.PartiesCalled(units=units, by_phone=by_phone):
            called = (Party(unit=unit, by_phone=unit in by_phone) for unit in units)
            return {"wants": (), "parties": (*case.parties, *called)}
        case events.JointAnswered(unit=unit, by=by, note=note):
            answer = {"by": by, "note": note}
            return {"parties": tuple(p.model_copy(update=answer) if p.unit == unit else p for p in case.parties)}
        case events.Returned(by=by, owner=owner, ground=ground):
            return {"returned": Return(owner=owner, ground=ground, by=by), "returns": case.returns + 1}
        case events.ReturnRuled(granted=True, owner=owner):
            nobodys = {"unit": None, "person": None, "signed_by": None, "by_phone": False, "return_until": None}
            return _enter(case, recorded, Stage.DISPATCHING, meant_for=owner, request=None, **nobodys)
        case events.ReturnRuled():
            return {"returned": None}
        case _:
            return None


def _worked(case: Case, recorded: Recorded) -> Changes:
    match recorded.event:
        case events.Arrived():
            return {"arrived": True}
        case events.Handled(by=by, outcome=outcome, to_inspection=to_inspection, reply=reply):
            stage = Stage.INSPECTING if to_inspection else Stage.CLOSING
            asked = case.request if case.request and case.request.kind is RequestKind.VOID else None
            done = {"outcome": outcome, "handled_by": _with(case.handled_by, by.id), "reply": reply or case.reply}
            return _enter(case, recorded, stage, passed=False, request=asked, **done)  # more time is no longer needed
        case events.Inspected(passed=True):
            return _enter(case, recorded, Stage.CLOSING, passed=True)
        case events.Inspected() | events.SentBack():
            again = {"reworks": case.reworks + 1, "arrived": False, "outcome": None, "on_the_spot": False}
            return _enter(case, recorded, Stage.HANDLING, passed=False, **again)
        case _:
            return None


def _asked(case: Case, recorded: Recorded) -> Changes:
    match recorded.event:
        case events.Requested(request=request):
            return {"request": request}
        case events.RequestRuled(granted=granted, request=request):
            if granted and request.kind is RequestKind.EXTENSION:
                more = case.extended + timedelta(hours=request.hours or 0)
                return {"request": None, "extensions": case.extensions + 1, "extended": more}
            return {"request": None}
        case events.Paused(pause=pause):
            suspended = pause.kind is PauseKind.SUSPENSION
            return {"pause": pause, "suspensions": case.suspensions + suspended}
        case events.Resumed():
            return {"pause": None}
        case events.Supervised():
            return {"supervised": True}
        case _:
            return None


def _ended(case: Case, recorded: Recorded) -> Changes:
    match recorded.event:
        case events.Declined(ending=ending, reason=reason):
            told = reason if case.report else case.reply
            return _enter(case, recorded, Stage.CLOSED, ending=ending, closed_at=recorded.at, reply=told, request=None)
        case events.Closed(ending=ending, reply=reply):
            told = reply or case.reply
            return _enter(case, recorded, Stage.CLOSED, ending=ending, closed_at=recorded.at, reply=told, request=None)
        case events.Reopened(to=to):
            again = {"ending": None, "closed_at": None, "outcome": None, "passed": False, "cleared": False, "reply": ""}
            anew = {"signed_by": None, "arrived": False, "rating": None, "linked_to": None, "on_the_spot": False}
            time = {"counted_from": recorded.at if case.filed_at else None, "extended": timedelta(0), "extensions": 0}
            until = recorded.at + case.policy.return_within if case.policy.return_within else None
            more = {**again, **anew, **time, "reopened": case.reopened + 1, "return_until": until}
            return _enter(case, recorded, Stage(to), **more)
        case events.Rated(stars=stars, solved=solved, text=text):
            return {"rating": Rating(stars=stars, solved=solved, text=text, at=recorded.at)}
        case _:
            return None


def _noted(case: Case, recorded: Recorded) -> Changes:
    match recorded.event:
        case events.Worsened() as worsened:
            changed = _worsened(case, worsened)
            if not worsened.redispatch:
                return changed
            undone = {"outcome": None, "passed": False, "on_the_spot": False, "request": None}  # another unit's to do
            return _enter(case, recorded, Stage.DISPATCHING, **undone, **changed)
        case events.SeenAgain(seen_at=seen_at):
            return {"last_seen": max(case.last_seen, seen_at), "seen": case.seen + 1, "cleared": False}
        case events.Joined(seen_at=seen_at, priority=priority):
            more = max(priority, case.priority, key=lambda one: one.rank)
            return {"last_seen": max(case.last_seen, seen_at), "seen": case.seen + 1, "priority": more}
        case events.Cleared():
            return {"cleared": True}
        case events.Pressed(notice=notice):
            return {"notices": (*case.notices, notice)}
        case events.TierRaised(to=to) | events.SentDown(to=to):
            return {"tier": to}
        case events.Commented() | events.ContactLogged() | events.Replanned():
            return {}
        case _:
            return None


def _with(ids: tuple[str, ...], one: str) -> tuple[str, ...]:
    return ids if one in ids else (*ids, one)


def _worsened(case: Case, event: events.Worsened) -> dict[str, Any]:
    """What got worse does not wait: a pause ends."""
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
        "inform": tuple(dict.fromkeys((*case.inform, *matter.inform))),
        "wants": tuple(dict.fromkeys((*case.wants, *matter.parties))),
        "policy": matter.policy,
        "children": case.children + matter.children,
        "pause": None,
        "last_seen": max(case.last_seen, event.seen_at),
        "seen": case.seen + 1,
        "cleared": False,
    }
