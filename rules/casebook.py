"""Which cases there would be: one open case per key; what another covers, what is taken up again, what a storm brings.

What the store does in `activities.perceive`, without a store: for backtests, and for the tests of a ruleset.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from domain.matters import STORM, AfterClose, Closing, Policy, Priority, Tier
from domain.places import contains
from rules.compiled import Compiled, Correlation, Opening
from rules.effects import Effect
from rules.places import group_of
from rules.storms import summary_key
from rules.views import as_micros, micros
from rules.wishes import Wish

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

    def is_open(self, at: int) -> bool:
        return micros(self.opened_at) <= at and (self.closed_at is None or micros(self.closed_at) > at)


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
    real: RealCase | None = None
    touched: set[UUID] = field(default_factory=set)

    def is_open(self, at: int) -> bool:
        return self.ends_at is None or at < self.ends_at

    def worsen(self, rule: str, opening: Opening) -> bool:
        """What a case takes over from a matter that asks for more than it gives (`domain.cases.is_worse`).

        Whether it did.
        """
        if (opening.priority.rank, opening.tier.rank) <= (self.priority.rank, self.tier.rank):
            return False
        self.rule, self.category, self.handler = rule, opening.category, opening.handler
        self.priority, self.policy = opening.priority, opening.policy
        self.tier = max(self.tier, opening.tier, key=lambda tier: tier.rank)
        return True


class Placed(NamedTuple):
    """What became of a wish. `case`: the one of ours that heard of it; `children`: those that began with it.

    `news`: whether that case began by it, or became what it asks for. `by`: what let another case take it in.
    """

    effect: Effect
    case: WouldBe | None
    news: bool = False
    children: tuple[WouldBe, ...] = ()
    by: Correlation | None = None


NOTHING = Placed(Effect.NONE, None)
Ends = Callable[[Wish, Policy], int | None]  # when the case ends that a wish opens, or takes up again


class Book:
    """The cases that wishes make, taken in the order of time. `others` are cases of other rulesets: they may cover."""

    def __init__(self, compiled: Compiled, ends: Ends, others: Sequence[RealCase] = ()) -> None:
        self._compiled = compiled
        self._ends = ends
        self._others = others
        self._last: dict[str, WouldBe] = {}
        self._opened: deque[int] = deque()
        self.cases: list[WouldBe] = []

    def take(self, wish: Wish) -> Placed:
        opening = wish.opening(self._compiled)
        if wish.rule is None or opening is None:
            self._clear(wish)
            return NOTHING
        rule = self._compiled.rules[wish.rule].id
        last = self._open_at(wish)
        if last is not None:
            if not last.worsen(rule, opening):
                return Placed(Effect.AGAIN, last)
            return Placed(Effect.AGAIN, last, True, self._open_children(wish, rule, opening))
        return self._covered(wish, opening) or self._again(wish, opening) or self._begin(wish, rule, opening)

    def _clear(self, wish: Wish) -> None:
        last = self._open_at(wish)
        if last is not None and last.policy.closing is Closing.WHEN_CLEARED:
            last.ends_at = wish.at

    def _covered(self, wish: Wish, opening: Opening) -> Placed | None:
        """By the first `correlate` that names a case which is open around there."""
        covering = next((each for each in opening.correlate if self._covers(each, wish)), None)
        if covering is None:
            return None
        return Placed(Effect.JOINED if covering.joins else Effect.MUTED, None, by=covering)

    def _again(self, wish: Wish, opening: Opening) -> Placed | None:
        """The last case of the key, where it closed so lately that it is taken up again (`after_close: reopen`)."""
        last, policy = self._last.get(wish.key), opening.policy
        if last is None or last.ends_at is None or policy.after_close is not AfterClose.REOPEN:
            return None
        if wish.received_at > last.ends_at + as_micros(policy.reopen_within):
            return None
        last.ends_at = self._ends(wish, last.policy)
        return Placed(Effect.REOPENED, last)

    def _begin(self, wish: Wish, rule: str, opening: Opening) -> Placed:
        if self._stormy(wish.received_at):
            return Placed(Effect.STORM, self._storm(wish, opening))
        children = self._open_children(wish, rule, opening)  # counted before it: it closes after them
        return Placed(Effect.OPENED, self._open(wish, rule, opening), True, children)

    def _open(self, wish: Wish, rule: str, opening: Opening) -> WouldBe:
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
            ends_at=self._ends(wish, opening.policy),
            signal_id=wish.signal_id,
            policy=opening.policy,
        )
        self._last[wish.key] = case
        self._opened.append(wish.received_at)
        self.cases.append(case)
        return case

    def _open_children(self, wish: Wish, rule: str, opening: Opening) -> tuple[WouldBe, ...]:
        """The further cases of the same event; one that is open already stays by itself."""
        wanted = [(wish.of_child(self._compiled, child), child) for child in opening.children]
        return tuple(self._open(mine, rule, child) for mine, child in wanted if self._open_at(mine) is None)

    def _open_at(self, wish: Wish) -> WouldBe | None:
        """The case of its key that is open then; at most one is."""
        last = self._last.get(wish.key)
        return last if last is not None and last.is_open(wish.at) else None

    def _stormy(self, at: int) -> bool:
        while self._opened and self._opened[0] <= at - _HOUR:
            self._opened.popleft()
        return len(self._opened) >= self._compiled.guard.per_hour

    def _storm(self, wish: Wish, opening: Opening) -> WouldBe:
        """The summary case that holds what comes past the guard: as urgent as the most urgent of it."""
        guard = self._compiled.guard
        summary = wish._replace(key=summary_key(guard, wish.place))
        case = self._open_at(summary)
        if case is None:
            asked = replace(opening, matter=STORM, category=guard.category, handler=guard.lead, policy=guard.policy)
            case = self._open(summary, STORM, asked)
        case.priority = max(case.priority, opening.priority, key=lambda priority: priority.rank)
        return case

    def _covers(self, correlation: Correlation, wish: Wish) -> bool:
        """Whether a case that it names was open around there (as `activities.perceive.correlating` asks)."""
        around = group_of(correlation.by, wish.place, wish.device_id)
        return any(
            case.is_open(wish.at) and _is_around(case.key, case.place, around, wish.place)
            for case in self._named(correlation)
        )

    def _named(self, correlation: Correlation) -> Sequence[RealCase | WouldBe]:
        """The cases of the ruleset and matter that it names, summary cases apart."""
        if correlation.ruleset == self._compiled.id:
            matter = correlation.matter
            return [case for case in self._last.values() if (case.matter == matter if matter else case.matter != STORM)]
        head = f"{correlation.ruleset}/{correlation.matter}/" if correlation.matter else f"{correlation.ruleset}/"
        storm = f"{correlation.ruleset}/{STORM}/"
        return [case for case in self._others if case.key.startswith(head) and not case.key.startswith(storm)]


def _is_around(key: str, place: str, around: str, wished: str) -> bool:
    """A case covers what lies in its place, and what lies in the same place of the asked level.

    A group that is no place (a device, a gateway) is the end of its key.
    """
    if around.startswith("/"):
        return contains(place, wished) or contains(around, place)
    return key.endswith(f"/{around}")
