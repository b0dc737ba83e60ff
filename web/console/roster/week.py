"""A week of shifts as a table: a row for each person, a cell for each day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from store.rosters import Shift

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Part:
    """What of a shift lies in a day; a whole day has no times."""

    shift: Shift
    words: str


@dataclass(frozen=True)
class Row:
    name: str
    unit_label: str
    days: tuple[tuple[Part, ...], ...]


def rows_of(shifts: list[Shift], begins: datetime) -> list[Row]:
    """By unit and name; `begins` is the week's first midnight, where the installation is."""
    people = sorted({(one.unit_label, one.name, one.person) for one in shifts}, key=lambda one: (one[0], one[1]))
    return [
        Row(name, unit, tuple(_cell([s for s in shifts if s.person == person], begins, day) for day in range(7)))
        for unit, name, person in people
    ]


def _cell(shifts: list[Shift], begins: datetime, day: int) -> tuple[Part, ...]:
    start, end = begins + day * DAY, begins + (day + 1) * DAY
    return tuple(Part(one, _words(one, start, end)) for one in shifts if one.starts < end and one.ends > start)


def _words(shift: Shift, start: datetime, end: datetime) -> str:
    since = "" if shift.starts <= start else f"{shift.starts.astimezone(start.tzinfo):%H:%M}"
    until = "" if shift.ends >= end else f"{shift.ends.astimezone(start.tzinfo):%H:%M}"
    return f"{since}–{until}" if since or until else ""
