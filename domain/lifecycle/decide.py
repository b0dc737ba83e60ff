"""The decider: what happens to a case when somebody asks something of it (DESIGN §4)."""

from datetime import datetime

from domain.cases import Case, Ending, NewCase, Stage, is_worse
from domain.commands import (
    Arrive,
    AskVerification,
    Close,
    Command,
    Comment,
    Decline,
    Dispatch,
    File,
    Handle,
    HandTo,
    Inspect,
    NoteCleared,
    NoteWorsened,
    Press,
    Reassign,
    Receive,
    SendBack,
    Sign,
    Verify,
)
from domain.events import (
    Arrived,
    Cleared,
    Closed,
    Commented,
    Declined,
    Dispatched,
    Event,
    Filed,
    HandedTo,
    Handled,
    Inspected,
    Pressed,
    Reassigned,
    Received,
    SeenAgain,
    SentBack,
    Signed,
    TierRaised,
    VerificationAsked,
    Verified,
    Worsened,
)
from domain.lifecycle.clocks import pending
from domain.lifecycle.permissions import PERMISSIONS, STANDS, Who, is_emergency, permits
from domain.lifecycle.refusal import Refused, require
from domain.matters import Audience, Closing, Evidence, Frozen, Inspection, Tier
from domain.people import Actor, PersonRef
from domain.places import Level, Point, contains, level_of, metres_between

NEAR_METRES = 100  # how far from the place a position still counts as being there
GIVEN_OUT = (Stage.ASSIGNED, Stage.HANDLING, Stage.INSPECTING, Stage.CLOSING)  # a unit has had it
SAMPLED_EVERY = 5  # one in so many handled cases of a sampled category is inspected


class Context(Frozen):
    """What a decision may know besides the case: who asks, when, and what the store looked up for it."""

    actor: Actor
    now: datetime
    person: PersonRef | None = None  # whom the command names, with their unit; None: no such person
    unit_known: bool = True  # whether there is the unit that the command names
    by_load: bool = False  # the person was chosen by roster and load
    place_at: Point | None = None  # where the case's place is


def decide(case: Case | NewCase, command: Command, context: Context) -> tuple[Event, ...]:
    """What happens to `case` when `context.actor` gives `command` at `context.now`.

    Raises Refused with a stable code and parameters (docs/lifecycle.md) when it may not.
    """
    if isinstance(case, NewCase):
        require(isinstance(command, Receive), "not-yet-received")
        assert isinstance(command, Receive)  # noqa: S101 - what `require` has just said, for the type checker
        return (Received(matter=command.matter, seen_at=command.seen_at),)
    _permit(case, command, context)
    match command:
        case Receive() | NoteWorsened() | NoteCleared() | Press() | AskVerification():
            return _by_itself(case, command, context)
        case Verify() | File() | Decline():
            return _triage(command)
        case Dispatch() | Reassign() | Sign() | HandTo():
            return _assign(case, command, context)
        case Arrive():
            return (_arrive(case, command, context),)
        case Handle():
            return (_handle(case, command, context.actor),)
        case Inspect() | Close() | SendBack():
            return _end(case, command, context.actor)
        case Comment(text=text):
            return (Commented(text=text),)


def _permit(case: Case, command: Command, context: Context) -> None:
    if isinstance(command, Receive):
        raise Refused("already-received")
    permission = PERMISSIONS[command.name]
    # told before anything else: the one who signed is no longer racing, so nobody of the team stands to the case
    if isinstance(command, Sign) and case.signed_by and context.actor.unit == case.unit and not case.settled:
        raise Refused("already-signed", by=case.signed_by.name)
    require(permits(command.name, case, context.actor), "not-permitted", command=command.name)
    require(not case.settled or Stage.CLOSED in permission.stages, "already-closed", command=command.name)
    require(case.stage in permission.stages, "wrong-stage", command=command.name, stage=case.stage.value)


def _by_itself(case: Case, command: Command, context: Context) -> tuple[Event, ...]:
    match command:
        case AskVerification():
            return (VerificationAsked(),)
        case NoteWorsened(matter=matter, seen_at=seen_at):
            if not is_worse(matter, case):
                return (SeenAgain(rule=matter.why.rule, seen_at=seen_at),)
            moves = matter.handler != case.handler and case.stage in GIVEN_OUT
            return (Worsened(matter=matter, seen_at=seen_at, redispatch=moves),)
        case NoteCleared(detection=detection, seen_at=seen_at):
            if case.cleared:
                return ()
            cleared = Cleared(detection=detection, seen_at=seen_at)
            untouched = case.stage in (Stage.RECEIVED, Stage.DISPATCHING, Stage.ASSIGNED)
            if case.policy.closing is Closing.WHEN_CLEARED and untouched:
                return (cleared, Closed(ending=Ending.SOLVED))
            return (cleared,)
        case _:
            return _press(case, context.now)


def _press(case: Case, now: datetime) -> tuple[Event, ...]:
    events: list[Event] = []
    tier = case.tier
    for notice in pending(case):
        if notice.due > now:
            break
        events.append(Pressed(notice=notice.key, clock=notice.clock, to=notice.to, due=notice.due))
        if notice.to is Audience.BRAIN and tier is not Tier.BRAIN:
            tier = Tier.BRAIN
            events.append(TierRaised(to=tier, why=notice.key))
    return tuple(events)


def _triage(command: Verify | File | Decline) -> tuple[Event, ...]:
    match command:
        case Verify(true=true, note=note, evidence=evidence):
            require(bool(note or evidence), "evidence-missing", needs=(Evidence.NOTE.value,))
            verified = Verified(true=true, note=note, evidence=evidence)
            return (verified,) if true else (verified, Declined(reason=note or "核实不属实", ending=Ending.UNTRUE))
        case File(number=number):
            require(bool(number), "number-missing")
            return (Filed(number=number),)
        case Decline(reason=reason, ending=ending):
            return (Declined(reason=reason, ending=ending),)


def _assign(case: Case, command: Dispatch | Reassign | Sign | HandTo, context: Context) -> tuple[Event, ...]:
    named = getattr(command, "person", None)
    require(context.unit_known, "no-such-unit", field="unit")
    require(named is None or context.person is not None, "no-such-person", field="person")
    match command:
        case Dispatch(unit=unit):
            _of_unit(context.person, unit)
            ground = "least-load" if context.by_load else "chosen"
            return (Dispatched(unit=unit, person=context.person, ground=ground),)
        case Reassign(unit=unit, reason=reason):
            _of_unit(context.person, unit)
            return (Reassigned(unit=unit, person=context.person, reason=reason),)
        case Sign():
            races = STANDS[Who.TEAM](case, context.actor)
            return (Signed(by=context.actor.ref, person=context.actor.ref if races else case.person),)
        case HandTo():
            _of_unit(context.person, case.unit)
            assert context.person is not None  # noqa: S101 - HandTo always names one, checked above
            return (HandedTo(person=context.person),)


def _of_unit(person: PersonRef | None, unit: str | None) -> None:
    if person is not None:
        require(person.unit == unit, "not-of-that-unit", field="person", person=person.name, unit=unit)


def _arrive(case: Case, command: Arrive, context: Context) -> Arrived:
    require(not case.arrived, "already-arrived")
    if command.place is not None:
        # the code hangs in the place, or at the door of the building or the unit that it is in
        at_its_door = contains(command.place, case.place) and level_of(command.place) >= Level.BUILDING
        there = contains(case.place, command.place) or at_its_door
        require(there, "other-place", field="place", place=command.place, expected=case.place)
        return Arrived(via="qr", place=command.place)
    if command.lat is not None and command.lon is not None and context.place_at is not None:
        metres = round(metres_between(Point(lat=command.lat, lon=command.lon), context.place_at))
        if metres <= NEAR_METRES or command.reason:
            return Arrived(via="position", metres=metres, reason=command.reason)
        raise Refused("too-far", field="lat", metres=metres, limit=NEAR_METRES)
    require(bool(command.reason), "place-unproven", field="place")
    return Arrived(via="reason", reason=command.reason)


def _handle(case: Case, command: Handle, actor: Actor) -> Handled:
    require(case.stage is Stage.HANDLING or is_emergency(case), "sign-first")
    require(case.arrived or not case.policy.place_check or is_emergency(case), "not-arrived")
    outcomes = case.policy.outcomes
    require(command.outcome in outcomes, "unknown-outcome", field="outcome", allowed=outcomes)
    brought = {piece.kind for piece in command.evidence} | ({Evidence.NOTE} if command.note else set())
    missing = tuple(need.value for need in case.policy.evidence if need not in brought)
    require(not missing, "evidence-missing", field=missing[0] if missing else "evidence", needs=missing)
    return Handled(
        by=actor.ref,
        outcome=command.outcome,
        note=command.note,
        evidence=command.evidence,
        to_inspection=_inspected(case),
    )


def _inspected(case: Case) -> bool:
    match case.policy.inspection:
        case Inspection.ALWAYS:
            return True
        case Inspection.SAMPLED:
            return case.reworks > 0 or case.id.int % SAMPLED_EVERY == 0
        case Inspection.NEVER:
            return False


def _end(case: Case, command: Inspect | Close | SendBack, actor: Actor) -> tuple[Event, ...]:
    match command:
        case Inspect(passed=passed, note=note, evidence=evidence):
            require(actor.id not in case.handled_by, "handler-cannot-inspect")
            require(passed or bool(note), "evidence-missing", field="note", needs=(Evidence.NOTE.value,))
            return (Inspected(passed=passed, note=note, evidence=evidence),)
        case Close(ending=ending):
            return (Closed(ending=ending),)
        case SendBack(reason=reason):
            return (SentBack(reason=reason),)
