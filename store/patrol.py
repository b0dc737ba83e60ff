"""What a grid worker's phone asks on patrol: where am I allowed to be, and where have I been."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg.rows import class_row

from domain.places import Level, Point
from store.organisation import Place, nearest_label
from store.pool import Connection

MOST_CHOICES = 2000
CHOICES = """
    SELECT path, label, level FROM areas WHERE path ^@ ANY (%s) AND level = ANY (%s) ORDER BY path LIMIT %s"""
CHECK_IN = """
    INSERT INTO patrol_checks (id, person, place, via, lat, lon) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (id) DO NOTHING"""
CHECKED = f"""
    SELECT p.id, p.place, {nearest_label("p.place")} AS label, p.via, p.at FROM patrol_checks p
    WHERE p.person = %s AND p.at >= %s ORDER BY p.at DESC LIMIT 200"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Check:
    """Somebody was there: they scanned its code, or their position was in it."""

    id: UUID
    place: str
    label: str
    via: Literal["qr", "position"]
    at: datetime


async def places_of(connection: Connection, areas: Sequence[str]) -> list[Place]:
    """Communities of `areas`, each before its buildings."""
    async with connection.cursor(row_factory=class_row(Place)) as cursor:
        await cursor.execute(CHOICES, (list(areas), [Level.COMMUNITY, Level.BUILDING], MOST_CHOICES))
        return await cursor.fetchall()


async def key_of(connection: Connection, case_id: UUID) -> str | None:
    """The key under which a case was begun; None: there is no such case. `connection` sees all cases."""
    row = await (await connection.execute("SELECT dedupe_key FROM cases WHERE id = %s", (case_id,))).fetchone()
    return str(row[0]) if row else None


async def check_in(connection: Connection, check_id: UUID, person: UUID, place: str, point: Point | None) -> None:
    """Note that `person` is at `place`; without `point` they scanned its code. The same form twice is one check."""
    via = "position" if point else "qr"
    at = (point.lat, point.lon) if point else (None, None)
    await connection.execute(CHECK_IN, (check_id, person, place, via, *at))


async def checked(connection: Connection, person: UUID, since: datetime) -> list[Check]:
    """Where this person has been since then, newest first."""
    async with connection.cursor(row_factory=class_row(Check)) as cursor:
        await cursor.execute(CHECKED, (person, since))
        return await cursor.fetchall()
