"""Who does the work: given out, signed for, handed on."""

from domain.cases import Case
from domain.commands import Dispatch, HandTo, Reassign, Sign
from domain.events import Dispatched, Event, HandedTo, Reassigned, Signed
from domain.lifecycle.context import Context
from domain.lifecycle.permissions import STANDS, Who
from domain.lifecycle.refusal import require
from domain.people import Actor, PersonRef


def assign(case: Case, command: Dispatch | Reassign | Sign | HandTo, context: Context) -> tuple[Event, ...]:
    named = getattr(command, "person", None)
    require(context.unit_known, "no-such-unit", field="unit")
    require(named is None or context.person is not None, "no-such-person", field="person")
    match command:
        case Dispatch(unit=unit):
            _of_unit(context.person, unit)
            given = Dispatched(unit=unit, person=context.person, ground=context.ground, by_phone=context.by_phone)
            return (given,)
        case Reassign(unit=unit, reason=reason):
            _of_unit(context.person, unit)
            return (Reassigned(unit=unit, person=context.person, reason=reason, by_phone=context.by_phone),)
        case Sign(spoken_to=spoken_to):
            answers_for_it(case, context.actor, spoken_to)
            races = STANDS[Who.TEAM](case, context.actor)
            person = context.actor.ref if races else case.person
            return (Signed(by=context.actor.ref, person=person, spoken_to=spoken_to),)
        case HandTo():
            _of_unit(context.person, case.unit)
            assert context.person is not None  # noqa: S101 - HandTo always names one, checked above
            return (HandedTo(person=context.person),)


def answers_for_it(case: Case, actor: Actor, spoken_to: str) -> None:
    """Whoever answers for a unit without accounts says with whom they spoke."""
    of_the_unit = STANDS[Who.HANDLER](case, actor) or actor.works_at(case.unit)
    require(of_the_unit or bool(spoken_to), "spoken-to-missing", field="spoken_to")


def _of_unit(person: PersonRef | None, unit: str | None) -> None:
    if person is not None:
        require(person.unit == unit, "not-of-that-unit", field="person", person=person.name, unit=unit)
