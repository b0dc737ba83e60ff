"""From wishes to the cases that would have been, beside those that there were."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from domain.matters import ROUND_THE_CLOCK_NAME, Policy
from domain.places import contains
from rules.casebook import Book, RealCase, WouldBe
from rules.compiled import Compiled
from rules.effects import Effect
from rules.policy import WORKING_DAY
from rules.views import as_micros, micros
from rules.wishes import Wish

Real = Mapping[str, Sequence[RealCase]]


def cases_of(
    compiled: Compiled,
    wishes: Iterable[Wish],
    real: Real,
    since: datetime,
    area: str | None = None,
    others: Sequence[RealCase] = (),
) -> list[WouldBe]:
    """The cases that `wishes` (in the order of time) open from `since` on, in `area` (None: anywhere).

    `real` holds the cases that there were by key, in the order of their opening. Where one was open when ours begins,
    ours is open as long as that one was; else until what it is about is over, where its policy closes by that, and at
    most for its time limit. `others` are the cases of other rulesets that may cover ours (`correlate`). What came
    before `since` only warms up.
    """
    book = Book(compiled, lambda wish, policy: _end(wish, policy, _real_at(wish, real)), others)
    for wish in wishes:
        placed = book.take(wish)
        if placed.case is not None:
            _heard(placed.case, _real_at(wish, real), began=placed.effect is Effect.OPENED)
        for child in placed.children:
            _heard(child, _real_at(wish._replace(key=child.key), real), began=True)
    first = micros(since)
    return [case for case in book.cases if case.opened_at >= first and (area is None or contains(area, case.place))]


def _heard(case: WouldBe, there: RealCase | None, *, began: bool) -> None:
    """`there` is the real case that was open then."""
    if there is not None:
        case.touched.add(there.id)
        if began:
            case.real = there


def _real_at(wish: Wish, real: Real) -> RealCase | None:
    """The case that was open at the key when the signal came, or became so until it was concluded."""
    found = real.get(wish.key, ())
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


def _around_the_clock(policy: Policy) -> timedelta:
    """The limit of the whole as time on the wall: a working day is a day."""
    overall = policy.limits.overall
    return overall if policy.calendar == ROUND_THE_CLOCK_NAME else overall / WORKING_DAY * timedelta(days=1)


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
