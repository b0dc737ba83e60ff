"""At the place: arriving, and what was done with its evidence."""

from collections.abc import Iterable

from domain.cases import Case, EvidenceRef, Stage
from domain.commands import Arrive, Handle
from domain.events import Arrived, Handled
from domain.lifecycle.assigning import answers_for_it
from domain.lifecycle.context import Context
from domain.lifecycle.permissions import is_emergency
from domain.lifecycle.refusal import Refused, require
from domain.matters import Evidence, Inspection
from domain.people import Actor
from domain.places import Level, Point, contains, level_of, metres_between

NEAR_METRES = 100  # how far from the place a position still counts as being there
SAMPLED_EVERY = 5  # one in so many handled cases of a sampled category is inspected


def arrive(case: Case, command: Arrive, context: Context) -> Arrived:
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


def handle(case: Case, command: Handle, actor: Actor) -> Handled:
    require(case.stage is Stage.HANDLING or is_emergency(case), "sign-first")
    require(case.arrived or not case.policy.place_check or is_emergency(case) or case.by_phone, "not-arrived")
    outcomes = case.policy.outcomes
    require(command.outcome in outcomes, "unknown-outcome", field="outcome", allowed=outcomes)
    answers_for_it(case, actor, command.spoken_to)
    demanded = (Evidence.NOTE,) if case.by_phone else case.policy.evidence  # nobody sends photos by telephone
    missing = lacking(demanded, command.evidence, command.note)
    require(not missing, "evidence-missing", field=missing[0] if missing else "evidence", needs=missing)
    return Handled(
        by=actor.ref,
        outcome=command.outcome,
        note=command.note,
        evidence=command.evidence,
        to_inspection=sampled(case),
        reply=command.reply,
        spoken_to=command.spoken_to,
    )


def lacking(demanded: Iterable[Evidence], brought: Iterable[EvidenceRef], note: str) -> tuple[str, ...]:
    """What is demanded and was not brought."""
    there = {piece.kind for piece in brought} | ({Evidence.NOTE} if note else set())
    return tuple(need.value for need in demanded if need not in there)


def sampled(case: Case) -> bool:
    """Whether what was done is inspected: always, never, or one in so many by the case's id."""
    match case.policy.inspection:
        case Inspection.ALWAYS:
            return True
        case Inspection.SAMPLED:
            return case.reworks > 0 or case.id.int % SAMPLED_EVERY == 0
        case Inspection.NEVER:
            return False
