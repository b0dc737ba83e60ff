"""The decider: what happens to a case when somebody asks something of it (DESIGN §4)."""

from domain import commands
from domain.cases import Case, NewCase, Stage
from domain.commands import Command
from domain.events import Commented, ContactLogged, Event, Received
from domain.lifecycle.assigning import assign
from domain.lifecycle.automatic import by_itself
from domain.lifecycle.context import Context
from domain.lifecycle.finishing import finish
from domain.lifecycle.handling import arrive, handle
from domain.lifecycle.joint import act_jointly
from domain.lifecycle.permissions import PERMISSIONS, permits
from domain.lifecycle.refusal import Refused, require
from domain.lifecycle.returning import turn_back
from domain.lifecycle.tiers import move_tier
from domain.lifecycle.triage import triage
from domain.lifecycle.waiting import wait


def decide(case: Case | NewCase, command: Command, context: Context) -> tuple[Event, ...]:
    """What happens to `case` when `context.actor` gives `command` at `context.now`.

    Raises Refused with a stable code and parameters (docs/lifecycle.md) when it may not.
    """
    if isinstance(case, NewCase):
        require(isinstance(command, commands.Receive), "not-yet-received")
        assert isinstance(command, commands.Receive)  # noqa: S101 - what `require` has just said, for the type checker
        return (Received(matter=command.matter, seen_at=command.seen_at),)
    _permit(case, command, context)
    match command:
        case commands.Verify() | commands.File() | commands.Decline() | commands.Settle() | commands.Link():
            return triage(case, command, context)
        case commands.Dispatch() | commands.Reassign() | commands.Sign() | commands.HandTo():
            return assign(case, command, context)
        case commands.ReturnIt() | commands.RuleOnReturn():
            return turn_back(case, command, context)
        case commands.Arrive():
            return (arrive(case, command, context),)
        case commands.Handle():
            return (handle(case, command, context.actor),)
        case commands.Ask() | commands.RuleOn() | commands.WaitFor() | commands.Resume():
            return wait(case, command, context)
        case commands.Inspect() | commands.Close() | commands.SendBack() | commands.Reopen() | commands.Rate():
            return finish(case, command, context)
        case commands.Supervise() | commands.RaiseTier() | commands.SendDown():
            return (move_tier(case, command),)
        case commands.LogContact(kind=kind, whom=whom, reached=reached, note=note):
            return (ContactLogged(kind=kind, whom=whom, reached=reached, note=note),)
        case commands.Comment(text=text):
            return (Commented(text=text),)
        case commands.CallParties() | commands.AnswerJoint():
            return act_jointly(case, command, context)
        case _:
            return by_itself(case, command, context)


def _permit(case: Case, command: Command, context: Context) -> None:
    if isinstance(command, commands.Receive):
        raise Refused("already-received")
    permission = PERMISSIONS[command.name]
    # told before anything else: the one who signed is no longer racing, so nobody of the team stands to the case
    racing = isinstance(command, commands.Sign) and context.actor.works_at(case.unit)
    if racing and case.signed_by and not case.settled:
        raise Refused("already-signed", by=case.signed_by.name)
    require(permits(command.name, case, context.actor), "not-permitted", command=command.name)
    require(not case.settled or Stage.CLOSED in permission.stages, "already-closed", command=command.name)
    require(case.stage in permission.stages, "wrong-stage", command=command.name, stage=case.stage.value)
