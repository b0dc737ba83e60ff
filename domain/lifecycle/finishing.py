"""Inspection, closing with the reply, and what may come after: reopening, rating."""

from domain.cases import Case
from domain.commands import Close, Inspect, Rate, Reopen, SendBack
from domain.events import Closed, Event, Inspected, Rated, Reopened, SentBack
from domain.lifecycle.context import Context
from domain.lifecycle.refusal import require
from domain.matters import Evidence
from domain.people import Role


def finish(case: Case, command: Inspect | Close | SendBack | Reopen | Rate, context: Context) -> tuple[Event, ...]:
    match command:
        case Inspect(passed=passed, note=note, evidence=evidence):
            require(context.actor.id not in case.handled_by, "handler-cannot-inspect")
            require(passed or bool(note), "evidence-missing", field="note", needs=(Evidence.NOTE.value,))
            return (Inspected(passed=passed, note=note, evidence=evidence),)
        case Close(ending=ending, reply=reply):
            require(not context.children, "children-open", numbers=context.children)
            released = reply or case.reply
            require(case.report is None or bool(released), "reply-missing", field="reply")
            return (Closed(ending=ending, reply=released if case.report else ""),)
        case SendBack(reason=reason):
            return (SentBack(reason=reason),)
        case Reopen():
            return (_reopen(case, command, context),)
        case Rate(stars=stars, solved=solved, text=text):
            require(case.rating is None, "already-rated")
            return (Rated(stars=stars, solved=solved, text=text),)


def _reopen(case: Case, command: Reopen, context: Context) -> Reopened:
    assert case.closed_at is not None  # noqa: S101 - a closed case has its instant
    last = case.closed_at + case.policy.reopen_within
    by_reporter = Role.REPORTER in context.actor.roles
    require(not by_reporter or context.now <= last, "reopen-window-over", until=last)
    require(context.newer is None, "newer-case-open", number=context.newer)
    return Reopened(reason=command.reason, to="assigned" if case.unit else "received")
