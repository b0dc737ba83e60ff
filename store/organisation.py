"""Places and units as pages name them, and the SQL that other lists share to do so."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from domain.places import UNPLACED, Level, Point
from store.pool import Connection


def nearest_label(place: str) -> str:
    """SQL: what people call the area path `place` (a column or parameter), or the nearest around it that has a name.

    Looks each containing path up by its key: to ask of every area whether it contains `place` takes milliseconds a row.
    """
    return f"""(
        SELECT areas.label FROM generate_series(1, {len(Level)}) AS depth
        JOIN areas ON areas.path = array_to_string((string_to_array({place}, '/'))[:depth + 1], '/') || '/'
        ORDER BY depth DESC LIMIT 1)"""  # noqa: S608 - constants


def nearest_position(place: str) -> str:
    """SQL: `lat` and `lon` of the area path `place`, or of the nearest around it that has a position."""
    return f"""
        SELECT areas.lat, areas.lon FROM generate_series(1, {len(Level)}) AS depth
        JOIN areas ON areas.path = array_to_string((string_to_array({place}, '/'))[:depth + 1], '/') || '/'
        WHERE areas.lat IS NOT NULL ORDER BY depth DESC LIMIT 1"""  # noqa: S608 - constants


def upwards(place: str, level: Level) -> str:
    """SQL: the area of `level` around the area path `place`, or the path itself where it does not reach that deep."""
    return f"array_to_string((trim_array(string_to_array({place}, '/'), 1))[:{level + 1}], '/') || '/'"


POSITIONS = f"""
    SELECT place, position.lat, position.lon FROM unnest(%s::text[]) AS place
    JOIN LATERAL ({nearest_position("place")}) AS position ON true"""  # noqa: S608 - constants


def containing(text: str) -> str:
    """The LIKE pattern for what contains `text` literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


@dataclass(frozen=True)
class Place:
    path: str
    label: str
    level: int


@dataclass(frozen=True)
class Worker:
    """Someone to whom a case may be given."""

    id: UUID
    display_name: str
    unit: str
    unit_label: str
    unit_kind: str


async def place_label(connection: Connection, path: str) -> str | None:
    """What people call the place, or the nearest one around it that has a name."""
    cursor = await connection.execute(f"SELECT {nearest_label('%s::text')}", (path,))
    row = await cursor.fetchone()
    return row[0] if row else None


async def positions(connection: Connection, places: Iterable[str]) -> dict[str, Point]:
    """Where places are, or the nearest located area around them; what lies nowhere is left out."""
    found = await connection.execute(POSITIONS, (sorted(set(places)),))
    return {place: Point(lat=lat, lon=lon) for place, lat, lon in await found.fetchall()}


async def places_within(connection: Connection, areas: tuple[str, ...], level: int | None = None) -> list[Place]:
    """Named places of these areas, by path; of one level, or all down to buildings' units."""
    async with connection.cursor(row_factory=class_row(Place)) as cursor:
        await cursor.execute(
            "SELECT path, label, level FROM areas WHERE path ^@ ANY (%s) AND (%s::int IS NULL OR level = %s)"
            " ORDER BY path LIMIT 2000",
            (list(areas), level, level),
        )
        return await cursor.fetchall()


async def unit_labels(connection: Connection) -> dict[str, str]:
    cursor = await connection.execute("SELECT id, label FROM units")
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def workers_for(connection: Connection, place: str, handler: str) -> list[Worker]:
    """Handlers of the units that look after `place`, those of the kind `handler` first; of all for an unknown place."""
    async with connection.cursor(row_factory=class_row(Worker)) as cursor:
        await cursor.execute(
            "SELECT p.id, p.display_name, u.id AS unit, u.label AS unit_label, u.kind AS unit_kind"
            " FROM people p JOIN units u ON u.id = p.unit"
            " WHERE p.active AND 'handler' = ANY (p.roles) AND (starts_with(%(place)s, %(unplaced)s)"
            " OR (starts_with(%(place)s, u.area)"
            "     AND EXISTS (SELECT FROM unnest(p.areas) area WHERE starts_with(%(place)s, area))))"
            " ORDER BY u.kind <> %(handler)s, length(u.area) DESC, u.id, p.display_name LIMIT 500",
            {"place": place, "handler": handler, "unplaced": UNPLACED},
        )
        return await cursor.fetchall()
