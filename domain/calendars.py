"""Working time: which hours of which days count, and the pure arithmetic over them (DESIGN §7).

All instants are aware and all results in UTC; durations are absolute, so a zone's summer time shifts no clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field, field_serializer, field_validator, model_validator

from domain.matters import ROUND_THE_CLOCK_NAME, Frozen

SATURDAY = 5
MIDNIGHT = time(0)
Ordered = TypeVar("Ordered", date, int)


class Calendar(Frozen):
    """The working hours of a kind of work.

    `hours` are local times of `zone`; an end of 00:00 is the end of the day. Without any hours it runs round the
    clock, every day. Mondays to Fridays are worked; `holidays` are not, `workdays` (make-up days) are. `years`
    are those whose table is known: in others only weekends are free, and `covers` says so. Versions count
    upwards, part by part (2026.2 before 2026.10).
    """

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,9}){0,3}$")]
    zone: str
    hours: tuple[tuple[time, time], ...] = ()
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (LookupError, ValueError, OSError) as error:
            raise ValueError(f"没有这个时区：{zone}") from error
        return zone

    @field_validator("hours")
    @classmethod
    def _hours_increase(cls, hours: tuple[tuple[time, time], ...]) -> tuple[tuple[time, time], ...]:
        before: time | None = None
        for start, end in hours:
            if start.tzinfo or end.tzinfo:
                raise ValueError(f"{start}-{end} 自带了时区")
            if before is not None and (before == MIDNIGHT or start < before):
                raise ValueError(f"{_clock(start)}-{_clock(end)} 的开始早于前一段的结束")
            if end != MIDNIGHT and end <= start:
                raise ValueError(f"{_clock(start)}-{_clock(end)} 的结束不晚于开始")
            before = end
        return hours

    @model_validator(mode="after")
    def _days_agree(self) -> Self:
        if both := self.holidays & self.workdays:
            raise ValueError(f"既是假日又是调休上班日：{_listed(both)}")
        if beyond := {day for day in self.holidays | self.workdays if day.year not in self.years}:
            raise ValueError(f"不在本日历的年份里：{_listed(beyond)}")
        return self

    @field_serializer("holidays", "workdays", "years", when_used="json")
    def _in_order(self, found: frozenset[Ordered]) -> list[Ordered]:
        return sorted(found)

    @property
    def order(self) -> tuple[int, ...]:
        """By which versions of one name are compared: the highest is in force."""
        return tuple(int(part) for part in self.version.split("."))


Calendars = Mapping[str, Calendar]
"""The version in force under each name, and every version under `versioned`; always has "24x7"."""

ROUND_THE_CLOCK = Calendar(name=ROUND_THE_CLOCK_NAME, version="1", zone="UTC")


def versioned(name: str, version: str) -> str:
    """Under which a version is found that may no longer be in force."""
    return f"{name}@{version}"


def in_force(stored: Iterable[Calendar]) -> Calendars:
    """What of all versions counts: the highest of each name."""
    ordered = sorted((*stored, ROUND_THE_CLOCK), key=lambda calendar: calendar.order)
    named = {calendar.name: calendar for calendar in ordered}
    return named | {versioned(calendar.name, calendar.version): calendar for calendar in ordered}


def works(calendar: Calendar, day: date) -> bool:
    """Whether `day` (local date) has any working hours."""
    if not calendar.hours or day in calendar.workdays:
        return True
    return day.weekday() < SATURDAY and day not in calendar.holidays


def covers(calendar: Calendar, day: date) -> bool:
    """Whether the holidays around `day` are known; False: only weekends are taken as free, and people are told."""
    return not calendar.hours or day.year in calendar.years


def reached(calendar: Calendar, start: datetime, worked: timedelta) -> datetime:
    """The first instant at which `worked` of working time has passed since `start`; `start` where none is asked."""
    start = start.astimezone(UTC)
    if worked <= timedelta(0):
        return start
    if not calendar.hours:
        return start + worked
    left = worked
    for begin, end in _spans(calendar, start):
        if end - begin >= left:
            return begin + left
        left -= end - begin
    raise OverflowError(f"{calendar.name}: {worked} after {start} lies beyond the end of dates")


def worked(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The working time between two instants; none where `end` is not after `start`."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    total = timedelta(0)
    if end <= start:
        return total
    if not calendar.hours:
        return end - start
    for begin, finish in _spans(calendar, start):
        if begin >= end:
            break
        total += min(finish, end) - begin
    return total


def changed_days(old: Calendar, new: Calendar) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """The days that become free and those that become working, in order, when `new` takes the place of `old`."""
    marked = sorted(old.holidays | old.workdays | new.holidays | new.workdays)
    changed = [day for day in marked if works(old, day) != works(new, day)]
    return tuple(day for day in changed if works(old, day)), tuple(day for day in changed if works(new, day))


def _spans(calendar: Calendar, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Working spans from `since` on, in UTC, the first one cut to it."""
    zone = ZoneInfo(calendar.zone)
    day = since.astimezone(zone).date()
    while day < date.max:
        following = day + timedelta(days=1)
        for first, last in calendar.hours if works(calendar, day) else ():
            begin = max(datetime.combine(day, first, zone).astimezone(UTC), since)
            end = datetime.combine(following if last == MIDNIGHT else day, last, zone).astimezone(UTC)
            if begin < end:
                yield begin, end
                since = end
        day = following


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"


def _listed(days: set[date] | frozenset[date]) -> str:
    return ", ".join(day.isoformat() for day in sorted(days))
