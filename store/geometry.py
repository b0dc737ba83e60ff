"""Where things are on a map, as GeoJSON (WGS 84): outlines of areas, the place of a point, points of open cases."""

import json
from collections import Counter
from math import cos, radians, sin
from typing import Any

import shapely
from psycopg.rows import dict_row

from domain.cases import Light
from domain.matters import Tier
from domain.places import UNPLACED, Level, Point, level_of, metres_between
from store.case_pages import LIT
from store.organisation import nearest_label, nearest_position, upwards
from store.pool import Connection

FeatureCollection = dict[str, Any]
NEAR = 200  # metres from a building's door at which a point still belongs to it
DEGREE = 111_195  # metres of a degree of latitude
APART = 9  # metres between dots that would lie upon each other
MOST_POINTS = 5_000
LIGHT = (
    f"CASE WHEN {LIT[Light.OVERDUE]} THEN '{Light.OVERDUE}' WHEN {LIT[Light.DUE_SOON]} THEN '{Light.DUE_SOON}'"
    f" ELSE '{Light.NORMAL}' END"
)
_AROUND = f"""
    SELECT path, level, lat, lon, outline::text AS outline FROM areas
    WHERE level <= {Level.BUILDING:d} AND path ^@ ANY (%(within)s)
      AND (level < {Level.BUILDING:d} AND outline IS NOT NULL OR lat BETWEEN %(south)s AND %(north)s
           AND lon BETWEEN %(west)s AND %(east)s)"""  # noqa: S608 - constants
_POINTS = f"""
    SELECT c.id::text AS id, c.title, c.category, c.tier, c.stage, {LIGHT} AS light,
           {nearest_label(upwards("c.place", Level.BUILDING))} AS label, position.lat, position.lon
    FROM cases c JOIN LATERAL ({nearest_position("c.place")}) AS position ON true
    WHERE c.closed_at IS NULL AND c.state IS NOT NULL AND (%(tier)s::text IS NULL OR c.tier = %(tier)s)
      AND (%(light)s::text IS NULL OR {LIGHT} = %(light)s)
    ORDER BY c.received_at DESC, c.id DESC LIMIT {MOST_POINTS}"""  # noqa: S608 - constants
_UNITS = """
    SELECT u.id, u.label, u.kind, a.lat, a.lon,
           (SELECT count(DISTINCT p.id) FROM people p JOIN rosters r ON r.person_id = p.id
            WHERE p.unit = u.id AND p.active AND r.starts_at <= now() AND r.ends_at > now()) AS on_duty,
           (SELECT count(*) FROM cases c
            WHERE c.unit = u.id AND c.closed_at IS NULL AND c.stage IN ('assigned', 'handling')) AS load
    FROM units u JOIN areas a ON a.path = u.area
    WHERE u.area ^@ ANY (%(within)s) AND a.lat IS NOT NULL ORDER BY u.id LIMIT 500"""


async def outlines(
    connection: Connection, within: tuple[str, ...], deepest: Level = Level.BUILDING
) -> FeatureCollection:
    """The outlines of named areas below `within`, parents first: path, label, level, and the building's own point."""
    cursor = await connection.execute(
        "SELECT path, label, level, lat, lon, outline FROM areas"
        " WHERE path ^@ ANY (%s) AND level <= %s AND outline IS NOT NULL ORDER BY level, path LIMIT 5000",
        (list(within), int(deepest)),
    )
    return _collection(
        {
            "type": "Feature",
            "geometry": outline,
            "properties": {"path": path, "label": label, "level": level, "lat": lat, "lon": lon},
        }
        for path, label, level, lat, lon, outline in await cursor.fetchall()
    )


async def nearest_place(connection: Connection, point: Point, within: tuple[str, ...] = ("/",)) -> str:
    """The path of the area where the point is.

    The smallest one that covers it, from communities down; else the nearest building within 200 m; else the committee
    or sub-district that covers it; else UNPLACED.
    """
    tall, wide = NEAR / DEGREE, NEAR / (DEGREE * cos(radians(point.lat)))
    given = {
        "within": list(within),
        "south": point.lat - tall,
        "north": point.lat + tall,
        "west": point.lon - wide,
        "east": point.lon + wide,
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_AROUND, given)
        around = await cursor.fetchall()
    here = shapely.Point(point.lon, point.lat)
    covering = [str(area["path"]) for area in around if _covers(area["outline"], here)]
    smallest = max(covering, key=len, default=UNPLACED)
    if covering and level_of(smallest) >= Level.COMMUNITY:
        return smallest
    doors = [area for area in around if area["level"] == Level.BUILDING and area["lat"] is not None]
    near = ((metres_between(point, Point(lat=door["lat"], lon=door["lon"])), str(door["path"])) for door in doors)
    distance, door = min(near, default=(NEAR, smallest))
    return door if distance < NEAR else smallest


async def points_of_cases(
    connection: Connection, *, tier: Tier | None = None, light: Light | None = None
) -> FeatureCollection:
    """Open cases the connection's viewer may see, newest first, each at the nearest located area around its place.

    `label` goes no further than the building. Cases that would lie upon each other are put on a ring; one without any
    position is left out.
    """
    given = {"tier": tier.value if tier else None, "light": light.value if light else None}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_POINTS, given)
        found = await cursor.fetchall()
    upon: Counter[tuple[float, float]] = Counter()
    features = []
    for case in found:
        lat, lon = case.pop("lat"), case.pop("lon")
        features.append(_dot(*beside(Point(lat=lat, lon=lon), upon[lat, lon]), case))
        upon[lat, lon] += 1
    return _collection(features)


async def points_of_units(connection: Connection, within: tuple[str, ...]) -> FeatureCollection:
    """Units with how many of theirs are on duty now and how many cases they hold; one ring per area's middle."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_UNITS, {"within": list(within)})
        found = await cursor.fetchall()
    upon: Counter[tuple[float, float]] = Counter()
    features = []
    for unit in found:
        lat, lon = unit.pop("lat"), unit.pop("lon")
        features.append(_dot(*beside(Point(lat=lat, lon=lon), upon[lat, lon], apart=6 * APART), unit))
        upon[lat, lon] += 1
    return _collection(features)


def beside(point: Point, nth: int, apart: float = APART) -> tuple[float, float]:
    """Longitude and latitude of the `nth` dot at this point: the first on it, six around it, twelve around those."""
    ring, place, on_ring = 0, nth, 1
    while place >= on_ring:
        place -= on_ring
        ring += 1
        on_ring = 6 * ring
    angle, metres = radians(360 * place / on_ring), ring * apart
    return (
        round(point.lon + metres * cos(angle) / (DEGREE * cos(radians(point.lat))), 7),
        round(point.lat + metres * sin(angle) / DEGREE, 7),
    )


def _covers(outline: str | None, point: shapely.Point) -> bool:
    shape = shapely.from_geojson(outline) if outline else None
    return shape is not None and shape.covers(point)


def _dot(lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties}


def _collection(features: Any) -> FeatureCollection:
    return {"type": "FeatureCollection", "features": list(features)}


def as_json(shape: shapely.Geometry) -> str:
    """A shape as GeoJSON text, to a tenth of a metre."""
    return json.dumps(json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-6))))
