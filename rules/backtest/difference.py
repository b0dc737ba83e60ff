"""Two runs over the same signals beside each other: which cases are new, gone, moved; where, and at which hour."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.places import Level, at_level
from rules.casebook import RealCase, WouldBe
from rules.views import moment

COMPARED = ("handler", "priority", "tier", "category")
_AREAS = (Level.COMMITTEE, Level.COMMUNITY)


class Change(StrEnum):
    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Item:
    """A case that would have been: by the version that is tried (`case`), by the other (`before`), or by both."""

    change: Change
    case: WouldBe | None
    before: WouldBe | None

    @property
    def shown(self) -> WouldBe:
        one = self.case or self.before
        assert one is not None  # noqa: S101 - an item is of one of the two
        return one

    @property
    def real(self) -> RealCase | None:
        return next((one.real for one in (self.case, self.before) if one is not None and one.real is not None), None)

    @property
    def moved(self) -> tuple[str, ...]:
        """In what the two differ."""
        if self.case is None or self.before is None:
            return ()
        return tuple(name for name in COMPARED if getattr(self.case, name) != getattr(self.before, name))


@dataclass(frozen=True)
class Difference:
    """`true_lost`: real cases that people found true, and of which the version that is tried would not have heard;
    `false_saved`: the same of those found false.

    `by_area` and `by_hour` count items by change, by committee and community, and by the local hour of opening.
    """

    items: tuple[Item, ...]
    true_lost: tuple[UUID, ...]
    false_saved: tuple[UUID, ...]
    by_area: dict[str, dict[Change, int]]
    by_hour: tuple[dict[Change, int], ...]

    def count(self, change: Change) -> int:
        return sum(item.change is change for item in self.items)


def difference(
    tried: Sequence[WouldBe], against: Sequence[WouldBe], real: Iterable[RealCase], zone: ZoneInfo
) -> Difference:
    """What changes where the version behind `tried` stands in place of the one behind `against`."""
    items = sorted(_items(tried, against), key=lambda item: (item.shown.opened_at, item.shown.key))
    heard = {one for case in tried for one in case.touched}
    lost = {one for case in against for one in case.touched} - heard
    judged = [case for case in real if case.id in lost]
    by_area: dict[str, dict[Change, int]] = {}
    by_hour: tuple[dict[Change, int], ...] = tuple(dict.fromkeys(Change, 0) for _ in range(24))
    for item in items:
        by_hour[moment(item.shown.opened_at).astimezone(zone).hour][item.change] += 1
        for level in _AREAS:
            if area := at_level(item.shown.place, level):
                by_area.setdefault(area, dict.fromkeys(Change, 0))[item.change] += 1
    return Difference(
        items=tuple(items),
        true_lost=tuple(case.id for case in judged if case.alarm is True),
        false_saved=tuple(case.id for case in judged if case.alarm is False),
        by_area=dict(sorted(by_area.items())),
        by_hour=by_hour,
    )


def _items(tried: Sequence[WouldBe], against: Sequence[WouldBe]) -> Iterator[Item]:
    """Two cases are one where they are open at one key at one time, or where the same signal raised them."""
    ours, theirs = _by_key(tried), _by_key(against)
    alone: list[WouldBe] = []
    missed: dict[str, list[WouldBe]] = {}
    for key in ours.keys() | theirs.keys():
        for case, before in _side_by_side(ours.get(key, []), theirs.get(key, [])):
            if case is not None and before is not None:
                yield _pair(case, before)
            elif case is not None:
                alone.append(case)
            elif before is not None:
                missed.setdefault(before.signal_id, []).append(before)
    for case in sorted(alone, key=lambda case: (case.opened_at, case.key)):
        others = missed.get(case.signal_id)
        yield _pair(case, others.pop()) if others else Item(Change.NEW, case, None)
    yield from (Item(Change.GONE, None, before) for others in missed.values() for before in others)


def _pair(case: WouldBe, before: WouldBe) -> Item:
    moved = any(getattr(case, name) != getattr(before, name) for name in COMPARED)
    return Item(Change.MOVED if moved else Change.SAME, case, before)


def _side_by_side(
    ours: Sequence[WouldBe], theirs: Sequence[WouldBe]
) -> Iterator[tuple[WouldBe | None, WouldBe | None]]:
    """The cases of one key in the order of time, those of both runs that overlap together."""
    mine, other = 0, 0
    while mine < len(ours) and other < len(theirs):
        case, before = ours[mine], theirs[other]
        if not case.is_open(before.opened_at) and case.opened_at != before.opened_at:
            yield case, None
            mine += 1
        elif not before.is_open(case.opened_at) and case.opened_at != before.opened_at:
            yield None, before
            other += 1
        else:
            yield case, before
            mine, other = mine + 1, other + 1
    yield from ((case, None) for case in ours[mine:])
    yield from ((None, before) for before in theirs[other:])


def _by_key(cases: Iterable[WouldBe]) -> dict[str, list[WouldBe]]:
    found: dict[str, list[WouldBe]] = {}
    for case in cases:
        found.setdefault(case.key, []).append(case)
    return found
