"""From wishes to the cases that would have been: one open case per key, as long as a case of its kind is open."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.matters import ROUND_THE_CLOCK_NAME, STORM, AfterClose, Closing, Policy, Priority, Tier
from domain.places import contains
from rules.backtest.wishes import Wish
from rules.compiled import Compiled, Correlation, Opening
from rules.places import group_of
from rules.policy import WORKING_DAY
from rules.storms import summary_key
from rules.views import as_micros, micros

_HOUR = as_micros(timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class RealCase:
    """A case that there was. `alarm`: whether people found it true; None: nobody said."""

    id: UUID
    number: str | None
    key: str
    place: str
    opened_at: datetime
    closed_at: datetime | None
    alarm: bool | None


@dataclass(slots=True)
class WouldBe:
    """A case as it would have been; times in microseconds, `ends_at` None: to the end of the period and beyond.

    `real` is the case that there was at its key when it began, `touched` all that there were while it heard of things.
    """

    key: str
    rule: str
    category: str
    matter: str
    handler: str
    priority: Priority
    tier: Tier
    place: str
    opened_at: int
    ends_at: int | None
    signal_id: str
    policy: Policy
    real: RealCase | None
    touched: set[UUID] = field(default_factory=set)

    def is_open(self, at: int) -> bool:
        return self.ends_at is None or at < self.ends_at

    def worsen(self, rule: str, opening: Opening) -> None:
        """What a case takes over from a matter that asks for more than it gives (`domain.cases.is_worse`)."""
        if (opening.priority.rank, opening.tier.rank) > (self.priority.rank, self.tier.rank):
            self.rule, self.category, self.handler = rule, opening.category, opening.handler
            self.priority, self.policy = opening.priority, opening.policy
            self.tier = max(self.tier, opening.tier, key=lambda tier: tier.rank)


def cases_of(
    compiled: Compiled,
    wishes: Iterable[Wish],
    real: Mapping[str, Sequence[RealCase]],
    since: datetime,
    area: str | None = None,
    others: Iterable[RealCase] = (),
) -> list[WouldBe]:
    """The cases that `wishes` (in the order of time) open from `since` on, in `area` (None: anywhere).

    `real` holds the cases that there were by key, in the order of their opening. Where one was open when ours begins,
    ours is open as long as that one was; else until what it is about is over, where its policy closes by that, and at
    most for its time limit. `others` are the cases of other rulesets that may cover ours (`correlate`). What came
    before `since` only warms up.
    """
    book = _Book(compiled, real, tuple(others))
    for wish in wishes:
        book.take(wish)
    first = micros(since)
    return [case for case in book.cases if case.opened_at >= first and (area is None or contains(area, case.place))]


class _Book:
    def __init__(self, compiled: Compiled, real: Mapping[str, Sequence[RealCase]], others: Sequence[RealCase]) -> None:
        self._compiled = compiled
        self._real = real
        self._others = others
        self._last: dict[str, WouldBe] = {}
        self._opened: deque[int] = deque()
        self.cases: list[WouldBe] = []

    def take(self, wish: Wish) -> None:
        last = self._last.get(wish.key)
        if wish.rule is None:
            if last is not None and last.is_open(wish.at) and last.policy.closing is Closing.WHEN_CLEARED:
                last.ends_at = wish.at
            return
        opening = wish.opening(self._compiled)
        assert opening is not None  # noqa: S101 - a wish is of a rule that opens something
        rule = self._compiled.rules[wish.rule].id
        real = self._real_at(wish)
        if last is not None and last.is_open(wish.at):
            last.worsen(rule, opening)
        elif any(self._covers(correlation, wish) for correlation in opening.correlate):
            return
        elif last is not None and _reopens(last, wish.at):
            last.ends_at = _end(wish, last.policy, real)
        elif self._stormy(wish.received_at):
            last = self._storm(wish, opening)
        else:
            last = self._open(wish, rule, opening, real)
            self._opened.append(wish.received_at)
        if real is not None:
            last.touched.add(real.id)

    def _open(self, wish: Wish, rule: str, opening: Opening, real: RealCase | None) -> WouldBe:
        case = WouldBe(
            key=wish.key,
            rule=rule,
            category=opening.category,
            matter=opening.matter,
            handler=opening.handler,
            priority=opening.priority,
            tier=opening.tier,
            place=wish.place,
            opened_at=wish.received_at,
            ends_at=_end(wish, opening.policy, real),
            signal_id=wish.signal_id,
            policy=opening.policy,
            real=real,
        )
        self._last[wish.key] = case
        self.cases.append(case)
        return case

    def _stormy(self, at: int) -> bool:
        while self._opened and self._opened[0] <= at - _HOUR:
            self._opened.popleft()
        return len(self._opened) >= self._compiled.guard.per_hour

    def _storm(self, wish: Wish, opening: Opening) -> WouldBe:
        """The summary case that holds what comes past the guard: as urgent as the most urgent of it."""
        guard = self._compiled.guard
        summary = wish._replace(key=summary_key(guard, wish.place))
        case = self._last.get(summary.key)
        if case is None or not case.is_open(wish.at):
            case = self._open(summary, STORM, opening, None)
            case.matter, case.category, case.handler, case.policy = STORM, guard.category, guard.lead, guard.policy
        case.priority = max(case.priority, opening.priority, key=lambda priority: priority.rank)
        return case

    def _covers(self, correlation: Correlation, wish: Wish) -> bool:
        """Whether a case of the other ruleset was open around there (as `activities.perceive.correlating` asks)."""
        head = f"{correlation.ruleset}/{correlation.matter}/" if correlation.matter else f"{correlation.ruleset}/"
        storm = f"{correlation.ruleset}/{STORM}/"
        around = group_of(correlation.by, wish.place, wish.device_id)
        for case in self._others:
            if not case.key.startswith(head) or case.key.startswith(storm) or not _was_open(case, wish.at):
                continue
            if contains(case.place, wish.place) if around.startswith("/") else case.key.endswith(f"/{around}"):
                return True
            if around.startswith("/") and contains(around, case.place):
                return True
        return False

    def _real_at(self, wish: Wish) -> RealCase | None:
        """The case that was open at the key when the signal came, or became so until it was concluded."""
        found = self._real.get(wish.key, ())
        number = bisect_right(found, wish.at, key=lambda case: micros(case.opened_at))
        if number == 0:
            return None
        case = found[number - 1]
        return case if case.closed_at is None or micros(case.closed_at) > wish.received_at else None


def _end(wish: Wish, policy: Policy, real: RealCase | None) -> int | None:
    if real is not None:
        if real.closed_at is None:
            return None
        if (closed := micros(real.closed_at)) > wish.at:
            return closed
    return wish.at + as_micros(_around_the_clock(policy))


def _was_open(case: RealCase, at: int) -> bool:
    return micros(case.opened_at) <= at and (case.closed_at is None or micros(case.closed_at) > at)


def _around_the_clock(policy: Policy) -> timedelta:
    """The limit of the whole as time on the wall: a working day is a day."""
    overall = policy.limits.overall
    return overall if policy.calendar == ROUND_THE_CLOCK_NAME else overall / WORKING_DAY * timedelta(days=1)


def _reopens(last: WouldBe, at: int) -> bool:
    policy = last.policy
    if policy.after_close is not AfterClose.REOPEN or last.ends_at is None:
        return False
    return at <= last.ends_at + as_micros(policy.reopen_within)


def by_key(cases: Iterable[RealCase]) -> dict[str, list[RealCase]]:
    """As `cases_of` reads them."""
    found: dict[str, list[RealCase]] = {}
    for case in sorted(cases, key=lambda case: case.opened_at):
        found.setdefault(case.key, []).append(case)
    return found


def alarm_of(ending: str | None, outcome: str | None) -> bool | None:
    """Whether a real case was a true alarm or a false one; None: open still, a test, a fault, nobody said."""
    if outcome in ("true", "solved"):
        return True
    return False if outcome == "false" or ending == "untrue" else None
