"""What lies around a case: units it may go to, rulings on its kind, what it is part of, what else happened there.

Run these inside `viewed_by`: nobody learns of a case that they may not see.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import class_row

from domain.cases import Case
from domain.places import UNPLACED, Level, at_level
from store.organisation import nearest_label
from store.pool import Connection

SAME_PLACE_WITHIN = timedelta(days=90)
LINKABLE_WITHIN = timedelta(days=30)
MOST_UNITS = 500
MOST_FOLLOWERS = 50
MOST_NEIGHBOURS = 10
MOST_LINKABLE = 8
MOST_PRECEDENTS = 3
NEIGHBOUR = f"""
    SELECT c.id, c.number, c.title, c.stage, c.ending, c.category, c.received_at,
           coalesce({nearest_label("c.place")}, c.place) AS place_label
    FROM cases c WHERE c.state IS NOT NULL"""  # noqa: S608 - constants
MAIN = f"{NEIGHBOUR} AND c.id = %(main)s"
FOLLOWERS = f"{NEIGHBOUR} AND c.linked_to = %(id)s ORDER BY c.received_at DESC, c.id LIMIT {MOST_FOLLOWERS}"
PARENT = f"{NEIGHBOUR} AND c.id = %(parent)s"
CHILDREN = f"{NEIGHBOUR} AND c.parent = %(id)s ORDER BY c.received_at, c.id LIMIT {MOST_FOLLOWERS}"
SAME_PLACE = f"""{NEIGHBOUR} AND starts_with(c.place, %(building)s) AND c.id <> %(id)s
    AND c.received_at > clock_timestamp() - %(within)s
    ORDER BY c.received_at DESC, c.id LIMIT {MOST_NEIGHBOURS}"""
LINKABLE = f"""{NEIGHBOUR} AND starts_with(c.place, %(community)s) AND c.id <> %(id)s
    AND c.closed_at IS NULL AND c.linked_to IS NULL AND c.received_at > clock_timestamp() - %(within)s
    ORDER BY starts_with(c.place, %(building)s) DESC, c.category = %(category)s DESC, c.received_at DESC, c.id
    LIMIT {MOST_LINKABLE}"""
UNITS = f"""
    SELECT id, kind, label, phone, accounts FROM units
    WHERE starts_with(%(place)s, area) OR starts_with(%(place)s, %(unplaced)s)
    ORDER BY kind <> %(handler)s, length(area) DESC, label, id LIMIT {MOST_UNITS}"""  # noqa: S608 - constants
PRECEDENTS = f"""
    SELECT p.owner, u.label AS owner_label, p.ground, p.ruled_at FROM precedents p JOIN units u ON u.id = p.owner
    WHERE p.category = %(category)s AND p.handler = %(handler)s AND starts_with(%(place)s, p.area)
    ORDER BY p.ruled_at DESC LIMIT {MOST_PRECEDENTS}"""  # noqa: S608 - constants
NUMBERED = "SELECT id FROM cases WHERE number = %s"


@dataclass(frozen=True)
class Unit:
    """A unit that looks after a place; one without `accounts` is reached by telephone only."""

    id: str
    kind: str
    label: str
    phone: str | None
    accounts: bool


@dataclass(frozen=True)
class Precedent:
    """Whose a matter of this kind turned out to be, and on which ground."""

    owner: str
    owner_label: str
    ground: str
    ruled_at: datetime


@dataclass(frozen=True)
class Neighbour:
    """Another case, as a line that leads to it."""

    id: UUID
    number: str | None
    title: str
    stage: str
    ending: str | None
    category: str
    received_at: datetime
    place_label: str


async def units_for(connection: Connection, case: Case) -> list[Unit]:
    """Units that look after the case's place, those of the asked kind and the nearest first; all for an unknown one."""
    wanted = {"place": case.place, "handler": case.handler, "unplaced": UNPLACED}
    async with connection.cursor(row_factory=class_row(Unit)) as cursor:
        await cursor.execute(UNITS, wanted)
        return await cursor.fetchall()


async def precedents_for(connection: Connection, case: Case) -> list[Precedent]:
    """The last rulings on returns of this kind of matter around there, newest first."""
    wanted = {"category": case.category, "handler": case.handler, "place": case.place}
    async with connection.cursor(row_factory=class_row(Precedent)) as cursor:
        await cursor.execute(PRECEDENTS, wanted)
        return await cursor.fetchall()


async def main_of(connection: Connection, case: Case) -> Neighbour | None:
    """The case that this one is part of."""
    if case.linked_to is None:
        return None
    found = await neighbours(connection, MAIN, {"main": case.linked_to})
    return found[0] if found else None


async def followers_of(connection: Connection, case: Case) -> list[Neighbour]:
    """The cases that are part of this one, newest first."""
    return await neighbours(connection, FOLLOWERS, {"id": case.id})


async def parent_of(connection: Connection, case: Case) -> Neighbour | None:
    """The case of the same event that this one was opened with."""
    if case.parent is None:
        return None
    found = await neighbours(connection, PARENT, {"parent": case.parent})
    return found[0] if found else None


async def children_of(connection: Connection, case: Case) -> list[Neighbour]:
    """The cases that were opened with this one."""
    return await neighbours(connection, CHILDREN, {"id": case.id}) if case.children else []


async def same_place(connection: Connection, case: Case) -> list[Neighbour]:
    """What else there was in the building within the last 90 days, newest first."""
    if case.place.startswith(UNPLACED):
        return []
    building = at_level(case.place, Level.BUILDING) or case.place
    return await neighbours(connection, SAME_PLACE, {"id": case.id, "building": building, "within": SAME_PLACE_WITHIN})


async def linkable(connection: Connection, case: Case) -> list[Neighbour]:
    """Recent open cases that this one may be part of: of the building first, then of its category, then the newest."""
    community = at_level(case.place, Level.COMMUNITY) or case.place
    wanted = {
        "id": case.id,
        "community": community,
        "building": at_level(case.place, Level.BUILDING) or community,
        "category": case.category,
        "within": LINKABLE_WITHIN,
    }
    return await neighbours(connection, LINKABLE, wanted)


async def numbered(connection: Connection, number: str) -> UUID | None:
    """The case with this number, as people copy it; None: there is none, or not for these eyes."""
    row = await (await connection.execute(NUMBERED, (number.strip().upper(),))).fetchone()
    return row[0] if row else None


async def neighbours(connection: Connection, statement: str, wanted: dict[str, object]) -> list[Neighbour]:
    """What a statement that begins with NEIGHBOUR finds."""
    async with connection.cursor(row_factory=class_row(Neighbour)) as cursor:
        await cursor.execute(statement, wanted)
        return await cursor.fetchall()
