"""Does the matter count? Verified, filed, declined, settled on the spot, or part of another one."""

from domain.cases import Case, Ending, Stage
from domain.commands import Decline, File, Link, Settle, Verify
from domain.events import Closed, Declined, Event, Filed, Linked, Settled, Verified
from domain.lifecycle.context import Context
from domain.lifecycle.handling import lacking, sampled
from domain.lifecycle.permissions import may_decline
from domain.lifecycle.refusal import Refused, require
from domain.matters import Evidence, Filing

BEFORE_AND_AFTER = (Evidence.PHOTO_BEFORE, Evidence.PHOTO_AFTER)
NOT_BEGUN = (Stage.RECEIVED, Stage.VERIFYING, Stage.DISPATCHING)


def triage(case: Case, command: Verify | File | Decline | Settle | Link, context: Context) -> tuple[Event, ...]:
    match command:
        case Verify(true=true, note=note, evidence=evidence):
            require(bool(note or evidence), "evidence-missing", needs=(Evidence.NOTE.value,))
            verified = Verified(true=true, note=note, evidence=evidence)
            to_desk = true or case.policy.filing is Filing.AT_DESK
            return (verified,) if to_desk else (verified, Declined(reason=note or "核实不属实", ending=Ending.UNTRUE))
        case File():
            return (_filed(case, command.number),)
        case Decline(reason=reason, ending=ending):
            require(may_decline(case, context.actor), "duty-officer-declines")
            return (Declined(reason=reason, ending=ending),)
        case Settle():
            return _settle(case, command, context)
        case Link():
            return _link(case, command, context)


def _filed(case: Case, number: str) -> Filed:
    """A case that is filed again keeps its number."""
    require(bool(case.number or number), "number-missing")
    return Filed(number=case.number or number)


def _settle(case: Case, command: Settle, context: Context) -> tuple[Event, ...]:
    require(case.policy.filing is Filing.AT_DESK, "wrong-stage", command=command.name, stage=case.stage.value)
    missing = lacking(BEFORE_AND_AFTER, command.evidence, command.note)
    require(not missing, "evidence-missing", field=missing[0] if missing else "evidence", needs=missing)
    settled = Settled(by=context.actor.ref, note=command.note, evidence=command.evidence, to_inspection=sampled(case))
    return (_filed(case, command.number), settled)


def _link(case: Case, command: Link, context: Context) -> tuple[Event, ...]:
    require(case.linked_to is None, "already-linked")
    main = context.main
    if main is None:
        raise Refused("no-such-case", field="to")
    require(main.id != case.id, "linked-to-itself", field="to")
    require(main.linked_to is None, "main-is-linked", field="to", number=main.name)
    linked = Linked(to=main.id, number=main.name, note=command.note)
    return (linked, Closed(ending=Ending.LINKED)) if case.stage in NOT_BEGUN else (linked,)
