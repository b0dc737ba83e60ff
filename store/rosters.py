"""Who is on duty when: shifts of people within the viewer's areas; every change is on the audit record."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from store.anchoring import record
from store.ids import new_id
from store.pool import Connection, Pool

ADDED, CHANGED, REMOVED = "shift-added", "shift-changed", "shift-removed"  # in the audit record
MOST = 500
_SHIFT = """
    SELECT r.id, r.person_id AS person, p.display_name AS name, p.roles, u.label AS unit_label,
           r.starts_at AS starts, r.ends_at AS ends
    FROM rosters r JOIN people p ON p.id = r.person_id JOIN units u ON u.id = p.unit
    WHERE p.active AND u.area ^@ ANY (%(areas)s)"""
BETWEEN = f"""{_SHIFT} AND r.ends_at > %(since)s AND r.starts_at < %(until)s
      AND (%(unit)s::text IS NULL OR p.unit = %(unit)s)
    ORDER BY r.starts_at, u.label, p.display_name, r.id LIMIT {MOST}"""
ONE = f"{_SHIFT} AND r.id = %(id)s"
OVERLAP = f"""{_SHIFT} AND r.person_id = %(person)s AND r.id <> %(id)s
      AND r.ends_at > %(starts)s AND r.starts_at < %(ends)s ORDER BY r.starts_at LIMIT 1"""
_PEOPLE = """
    SELECT p.id, p.display_name AS name, u.id AS unit, u.label AS unit_label FROM people p JOIN units u ON u.id = p.unit
    WHERE p.active AND u.area ^@ ANY (%(areas)s)"""
PEOPLE = f"{_PEOPLE} ORDER BY u.label, p.display_name, p.id LIMIT 1000"
PERSON = f"{_PEOPLE} AND p.id = %(person)s"


@dataclass(frozen=True)
class Shift:
    id: UUID
    person: UUID
    name: str
    roles: list[str]
    unit_label: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Rostered:
    """Someone who may be on duty."""

    id: UUID
    name: str
    unit: str
    unit_label: str


class ShiftRefused(Exception):
    """`other`: the shift of the same person that is in the way."""

    def __init__(self, code: str, other: Shift | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.other = other


async def shifts(
    connection: Connection, areas: tuple[str, ...], since: datetime, until: datetime, unit: str | None = None
) -> list[Shift]:
    """Those that touch the time from `since` to `until`, by their beginning."""
    wanted = {"areas": list(areas), "since": since, "until": until, "unit": unit}
    async with connection.cursor(row_factory=class_row(Shift)) as cursor:
        await cursor.execute(BETWEEN, wanted)
        return await cursor.fetchall()


async def people(connection: Connection, areas: tuple[str, ...]) -> list[Rostered]:
    async with connection.cursor(row_factory=class_row(Rostered)) as cursor:
        await cursor.execute(PEOPLE, {"areas": list(areas)})
        return await cursor.fetchall()


async def put(
    pool: Pool, areas: tuple[str, ...], shift: UUID | None, person: UUID, times: tuple[datetime, datetime], by: str
) -> None:
    """Add a shift, or change the one with this id. Raises ShiftRefused."""
    starts, ends = times
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", (str(person),))
        found = await connection.execute(PERSON, {"areas": list(areas), "person": person})
        if await found.fetchone() is None:
            raise ShiftRefused("no-such-person")
        if shift is not None and await _one(connection, ONE, {"areas": list(areas), "id": shift}) is None:
            raise ShiftRefused("shift-gone")
        id_ = shift or new_id()
        wanted = {"areas": list(areas), "person": person, "id": id_, "starts": starts, "ends": ends}
        in_the_way = await _one(connection, OVERLAP, wanted)
        if in_the_way is not None:
            raise ShiftRefused("shift-overlaps", in_the_way)
        await connection.execute(
            "INSERT INTO rosters (id, person_id, starts_at, ends_at) VALUES (%(id)s, %(person)s, %(starts)s, %(ends)s)"
            " ON CONFLICT (id) DO UPDATE SET person_id = excluded.person_id, starts_at = excluded.starts_at,"
            " ends_at = excluded.ends_at",
            wanted,
        )
        said = {"person": str(person), "starts": starts.isoformat(), "ends": ends.isoformat()}
        await record(connection, by, CHANGED if shift else ADDED, str(id_), said)


async def remove(pool: Pool, areas: tuple[str, ...], shift: UUID, by: str) -> None:
    """Raises ShiftRefused where it is not there any more, or not theirs to change."""
    async with pool.connection() as connection, connection.transaction():
        found = await _one(connection, ONE, {"areas": list(areas), "id": shift})
        if found is None:
            raise ShiftRefused("shift-gone")
        await connection.execute("DELETE FROM rosters WHERE id = %s", (shift,))
        said = {"person": str(found.person), "starts": found.starts.isoformat(), "ends": found.ends.isoformat()}
        await record(connection, by, REMOVED, str(shift), said)


async def _one(connection: Connection, statement: str, wanted: dict[str, object]) -> Shift | None:
    async with connection.cursor(row_factory=class_row(Shift)) as cursor:
        await cursor.execute(statement, wanted)
        return await cursor.fetchone()
