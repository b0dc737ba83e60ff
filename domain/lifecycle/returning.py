"""Returns: a unit says that it is not theirs, the dispatcher or the brain rules on it."""

from domain.cases import Case
from domain.commands import ReturnIt, RuleOnReturn
from domain.events import Event, Returned, ReturnRuled
from domain.lifecycle.context import Context
from domain.lifecycle.permissions import RETURNS_BEFORE_BRAIN, rules_on_return
from domain.lifecycle.refusal import Refused, require
from domain.lifecycle.tiers import raised_to_brain


def turn_back(case: Case, command: ReturnIt | RuleOnReturn, context: Context) -> tuple[Event, ...]:
    """Until it is ruled on, the unit stays responsible and the clock goes on."""
    match command:
        case ReturnIt():
            return _return(case, command, context)
        case RuleOnReturn(granted=granted, note=note):
            asked = case.returned
            if asked is None:
                raise Refused("nothing-returned")
            require(rules_on_return(case, context.actor), "not-permitted", command=command.name)
            require(granted or bool(note), "evidence-missing", field="note", needs=("note",))
            ruled = ReturnRuled(
                granted=granted, unit=case.unit or "", owner=asked.owner, ground=asked.ground, note=note
            )
            return (ruled,)


def _return(case: Case, command: ReturnIt, context: Context) -> tuple[Event, ...]:
    require(case.returned is None, "return-awaits-ruling")
    until = case.return_until
    if until is None:
        raise Refused("not-returnable")
    require(context.now <= until, "return-window-over", until=until)
    require(context.unit_known, "no-such-unit", field="owner")
    require(command.owner != case.unit, "returned-to-itself", field="owner")
    require(bool(command.ground), "ground-missing", field="ground")
    returned = Returned(by=context.actor.ref, unit=case.unit or "", owner=command.owner, ground=command.ground)
    if case.returns + 1 < RETURNS_BEFORE_BRAIN:
        return (returned,)
    return (returned, *raised_to_brain(case, "third-return"))
