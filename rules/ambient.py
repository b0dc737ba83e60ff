"""The latest of what is heard around: the weather's warning, the river's level, a lift's last inspection.

What a partition hears itself lies in its perception state, with what was said shortly before, so that a detection
reads what was known when it began, in whatever order signals came. What is wider than a partition is told to the
others (`Ambient`), as of when it is known there. Times are microseconds since the epoch.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from domain.signals import FieldValue
from rules.conditions import Type, of_type
from rules.places import wider_than_a_partition

MOST_VALUES = 64  # of one group, said within the time that signals may still come late
MOST_ELSEWHERE = 8
Said = tuple[int, str, FieldValue]  # event time, signal id, value


class AmbientValue(NamedTuple):
    """A value that was heard, for whoever is in `area`."""

    signal_type: str
    field: str
    area: str
    at: int
    signal_id: str
    value: FieldValue


@dataclass(frozen=True, slots=True)
class Latest:
    """A fact: the latest value of a signal's `field`, heard within (t - within, t], by a place.

    `known_as` is the field's name among all rulesets: what one derives itself is its own.
    """

    name: str
    signal: str
    field: str
    signal_type: str
    known_as: str
    kind: Type
    within_us: int
    by: str

    @property
    def is_shared(self) -> bool:
        return wider_than_a_partition(self.by)

    def of(self, here: Iterable[Said], elsewhere: Iterable[Said], at: int) -> FieldValue | None:
        """What was known at `at`."""
        known = [said for said in (*here, *elsewhere) if at - self.within_us < said[0] <= at]
        value = max(known, key=lambda said: said[:2])[2] if known else None
        return value if value is not None and of_type(value, self.kind) else None


class Ambient:
    """What was heard in other partitions, and what they must hear of from this one."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str, str, str], list[Said]] = {}
        self._news: dict[tuple[str, str, str], AmbientValue] = {}

    def take(self, values: Iterable[AmbientValue]) -> None:
        """Values from elsewhere; what is known already changes nothing."""
        for value in values:
            known = self._heard.setdefault((value.signal_type, value.field, value.area), [])
            said = (value.at, value.signal_id, value.value)
            if all(one[:2] != said[:2] for one in known):
                insort(known, said, key=lambda one: one[:2])
                del known[:-MOST_ELSEWHERE]

    def tell(self, values: Iterable[AmbientValue]) -> None:
        """The others shall know them, unless something newer is to be told of the same."""
        for value in values:
            key = (value.signal_type, value.field, value.area)
            waiting = self._news.get(key)
            if waiting is None or (waiting.at, waiting.signal_id) < (value.at, value.signal_id):
                self._news[key] = value

    def elsewhere(self, latest: Latest, area: str) -> Iterable[Said]:
        return self._heard.get((latest.signal_type, latest.known_as, area), ())

    def drain(self) -> tuple[AmbientValue, ...]:
        """What was heard here since the last call, the newest of each."""
        news = tuple(self._news[key] for key in sorted(self._news))
        self._news.clear()
        return news


def remembered(state: dict[str, Any] | None, said: Said, still_asked: int) -> dict[str, Any]:
    """The values of a group with one more: those since `still_asked`, and the last one before that."""
    known = list(state["said"]) if state else []
    place = bisect_left(known, said[:2], key=lambda one: (one[0], one[1]))
    if place == len(known) or (known[place][0], known[place][1]) != said[:2]:
        known.insert(place, list(said))
    first = max(bisect_right(known, still_asked, key=lambda one: one[0]) - 1, 0)
    return {"said": known[first:][-MOST_VALUES:]}
