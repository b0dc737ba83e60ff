"""More time, a pause, a void: asked for, ruled on; waiting for somebody, and going on."""

from datetime import timedelta

from domain.cases import Case, Ending, Pause, PauseKind, Request, RequestKind
from domain.commands import Ask, Resume, RuleOn, WaitFor
from domain.events import Closed, Event, Paused, Requested, RequestRuled, Resumed
from domain.lifecycle.clocks import deadline
from domain.lifecycle.context import Context
from domain.lifecycle.permissions import may_resume
from domain.lifecycle.refusal import Refused, require

MOST_EXTENSIONS = 2
LONGEST_DEFERRAL = timedelta(days=30)
LONGEST_SUSPENSION = timedelta(days=365)
LONGEST_WAIT = timedelta(days=30)
MOST_SUSPENSIONS = 1


def wait(case: Case, command: Ask | RuleOn | WaitFor | Resume, context: Context) -> tuple[Event, ...]:
    match command:
        case Ask():
            return (_ask(case, command, context),)
        case RuleOn():
            return _rule(case, command, context)
        case WaitFor(whom=whom, until=until, reason=reason):
            require(case.pause is None, "already-paused")
            within = context.now < until <= context.now + LONGEST_WAIT
            require(within, "pause-too-long", field="until", days=LONGEST_WAIT.days)
            kind = PauseKind.FOR_REPORTER if whom == "reporter" else PauseKind.FOR_OTHER
            require(kind is not PauseKind.FOR_REPORTER or case.report is not None, "no-reporter", field="whom")
            return (Paused(pause=Pause(kind=kind, until=until, reason=reason)),)
        case Resume(note=note):
            paused = case.pause
            if paused is None:
                raise Refused("not-paused")
            require(may_resume(case, context.actor), "not-permitted", command=command.name)
            return (Resumed(kind=paused.kind, note=note),)


def _ask(case: Case, command: Ask, context: Context) -> Requested:
    require(case.request is None, "request-awaits-ruling")
    match command.kind:
        case RequestKind.EXTENSION:
            require(command.hours is not None, "field-missing", field="hours")
            require(case.extensions < MOST_EXTENSIONS, "extensions-used-up", most=MOST_EXTENSIONS)
            require(case.pause is None, "already-paused")
            due = deadline(case)
            require(due is not None and context.now < due, "too-late-to-extend")
        case RequestKind.DEFERRAL:
            _until(command, context, LONGEST_DEFERRAL)
        case RequestKind.SUSPENSION:
            require(case.suspensions < MOST_SUSPENSIONS, "suspended-before")
            _until(command, context, LONGEST_SUSPENSION)
        case RequestKind.VOID:
            pass
    asked = Request(
        kind=command.kind, reason=command.reason, by=context.actor.ref, hours=command.hours, until=command.until
    )
    return Requested(request=asked)


def _until(command: Ask, context: Context, longest: timedelta) -> None:
    until = command.until
    if until is None:
        raise Refused("field-missing", field="until")
    require(context.now < until <= context.now + longest, "pause-too-long", field="until", days=longest.days)


def _rule(case: Case, command: RuleOn, context: Context) -> tuple[Event, ...]:
    asked = case.request
    if asked is None:
        raise Refused("nothing-requested")
    require(asked.by.id != context.actor.id, "own-request")
    require(command.granted or bool(command.note), "evidence-missing", field="note", needs=("note",))
    ruled = RequestRuled(granted=command.granted, request=asked, note=command.note)
    if not command.granted:
        return (ruled,)
    match asked.kind:
        case RequestKind.EXTENSION:
            return (ruled,)
        case RequestKind.VOID:
            return (ruled, Closed(ending=Ending.VOIDED, reply=asked.reason if case.report else ""))
        case RequestKind.DEFERRAL | RequestKind.SUSPENSION:
            require(case.pause is None, "already-paused")
            until = asked.until
            if until is None or until <= context.now:
                raise Refused("pause-is-past")
            return (ruled, Paused(pause=Pause(kind=PauseKind(asked.kind.value), until=until, reason=asked.reason)))
