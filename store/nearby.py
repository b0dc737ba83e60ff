"""What a resident may know of open matters around them: what kind, which building, how far; nobody's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from psycopg.rows import class_row

from domain.places import UNPLACED, Level, at_level
from store import frequency
from store.organisation import Place, nearest_label
from store.pool import Connection

RECENT = timedelta(days=30)
MOST = 5
MOST_CHOICES = 800  # in one list on a phone
BUILDING = f"array_to_string((string_to_array(c.place, '/'))[:{Level.BUILDING + 1}], '/') || '/'"
_MATTER = f"""
    SELECT c.id, c.category, {nearest_label(BUILDING)} AS place_label, c.stage,
           1 + (SELECT count(*) FROM reports r WHERE r.follows = c.id) AS people
    FROM cases c
    WHERE c.closed_at IS NULL AND c.state IS NOT NULL AND c.received_at > clock_timestamp() - %(recent)s
      AND c.category = ANY (%(open_to_all)s)"""  # noqa: S608 - constants
SIMILAR = f"""{_MATTER} AND starts_with(c.place, %(community)s)
      AND (%(hint)s = '' AND c.report IS NOT NULL OR c.category = %(hint)s
           OR EXISTS (SELECT FROM reports own WHERE own.id = c.report AND own.hint = %(hint)s))
    ORDER BY starts_with(c.place, %(building)s) DESC, c.received_at DESC, c.id LIMIT {MOST}"""
ONE = f"{_MATTER} AND c.id = %(id)s"
HELPLINE = """
    SELECT label, phone FROM units
    WHERE phone IS NOT NULL AND (kind = 'committee' AND starts_with(%(place)s, area) OR kind = 'urban-operations')
    ORDER BY kind = 'committee' DESC, length(area) DESC, id LIMIT 1"""


@dataclass(frozen=True)
class OpenMatter:
    """An open case as its neighbours see it; `people`: how many reported it or said "me too"."""

    id: UUID
    category: str | None
    place_label: str | None
    stage: str
    people: int


@dataclass(frozen=True)
class Helpline:
    label: str
    phone: str


async def place_named(connection: Connection, path: str) -> str | None:
    """What people call the area of exactly this path; None: there is none."""
    cursor = await connection.execute("SELECT label FROM areas WHERE path = %s AND level > 0", (path,))
    row = await cursor.fetchone()
    return str(row[0]) if row else None


async def places_to_choose(connection: Connection) -> list[Place]:
    """Communities, each before its buildings; of a large district the communities alone."""
    levels = [Level.COMMUNITY, Level.BUILDING]
    async with connection.cursor(row_factory=class_row(Place)) as cursor:
        await cursor.execute(
            "SELECT path, label, level FROM areas WHERE level = ANY (%s) ORDER BY path LIMIT %s",
            (levels, MOST_CHOICES + 1),
        )
        found = await cursor.fetchall()
        if len(found) <= MOST_CHOICES:
            return found
        await cursor.execute(
            "SELECT path, label, level FROM areas WHERE level = %s ORDER BY path LIMIT 2000", (Level.COMMUNITY,)
        )
        return await cursor.fetchall()


async def similar(connection: Connection, place: str, hint: str, open_to_all: Sequence[str]) -> list[OpenMatter]:
    """Recent open matters of these categories in the community of `place`, its building's first.

    `hint`: only those of that category, or whose reporter hinted at it; without one, only what residents reported.
    """
    community = at_level(place, Level.COMMUNITY)
    if community is None:
        return []
    given = {
        "community": community,
        "building": at_level(place, Level.BUILDING) or community,
        "hint": hint,
        "open_to_all": list(open_to_all),
        "recent": RECENT,
    }
    async with connection.cursor(row_factory=class_row(OpenMatter)) as cursor:
        await cursor.execute(SIMILAR, given)
        return await cursor.fetchall()


async def open_matter(connection: Connection, case_id: UUID, open_to_all: Sequence[str]) -> OpenMatter | None:
    """One that may be followed, if it is still open."""
    async with connection.cursor(row_factory=class_row(OpenMatter)) as cursor:
        await cursor.execute(ONE, {"id": case_id, "open_to_all": list(open_to_all), "recent": RECENT})
        return await cursor.fetchone()


async def frequent(connection: Connection, place: str, among: Sequence[str]) -> list[str]:
    """What happens most around `place`, most frequent first; empty where nothing did."""
    community = at_level(place, Level.COMMUNITY)
    return await frequency.frequent(connection, [community], among, MOST) if community else []


async def helpline(connection: Connection, place: str = UNPLACED) -> Helpline | None:
    """Whom to call: the committee of the place, else the sub-district's centre."""
    async with connection.cursor(row_factory=class_row(Helpline)) as cursor:
        await cursor.execute(HELPLINE, {"place": place})
        return await cursor.fetchone()
