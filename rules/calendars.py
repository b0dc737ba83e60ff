"""Calendars from their files: `calendars/*.yaml` beside the catalogue."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from domain.calendars import SATURDAY, Calendar
from domain.matters import ROUND_THE_CLOCK_NAME
from rules.problems import Problem, RulesetInvalid, nearest
from rules.reading import Document, read_yaml

CALENDARS = "calendars"
LONGEST_HOLIDAY = timedelta(days=60)
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:24:00|([01]\d|2[0-3]):([0-5]\d))")
_KINDS = {"extra_forbidden": "没有这一项", "missing": "缺少这一项"}


def _hours(text: Any) -> tuple[time, time]:
    match = _HOURS.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("应为时段，如 08:00-12:00")
    hour, minute, last_hour, last_minute = (int(part) if part else 0 for part in match.groups())
    return time(hour, minute), time(last_hour, last_minute)


def _days(text: Any) -> tuple[date, ...]:
    """`2026-10-01` or, from the first to the last of them, `2026-10-01/2026-10-07`."""
    parts = text.split("/") if isinstance(text, str) else []
    try:
        first, last = date.fromisoformat(parts[0]), date.fromisoformat(parts[-1])
    except (IndexError, ValueError) as error:
        raise ValueError("应为日期，如 2026-10-01 或 2026-10-01/2026-10-07") from error
    if len(parts) > len((first, last)) or not first <= last <= first + LONGEST_HOLIDAY:
        raise ValueError(f"{text} 应从一天到不早于它的一天，不超过 {LONGEST_HOLIDAY.days} 天")
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _YearForm(_Form):
    source: Annotated[str, Field(min_length=1)]  # the notice that says so
    holidays: tuple[Annotated[tuple[date, ...], BeforeValidator(_days)], ...] = ()
    workdays: tuple[Annotated[tuple[date, ...], BeforeValidator(_days)], ...] = ()

    @field_validator("workdays")
    @classmethod
    def _make_up_for_a_weekend(cls, given: tuple[tuple[date, ...], ...]) -> tuple[tuple[date, ...], ...]:
        for day in _all(given):
            if day.weekday() < SATURDAY:
                raise ValueError(f"{day} 不是周六或周日，本来就上班")
        return given

    @model_validator(mode="after")
    def _either_free_or_worked(self) -> Self:
        for day in _all(self.workdays):
            if day in set(_all(self.holidays)):
                raise ValueError(f"{day} 既是假日又是调休上班日")
        return self


class _CalendarForm(_Form):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    version: str
    zone: str
    hours: Annotated[tuple[Annotated[tuple[time, time], BeforeValidator(_hours)], ...], Field(min_length=1)]
    years: dict[Annotated[int, Field(ge=1949, le=2199)], _YearForm] = {}

    @field_validator("name")
    @classmethod
    def _not_built_in(cls, name: str) -> str:
        if name == ROUND_THE_CLOCK_NAME:
            raise ValueError(f"{name} 是内置的")
        return name

    @model_validator(mode="after")
    def _days_stand_under_their_year(self) -> Self:
        for year, table in self.years.items():
            for day in _all(table.holidays + table.workdays):
                if day.year != year:
                    raise ValueError(f"{day} 写在了 {year} 年下面")
        return self


def read_calendar(text: str, file: str) -> Calendar:
    """The calendar that `text` (YAML) says; raises RulesetInvalid naming file, line and field of every fault."""
    document = read_yaml(text, file)
    try:
        form = _CalendarForm.model_validate(document.value)
        return Calendar(
            name=form.name,
            version=form.version,
            zone=form.zone,
            hours=form.hours,
            holidays=frozenset(day for table in form.years.values() for day in _all(table.holidays)),
            workdays=frozenset(day for table in form.years.values() for day in _all(table.workdays)),
            years=frozenset(form.years),
        )
    except ValidationError as error:
        raise RulesetInvalid(_faults(document, error)) from error


def load_calendar(path: Path) -> Calendar:
    """Raises RulesetInvalid, OSError, UnicodeDecodeError."""
    return read_calendar(path.read_text(encoding="utf-8-sig"), path.name)


def load_calendars(rulesets: Path) -> tuple[Calendar, ...]:
    """Every calendar below the folder of the rulesets, by file name; raises RulesetInvalid."""
    return tuple(load_calendar(path) for path in sorted((rulesets / CALENDARS).glob("*.yaml")))


def _all(given: tuple[tuple[date, ...], ...]) -> Iterator[date]:
    for days in given:
        yield from days


def _faults(document: Document, error: ValidationError) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        path = fault["loc"][:-1] if fault["loc"][-1:] == ("[key]",) else fault["loc"]
        reason = _KINDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        form = _YearForm if path[:1] == ("years",) else _CalendarForm
        fix = nearest(str(path[-1]), form.model_fields) if fault["type"] == "extra_forbidden" else ""
        yield document.problem(path, reason, fix)
