"""Outlines for the demo's areas: blocks between streets, drawn around the buildings whose places are known."""

from collections import defaultdict
from collections.abc import Iterable
from math import cos, radians
from typing import TypeVar

import shapely
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

from domain.places import Level, at_level
from store.geometry import DEGREE, as_json
from store.seed.places import Area

STREET = 14  # metres between two communities
BORDER = 130  # metres of the sub-district beyond its outermost buildings
BUILDING = (24, 9)  # metres from the middle of a building to its ends, and to its long sides
Key = TypeVar("Key")


def outlined(areas: list[Area]) -> dict[str, str]:
    """GeoJSON by path, for the sub-district, committees, communities and buildings.

    Every point of ground belongs to the community of the nearest door; streets are left free between them.
    """
    plane = _Plane(areas)
    doors = {area.path: plane.point(area) for area in areas if area.level is Level.UNIT}
    ground = shapely.MultiPoint(list(doors.values())).convex_hull.buffer(BORDER, quad_segs=4)
    cells = _nearest(doors, ground)
    communities = _united(cells, Level.COMMUNITY)
    shapes: dict[str, BaseGeometry] = {
        path: shape.buffer(-STREET / 2, join_style="mitre") for path, shape in communities.items()
    }
    shapes |= _united(communities, Level.COMMITTEE)
    shapes |= {path: _building(points) for path, points in _grouped(doors, Level.BUILDING).items()}
    shapes |= dict.fromkeys((path for area in areas if (path := at_level(area.path, Level.SUB_DISTRICT))), ground)
    return {path: as_json(plane.degrees(shape)) for path, shape in shapes.items()}


class _Plane:
    """Metres around the demo's middle: at this size the earth is flat."""

    def __init__(self, areas: list[Area]) -> None:
        self._lat, self._lon = next((one.lat, one.lon) for one in areas if one.lat is not None and one.lon is not None)
        self._wide = DEGREE * cos(radians(self._lat))

    def point(self, area: Area) -> shapely.Point:
        lat, lon = area.lat or 0.0, area.lon or 0.0
        return shapely.Point((lon - self._lon) * self._wide, (lat - self._lat) * DEGREE)

    def degrees(self, shape: BaseGeometry) -> BaseGeometry:
        return affine_transform(shape, [1 / self._wide, 0, 0, 1 / DEGREE, self._lon, self._lat])


def _nearest(points: dict[str, shapely.Point], ground: BaseGeometry) -> dict[str, BaseGeometry]:
    """Each point's share of the ground: what lies nearer to it than to any other."""
    cells = shapely.voronoi_polygons(shapely.MultiPoint(list(points.values())), extend_to=ground)
    tree = shapely.STRtree(list(cells.geoms))
    return {
        path: cells.geoms[int(tree.query(point, predicate="within")[0])].intersection(ground)
        for path, point in points.items()
    }


def _grouped(shapes: dict[str, Key], level: Level) -> dict[str, list[Key]]:
    groups: dict[str, list[Key]] = defaultdict(list)
    for path, shape in shapes.items():
        groups[at_level(path, level) or path].append(shape)
    return groups


def _united(shapes: dict[str, BaseGeometry], level: Level) -> dict[str, BaseGeometry]:
    return {path: shapely.union_all(members) for path, members in _grouped(shapes, level).items()}


def _building(doors: Iterable[shapely.Point]) -> BaseGeometry:
    middle = shapely.MultiPoint(list(doors)).centroid
    long, deep = BUILDING
    return shapely.box(middle.x - long, middle.y - deep, middle.x + long, middle.y + deep)
