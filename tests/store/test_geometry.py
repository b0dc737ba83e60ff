"""The demo's neighbourhood on a map: outlines, the place of a point, and where cases lie."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import combinations

import psycopg
import pytest
import shapely
from builders import LIFT, PROPERTY, WANG, a_case, a_matter, store_case
from databases import Database

from domain.places import UNPLACED, Level, Point
from store.geometry import NEAR, beside, nearest_place, outlines, points_of_cases, points_of_units
from store.pool import Connection, Pool, pool, viewed_by

WHOLE = ("/310110/kj/",)
BUILDING = "/310110/kj/c07/n021/b01/"
DOOR = Point(lat=31.2762, lon=121.5171)


@pytest.fixture
async def connections(seeded: Database) -> AsyncIterator[Pool]:
    async with pool(seeded.app_dsn, most=2) as opened:
        yield opened


@pytest.fixture
async def connection(connections: Pool) -> AsyncIterator[Connection]:
    async with viewed_by(connections, WHOLE) as opened:
        yield opened


async def test_the_demo_looks_like_a_neighbourhood(connection: Connection) -> None:
    found = await outlines(connection, WHOLE)
    shapes = {one["properties"]["path"]: shapely.from_geojson(json.dumps(one["geometry"])) for one in found["features"]}
    by_level = {level: [path for path in shapes if path.count("/") == level + 1] for level in Level}
    assert [len(by_level[level]) for level in (Level.COMMITTEE, Level.COMMUNITY, Level.BUILDING)] == [4, 8, 32]
    assert all(shape.is_valid for shape in shapes.values())
    for level in (Level.COMMUNITY, Level.BUILDING):
        overlaps = [pair for pair in combinations(by_level[level], 2) if shapes[pair[0]].intersects(shapes[pair[1]])]
        assert overlaps == []
    for path in (*by_level[Level.BUILDING], *by_level[Level.COMMUNITY]):
        around = shapes[path.rsplit("/", 2)[0] + "/"]
        assert around.buffer(1e-6).covers(shapes[path]), path


async def test_outlines_of_others_are_not_given(connection: Connection) -> None:
    found = await outlines(connection, ("/310110/kj/c07/",), Level.COMMUNITY)
    assert [one["properties"]["label"] for one in found["features"]] == ["双阳居委", "双阳二村", "双阳三村"]


async def test_a_point_is_where_an_outline_covers_it(connection: Connection) -> None:
    assert await nearest_place(connection, DOOR) == BUILDING
    assert await nearest_place(connection, Point(lat=31.2766, lon=121.5171)) == "/310110/kj/c07/n021/"
    assert await nearest_place(connection, Point(lat=31.0, lon=121.0)) == UNPLACED
    assert await nearest_place(connection, DOOR, ("/310110/kj/c08/",)) == UNPLACED


async def test_without_outlines_the_nearest_building_within_200_metres_counts(seeded: Database) -> None:
    async with await psycopg.AsyncConnection.connect(seeded.owner_dsn) as owner:
        await owner.execute("UPDATE areas SET outline = NULL WHERE level > %s", (Level.SUB_DISTRICT,))
        west = 0.0000105  # degrees of longitude in a metre
        assert await nearest_place(owner, Point(lat=DOOR.lat, lon=DOOR.lon - west * (NEAR - 5))) == BUILDING
        far = Point(lat=DOOR.lat, lon=DOOR.lon - west * (NEAR + 5))
        assert await nearest_place(owner, far) in (*WHOLE, UNPLACED)


async def test_open_cases_lie_beside_each_other_with_their_light(connections: Pool) -> None:
    now = datetime.now(UTC)
    stories = [
        a_case(a_matter(dedupe_key="a"), at=now - timedelta(hours=9)).filed().assigned_to(PROPERTY, WANG),
        a_case(a_matter(dedupe_key="b"), at=now - timedelta(minutes=3)).filed(),
        a_case(a_matter(dedupe_key="c", place="/310110/kj/c08/n023/"), at=now - timedelta(minutes=3)).filed(),
        a_case(a_matter(dedupe_key="d", place=UNPLACED), at=now - timedelta(minutes=3)).filed(),
    ]
    async with connections.connection() as connection:
        told = [await store_case(connection, story) for story in stories]
    async with viewed_by(connections, ("/310110/kj/c07/", UNPLACED)) as connection:
        found = (await points_of_cases(connection))["features"]
    assert {one["properties"]["id"]: one["properties"]["light"] for one in found} == {
        str(told[0].id): "overdue",
        str(told[1].id): "normal",
    }
    assert len({tuple(one["geometry"]["coordinates"]) for one in found}) == 2
    assert found[0]["properties"]["label"] == "双阳二村 12 号"
    assert told[0].place != LIFT


async def test_units_show_who_is_on_duty_and_what_they_hold(connections: Pool) -> None:
    async with connections.connection() as connection:
        await store_case(connection, a_case().filed().assigned_to(PROPERTY, WANG))
    async with viewed_by(connections, WHOLE) as connection:
        found = (await points_of_units(connection, WHOLE))["features"]
    unit = next(one["properties"] for one in found if one["properties"]["id"] == PROPERTY)
    assert (unit["load"], unit["on_duty"] > 0) == (1, True)


def test_dots_at_one_point_do_not_cover_each_other() -> None:
    places = [beside(DOOR, n) for n in range(40)]
    assert places[0] == (DOOR.lon, DOOR.lat)
    assert len(set(places)) == 40
