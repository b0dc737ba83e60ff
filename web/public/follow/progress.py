"""A follow link's page in plain words: six steps with their dates, what happens next, and what the reporter may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cases import Case, PauseKind, Stage
from domain.lifecycle import offered
from domain.people import Actor, the_reporter
from store.following import Followed
from web.i18n import N_
from web.plain import Plain
from web.reader import Reader

LOOKED_AT_WITHIN = timedelta(minutes=30)  # what the duty desk promises before there is a case
MAY = ("resume", "rate", "reopen", "comment")
STEPS: tuple[tuple[str, tuple[str, ...], tuple[Stage, ...]], ...] = (
    (N_("收到了"), (), ()),
    (N_("有人在看"), ("filed", "declined", "verified", "linked"), (Stage.RECEIVED, Stage.VERIFYING)),
    (N_("交给了{unit}"), ("dispatched", "reassigned"), (Stage.DISPATCHING, Stage.ASSIGNED)),
    (N_("正在处理"), ("signed",), (Stage.HANDLING,)),
    (N_("检查结果"), ("handled", "settled", "inspected"), (Stage.INSPECTING, Stage.CLOSING)),
    (N_("已办结"), (), (Stage.CLOSED,)),
)


@dataclass(frozen=True)
class Step:
    words: str
    at: datetime | None
    state: str  # past, here, ahead


@dataclass(frozen=True)
class Progress:
    kind: str
    now: str
    until: str
    steps: list[Step]
    may: tuple[str, ...]
    question: str  # what the reporter is asked
    postponed: str  # why it takes days longer
    reply: str
    reopen_until: datetime | None
    shared: bool  # worked on together with another report


def reporter(followed: Followed) -> Actor:
    """Whoever holds the follow link."""
    return the_reporter(str(followed.report.id))


def progress(followed: Followed, reader: Reader) -> Progress:
    case, plain = followed.case, Plain(reader)
    alone = followed.own is not None and case is not None and followed.own.id == case.id
    may = _may(followed, reader.now) if alone else ()
    return Progress(
        kind=plain.kind(case.category if case else followed.report.hint or None),
        now=plain.now(case),
        until=plain.until(case, followed.report.received_at + LOOKED_AT_WITHIN),
        steps=_steps(followed, reader),
        may=may,
        question=_reason(case, PauseKind.FOR_REPORTER) if alone else "",
        postponed=_reason(case, PauseKind.DEFERRAL, PauseKind.SUSPENSION),
        reply=case.reply if case and case.settled else "",
        reopen_until=_reopens_until(case) if "reopen" in may else None,
        shared=case is not None and not alone,
    )


def _may(followed: Followed, now: datetime) -> tuple[str, ...]:
    """What the reporter is offered; nothing that the decider would refuse."""
    own = followed.own
    if own is None:
        return ()
    until = _reopens_until(own)
    offers = offered(own, reporter(followed))
    return tuple(name for name in MAY if name in offers and (name != "reopen" or (until is not None and now <= until)))


def _reopens_until(case: Case | None) -> datetime | None:
    return case.closed_at + case.policy.reopen_within if case and case.closed_at else None


def _reason(case: Case | None, *kinds: PauseKind) -> str:
    """Why it is paused, where it is in one of these ways."""
    pause = case.pause if case else None
    return pause.reason if pause and pause.kind in kinds else ""


def _steps(followed: Followed, reader: Reader) -> list[Step]:
    """Of a matter that is over, only what happened."""
    case = followed.case
    over = case is not None and case.settled
    here = next((place for place, (*_, stages) in enumerate(STEPS) if case and case.stage in stages), 1)
    unit = followed.unit_label or reader.say(N_("负责的单位"))
    steps = []
    for place, (words, types, _) in enumerate(STEPS):
        at = _when(followed, place, types) if place <= here else None
        state = "past" if over or place < here else "ahead" if place > here else "here"
        if at is not None or not over:
            steps.append(Step(reader.say(words).format(unit=unit), at, state))
    return steps


def _when(followed: Followed, place: int, types: tuple[str, ...]) -> datetime | None:
    if place == 0:
        return followed.report.received_at
    if place == len(STEPS) - 1:
        return followed.case.closed_at if followed.case else None
    return max((followed.happened[kind] for kind in types if kind in followed.happened), default=None)
