"""Area paths: where things are, as immutable ASCII codes (DESIGN §8).

`/310110/kj/c07/n021/b03/u2/lift1/` = district, sub-district, committee, community, building, unit, spot.
A prefix of a path is the area that contains it.
"""

import re
from enum import IntEnum
from math import asin, cos, radians, sin, sqrt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

UNPLACED = "/unplaced/"  # where a matter is whose device nobody has registered yet
EARTH_RADIUS_METRES = 6_371_000
_PATH = re.compile(r"^/(?:[A-Za-z0-9_-]+/){1,7}$")


class Level(IntEnum):
    """How many parts of a path name a place of this kind."""

    DISTRICT = 1
    SUB_DISTRICT = 2
    COMMITTEE = 3
    COMMUNITY = 4
    BUILDING = 5
    UNIT = 6
    SPOT = 7


def _checked(path: str) -> str:
    if not _PATH.match(path):
        raise ValueError(f"not an area path: {path!r} (expected e.g. /310110/kj/c07/)")
    return path


AreaPath = Annotated[str, AfterValidator(_checked)]


def level_of(path: str) -> Level:
    return Level(path.count("/") - 1)


def at_level(path: str, level: Level) -> str | None:
    """The area of `level` that contains `path`; None where the path does not reach that deep."""
    parts = path.strip("/").split("/")
    return "/" + "/".join(parts[:level]) + "/" if len(parts) >= level else None


def contains(area: str, path: str) -> bool:
    return path.startswith(area)


def within_any(path: str, areas: tuple[str, ...]) -> bool:
    return path.startswith(areas) if areas else False


class Point(BaseModel):
    """Degrees, WGS 84."""

    model_config = ConfigDict(frozen=True)

    lat: float
    lon: float


def metres_between(one: Point, other: Point) -> float:
    """Great-circle distance (haversine; a few per mille of error is nothing at the scale of a housing estate)."""
    lat, other_lat = radians(one.lat), radians(other.lat)
    chord = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH_RADIUS_METRES * asin(sqrt(chord))
