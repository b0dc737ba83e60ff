"""What the system does by itself at a stage, before anybody is asked."""

from datetime import datetime
from enum import StrEnum

from domain.cases import Case, ClosedAs, Ending, Stage
from domain.lifecycle.clocks import next_due
from domain.matters import Closing, Verify


class Step(StrEnum):
    ASK_VERIFICATION = "ask_verification"
    FILE = "file"
    DISPATCH = "dispatch"
    CLOSE = "close"
    PRESS = "press"


def automatic(case: Case, now: datetime, *, nobody_free: bool = False) -> Step | None:
    """The next thing the system does without being asked; None: it waits for people, devices or the clock.

    `nobody_free`: no unit was found to dispatch to, so the dispatcher's clock runs.
    """
    match case.stage:
        case Stage.RECEIVED:
            ask = case.policy.verify is not Verify.NEVER and case.entries == 1
            return Step.ASK_VERIFICATION if ask else Step.FILE
        case Stage.DISPATCHING if not nobody_free:
            return Step.DISPATCH
        case Stage.CLOSING if _closes_by_rule(case):
            return Step.CLOSE
        case Stage.CLOSED:
            return None
    due = next_due(case)
    return Step.PRESS if due is not None and due <= now else None


def _closes_by_rule(case: Case) -> bool:
    match case.policy.closing:
        case Closing.WHEN_INSPECTED:
            return case.passed
        case Closing.WHEN_CLEARED:
            return case.cleared
        case Closing.MANUAL:
            return False


def ending_by_rule(case: Case) -> ClosedAs:
    """What a case closed by rule ends as: a false alarm was untrue, a test is explained, all else is solved."""
    match case.outcome:
        case "false":
            return Ending.UNTRUE
        case "test":
            return Ending.EXPLAINED
        case _:
            return Ending.SOLVED
