"""Units that act on a case beside its handler (会办): called with it, each answers for itself."""

from domain.cases import Case
from domain.commands import AnswerJoint, CallParties
from domain.events import Event, JointAnswered, PartiesCalled
from domain.lifecycle.context import Context
from domain.lifecycle.permissions import STANDS, Who
from domain.lifecycle.refusal import Refused, require


def act_jointly(case: Case, command: CallParties | AnswerJoint, context: Context) -> tuple[Event, ...]:
    match command:
        case CallParties(units=units, by_phone=by_phone):
            there = {case.unit, *(party.unit for party in case.parties)}
            new = tuple(unit for unit in units if unit not in there)
            return (PartiesCalled(units=new, by_phone=tuple(unit for unit in by_phone if unit in new)),)
        case AnswerJoint():
            return (_answered(case, command, context),)


def _answered(case: Case, command: AnswerJoint, context: Context) -> JointAnswered:
    actor = context.actor
    unit = command.unit or actor.unit
    party = next((party for party in case.parties if party.unit == unit), None)
    if party is None:
        raise Refused("not-a-party", field="unit")
    if party.by is not None:
        raise Refused("joint-answered", by=party.by.name)
    if not actor.works_at(party.unit):
        require(party.by_phone and STANDS[Who.DISPATCHER](case, actor), "not-permitted", command=command.name)
        require(bool(command.spoken_to), "spoken-to-missing", field="spoken_to")
    return JointAnswered(unit=party.unit, by=actor.ref, note=command.note, spoken_to=command.spoken_to)
