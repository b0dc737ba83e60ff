"""Who is to be told of what happened: the rows of the outbox. Who that is by name is found when it is sent."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from activities.advance.turn import Entry
from domain import events
from domain.cases import Case, Ending, PauseKind
from domain.events import Event
from domain.lifecycle import DESK_TASKS
from domain.lifecycle.permissions import RETURNS_BEFORE_BRAIN, is_emergency
from domain.matters import Audience
from domain.people import Role

# of which pauses a reporter is told, and as what
TOLD_OF = {
    PauseKind.FOR_REPORTER: "question",
    PauseKind.DEFERRAL: "postponed",
    PauseKind.SUSPENSION: "postponed",
}


class Told(NamedTuple):
    """A person or an audience, why, how loudly, and what tells it from the others of the same event."""

    person: str | None
    audience: str | None
    reason: str
    urgency: int = 0
    key: str = ""


class Message(NamedTuple):
    """One row of the outbox."""

    key: str
    person: str | None
    audience: str | None
    reason: str
    urgency: int


def messages(case: Case, entry: Entry) -> Iterator[Message]:
    """What `entry` gives people to know; `case` is the case as it stands after the turn."""
    event = entry.recorded.event
    base = f"{case.id}:{entry.recorded.version}"
    least = int(is_emergency(case))
    work = chain(_of_the_work(case, event, entry.recorded.at), _of_parties(case, event))
    for told in chain(work, _of_rulings(case, event), _of_the_report(case, event)):
        audience = None if told.person else told.audience
        urgency = max(told.urgency, least)
        yield Message(f"{base}:{told.key}" if told.key else base, told.person, audience, told.reason, urgency)
    if isinstance(event, events.Pressed):
        told = _pressed(case, event)
        key, audience = f"{case.id}:{event.notice}", None if told.person else told.audience
        yield Message(key, told.person, audience, told.reason, max(told.urgency, least))


def _of_the_work(case: Case, event: Event, at: datetime) -> Iterator[Told]:
    match event:
        case events.Filed():
            yield from (Told(None, f"kind:{kind}", "inform", key=kind) for kind in case.inform)
        case events.Dispatched(by_phone=True) | events.Reassigned(by_phone=True):
            yield Told(None, f"role:{Role.DISPATCHER}", "call-unit")
        case events.Dispatched(unit=unit, person=person) | events.Reassigned(unit=unit, person=person):
            yield Told(person.id if person else None, f"liaison:{unit}", "assigned")
        case events.HandedTo(person=someone):
            yield Told(someone.id, None, "assigned")
        case events.Worsened(redispatch=redispatch, matter=matter):
            if case.unit and not redispatch:
                yield Told(*_holder(case), "worsened")
            if case.filed_at is not None and case.filed_at < at:  # else it is filed in this turn, and says so itself
                yield from (Told(None, f"kind:{kind}", "inform", key=kind) for kind in matter.inform)
        case events.Inspected(passed=False) | events.SentBack():
            yield Told(*_holder(case), "rework")
        case events.Reopened():
            yield Told(*_holder(case), "reopened")


def _of_parties(case: Case, event: Event) -> Iterator[Told]:
    """Who acts beside the handler is called like one; the handler hears what they did."""
    match event:
        case events.PartiesCalled(units=units, by_phone=by_phone):
            for unit in units:
                desk = unit in by_phone
                audience = f"role:{Role.DISPATCHER}" if desk else f"liaison:{unit}"
                yield Told(None, audience, "call-joint" if desk else "joint", key=unit)
        case events.JointAnswered() if case.unit:
            yield Told(*_holder(case), "joint-answered")


def _of_rulings(case: Case, event: Event) -> Iterator[Told]:
    match event:
        case events.Returned():
            rules = Role.SUPERVISOR if case.returns >= RETURNS_BEFORE_BRAIN else Role.DISPATCHER
            yield Told(None, f"role:{rules}", "returned")
        case events.ReturnRuled(unit=unit):
            yield Told(None, f"liaison:{unit}", "return-ruled")
        case events.Requested():
            yield Told(None, f"role:{Role.DUTY_OFFICER}", "requested")
        case events.RequestRuled(request=request):
            yield Told(request.by.id, None, "request-ruled")


def _of_the_report(case: Case, event: Event) -> Iterator[Told]:
    if case.report is None:
        return
    reporter = f"report:{case.report}"
    match event:
        case events.Paused(pause=pause) if pause.kind in TOLD_OF:
            yield Told(None, reporter, TOLD_OF[pause.kind])
        case events.Closed(ending=Ending.LINKED):
            yield Told(None, reporter, "linked")
        case events.Closed() | events.Declined() if case.reply:
            yield Told(None, reporter, "reply")


def _pressed(case: Case, event: events.Pressed) -> Told:
    reason = event.notice if event.notice.startswith("repeat:") else f"clock:{event.notice}"
    person, audience = None, f"{event.to.value}:{case.tier.value}"
    if event.to is Audience.HOLDER:
        person, audience = _holder(case)
    return Told(person, audience, reason, event.urgency)


def _holder(case: Case) -> tuple[str | None, str]:
    """The person who has it; else the unit's liaison; else the desk that must act at this stage."""
    if case.stage in DESK_TASKS:
        return None, f"role:{DESK_TASKS[case.stage][1]}"
    if case.person is not None:
        return case.person.id, ""
    return None, f"role:{Role.DISPATCHER}" if case.by_phone else f"liaison:{case.unit}"
