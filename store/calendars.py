"""Calendars as they were imported: versions that never change, the highest of each name in force."""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from domain.calendars import ROUND_THE_CLOCK, Calendar, Calendars, in_force
from domain.matters import News
from rules.load import WORKING_DAYS
from store.anchoring import record
from store.pool import Connection

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('linli.calendars', 0))"
BODIES = "SELECT body::text FROM calendars"
ALL = "SELECT body::text, imported_at, imported_by FROM calendars"
ONE = "SELECT body::text FROM calendars WHERE name = %s AND version = %s"
ADD = """
    INSERT INTO calendars (name, version, body, imported_by) VALUES (%s, %s, %s, %s)
    RETURNING imported_at"""
# A case that has not begun yet may be planning with the version before at this moment.
TELL_CASES = """
    INSERT INTO case_inbox (case_id, body)
    SELECT id, %(news)s::json FROM cases
    WHERE closed_at IS NULL AND (state IS NULL OR state->'policy'->>'calendar' = %(name)s) ORDER BY id"""
TELLING = "SET LOCAL statement_timeout = '5min'"  # of every open case


class VersionTaken(ValueError):
    """The same version is there with other content: versions never change."""


class NotNewer(ValueError):
    """A higher version is in force; its number stands in the message."""


class Imported(NamedTuple):
    """A version, when it was imported and by whom; nobody imported the built-in one."""

    calendar: Calendar
    at: datetime | None
    by: str | None
    in_force: bool


async def newest(connection: Connection) -> Calendars:
    """The version in force under each name, and every version under `versioned`; always has "24x7"."""
    found = await connection.execute(BODIES)
    return in_force([_read(body) for (body,) in await found.fetchall()])


async def working_days(connection: Connection) -> Calendar | None:
    """The days that rulesets mean by `days: working`; None: nobody ever stored any, and the shipped ones count."""
    return (await newest(connection)).get(WORKING_DAYS)


async def listing(connection: Connection) -> list[Imported]:
    """Every version: by name, the one in force first."""
    found = await connection.execute(ALL)
    rows = [(_read(body), at, by) for body, at, by in await found.fetchall()]
    counting = in_force([calendar for calendar, _, _ in rows])
    rows.sort(key=lambda row: row[0].order, reverse=True)
    rows.sort(key=lambda row: row[0].name)
    built_in = Imported(ROUND_THE_CLOCK, None, None, in_force=True)
    return [built_in, *(Imported(c, at, by, in_force=counting[c.name] == c) for c, at, by in rows)]


async def import_calendar(connection: Connection, calendar: Calendar, by: str) -> bool:
    """Put a version in force, and tell every open case that counts in it to reckon anew.

    False: this version was there already, with this content. Raises VersionTaken, NotNewer, or ValueError for the
    name of the built-in calendar.
    """
    if calendar.name == ROUND_THE_CLOCK.name:
        raise ValueError(f"{calendar.name} is built in")
    async with connection.transaction():
        await connection.execute(LOCK)
        if await _is_known(connection, calendar):
            return False
        before = (await newest(connection)).get(calendar.name)
        if before is not None and before.order >= calendar.order:
            raise NotNewer(before.version)
        added = await connection.execute(ADD, (calendar.name, calendar.version, calendar.model_dump_json(), by))
        row = await added.fetchone()
        assert row is not None  # noqa: S101 - what was inserted is returned
        await _tell_cases(connection, calendar, row[0])
        subject = f"{calendar.name} {calendar.version}"
        await record(connection, by, "calendar.import", subject, {"before": before.version if before else None})
    return True


async def _is_known(connection: Connection, calendar: Calendar) -> bool:
    found = await (await connection.execute(ONE, (calendar.name, calendar.version))).fetchone()
    if found is not None and _read(found[0]) != calendar:
        raise VersionTaken(calendar.version)
    return found is not None


async def _tell_cases(connection: Connection, calendar: Calendar, at: datetime) -> None:
    news = News(
        kind="calendar",
        detection=calendar.version,
        ruleset=calendar.name,
        at=at,
        received_at=at,
        transport="system",
    )
    await connection.execute(TELLING)
    await connection.execute(TELL_CASES, {"news": news.model_dump_json(), "name": calendar.name})
    await connection.execute("NOTIFY linli_case_inbox")


@lru_cache(maxsize=256)
def _read(body: str) -> Calendar:
    return Calendar.model_validate_json(body)
