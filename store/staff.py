"""Who works here, where, and how much they have to do."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from domain.people import Role
from store.people import Person
from store.pool import Connection

LIST = """
    SELECT p.id, p.name, p.display_name, p.roles, p.unit, u.kind AS unit_kind, u.label AS unit_label, p.areas,
           p.skills, p.active,
           EXISTS (SELECT FROM rosters r WHERE r.person_id = p.id AND r.starts_at <= clock_timestamp()
                   AND r.ends_at > clock_timestamp()) AS on_roster,
           (SELECT count(*) FROM cases c WHERE c.person = p.id AND c.closed_at IS NULL
            AND c.stage IN ('assigned', 'handling')) AS load
    FROM people p LEFT JOIN units u ON u.id = p.unit
    WHERE p.name > %(after)s AND (%(unit)s::text IS NULL OR p.unit = %(unit)s)
      AND (%(role)s::text IS NULL OR %(role)s = ANY (p.roles))
    ORDER BY p.name LIMIT %(limit)s"""
NAMED = """
    SELECT p.id, p.name, p.display_name, p.roles, p.areas, p.unit, u.label
    FROM people p LEFT JOIN units u ON u.id = p.unit WHERE p.name = %s AND p.active"""


@dataclass(frozen=True)
class Colleague:
    """Someone of the staff; `load` counts the open cases they have to sign or to handle."""

    id: UUID
    name: str
    display_name: str
    roles: list[str]
    unit: str | None
    unit_kind: str | None
    unit_label: str | None
    areas: list[str]
    skills: list[str]
    active: bool
    on_roster: bool
    load: int


async def staff(
    connection: Connection, *, unit: str | None = None, role: Role | None = None, after: str = "", limit: int = 50
) -> list[Colleague]:
    """By login name, behind `after`; on the roster as of now."""
    wanted: dict[str, Any] = {"unit": unit, "role": role, "after": after, "limit": limit}
    async with connection.cursor(row_factory=class_row(Colleague)) as cursor:
        await cursor.execute(LIST, wanted)
        return await cursor.fetchall()


async def person_named(connection: Connection, name: str) -> Person | None:
    """The person of that login name, if they still work here."""
    found = await (await connection.execute(NAMED, (name,))).fetchone()
    if found is None:
        return None
    id_, name, display_name, roles, areas, unit, unit_label = found
    return Person(id_, name, display_name, tuple(Role(role) for role in roles), tuple(areas), unit, unit_label)
