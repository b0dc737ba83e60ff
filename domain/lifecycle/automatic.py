"""What the system does by itself at a stage, before anybody is asked, and what it is told."""

from datetime import datetime
from enum import StrEnum

from domain.cases import Case, ClosedAs, Ending, Stage, is_worse
from domain.commands import AskVerification, Command, NoteCleared, NoteJoined, NoteWorsened, Replan
from domain.events import (
    Cleared,
    Closed,
    Event,
    Joined,
    Pressed,
    Replanned,
    SeenAgain,
    VerificationAsked,
    Worsened,
)
from domain.lifecycle.clocks import next_due, pending
from domain.lifecycle.context import Context
from domain.lifecycle.tiers import raised_to_brain
from domain.matters import Audience, Closing, Filing, Verify

GIVEN_OUT = (Stage.ASSIGNED, Stage.HANDLING, Stage.INSPECTING, Stage.CLOSING)  # a unit has had it
UNTOUCHED = (Stage.RECEIVED, Stage.DISPATCHING, Stage.ASSIGNED)


class Step(StrEnum):
    ASK_VERIFICATION = "ask_verification"
    FILE = "file"
    DISPATCH = "dispatch"
    CALL_PARTIES = "call_parties"
    CLOSE = "close"
    RESUME = "resume"
    PRESS = "press"


def automatic(case: Case, now: datetime, *, nobody_free: bool = False, children_open: bool = False) -> Step | None:
    """The next thing the system does without being asked; None: it waits for people, devices or the clock.

    `nobody_free`: no unit was found to dispatch to, so the dispatcher's clock runs. `children_open`: it closes after
    the cases that were opened with it.
    """
    if case.pause is not None:
        return Step.RESUME if case.pause.until <= now else None
    if case.wants and case.filed_at is not None and not case.settled:
        return Step.CALL_PARTIES
    match case.stage:
        case Stage.RECEIVED if case.policy.verify is not Verify.NEVER and case.entries == 1:
            return Step.ASK_VERIFICATION
        case Stage.RECEIVED if case.policy.filing is Filing.BY_RULE and not case.reopened:
            return Step.FILE
        case Stage.DISPATCHING if not nobody_free:
            return Step.DISPATCH
        case Stage.CLOSING if _closes_by_rule(case) and not children_open:
            return Step.CLOSE
        case Stage.CLOSED:
            return None
    due = next_due(case)
    return Step.PRESS if due is not None and due <= now else None


def _closes_by_rule(case: Case) -> bool:
    if _awaits_words(case):
        return False
    match case.policy.closing:
        case Closing.WHEN_INSPECTED:
            return case.passed or case.on_the_spot
        case Closing.WHEN_CLEARED:
            return case.cleared
        case Closing.MANUAL:
            return False


def _awaits_words(case: Case) -> bool:
    """Whether somebody has to write to the reporter before it is closed."""
    return case.report is not None and not case.reply


def ending_by_rule(case: Case) -> ClosedAs:
    """What a case closed by rule ends as: a false alarm was untrue, a test is explained, all else is solved."""
    match case.outcome:
        case "false":
            return Ending.UNTRUE
        case "test":
            return Ending.EXPLAINED
        case _:
            return Ending.SOLVED


def by_itself(case: Case, command: Command, context: Context) -> tuple[Event, ...]:
    """What follows from a command that only rules, devices and clocks give."""
    match command:
        case AskVerification():
            return (VerificationAsked(),)
        case Replan(calendar=calendar, version=version):
            return (Replanned(calendar=calendar, version=version),) if _counts_by(case, calendar, version) else ()
        case NoteWorsened(matter=matter, seen_at=seen_at):
            if not is_worse(matter, case):
                return (SeenAgain(rule=matter.why.rule, seen_at=seen_at),)
            moves = matter.handler != case.handler and case.stage in GIVEN_OUT
            return (Worsened(matter=matter, seen_at=seen_at, redispatch=moves),)
        case NoteJoined(matter=matter, seen_at=seen_at):
            why = matter.why
            joined = Joined(
                ruleset=why.ruleset,
                rule=why.rule,
                title=matter.title,
                place=matter.place,
                priority=matter.priority,
                seen_at=seen_at,
            )
            return (joined,)
        case NoteCleared(detection=detection, seen_at=seen_at):
            if case.cleared:
                return ()
            cleared = Cleared(detection=detection, seen_at=seen_at)
            over = case.policy.closing is Closing.WHEN_CLEARED and case.stage in UNTOUCHED and not context.children
            return (cleared, Closed(ending=Ending.SOLVED)) if over and not _awaits_words(case) else (cleared,)
        case _:
            return _press(case, context.now)


def _counts_by(case: Case, calendar: str, version: str) -> bool:
    """Whether a clock of the case is counted by another version of that calendar."""
    clocks = case.plan.clocks if case.plan else ()
    return any(one.calendar == calendar and one.calendar_version != version for one in clocks)


def _press(case: Case, now: datetime) -> tuple[Event, ...]:
    events: list[Event] = []
    raised = False
    for notice in pending(case):
        if notice.due > now:
            break
        events.append(
            Pressed(notice=notice.key, clock=notice.clock, to=notice.to, due=notice.due, urgency=notice.urgency)
        )
        if notice.to is Audience.BRAIN and not raised:
            raised = True
            events.extend(raised_to_brain(case, notice.key))
    return tuple(events)
