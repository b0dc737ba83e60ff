"""Area paths: what contains what, how deep, how far."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.places import AreaPath, Level, Point, at_level, contains, level_of, metres_between, within_any

LIFT = "/310110/kj/c07/n021/b03/u2/lift1/"
AREA = TypeAdapter(AreaPath)
PATHS = st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), min_size=1, max_size=7).map(
    lambda parts: "/" + "/".join(parts) + "/"
)


@pytest.mark.parametrize(
    ("level", "path"),
    [
        (Level.DISTRICT, "/310110/"),
        (Level.SUB_DISTRICT, "/310110/kj/"),
        (Level.COMMITTEE, "/310110/kj/c07/"),
        (Level.COMMUNITY, "/310110/kj/c07/n021/"),
        (Level.BUILDING, "/310110/kj/c07/n021/b03/"),
        (Level.UNIT, "/310110/kj/c07/n021/b03/u2/"),
        (Level.SPOT, LIFT),
    ],
)
def test_a_lift_lies_in_each_area_above_it(level: Level, path: str) -> None:
    assert at_level(LIFT, level) == path
    assert level_of(path) is level
    assert contains(path, LIFT)
    assert within_any(LIFT, ("/310110/xx/", path))


def test_a_path_that_does_not_reach_a_level_has_no_area_there() -> None:
    assert at_level("/310110/kj/c07/", Level.COMMUNITY) is None


def test_a_code_that_begins_like_another_is_another_area() -> None:
    assert not contains("/310110/kj/c07/n02/", "/310110/kj/c07/n021/b01/")


def test_somebody_without_areas_is_within_none() -> None:
    assert not within_any(LIFT, ())


@pytest.mark.parametrize(
    "path", ["", "/", "310110/", "/310110", "//", "/a//b/", "/控江/", "/a/b/c/d/e/f/g/h/", "/a b/"]
)
def test_what_is_no_area_path_is_named(path: str) -> None:
    with pytest.raises(ValidationError, match="not an area path"):
        AREA.validate_python(path)


@given(PATHS)
def test_each_area_of_a_path_contains_it_and_is_of_its_level(path: str) -> None:
    assert AREA.validate_python(path) == path
    for level in Level:
        area = at_level(path, level)
        if area is not None:
            assert contains(area, path)
            assert level_of(area) is level


def test_a_hundredth_of_a_degree_of_latitude_is_eleven_hundred_metres() -> None:
    assert metres_between(Point(lat=31.27, lon=121.52), Point(lat=31.28, lon=121.52)) == pytest.approx(1112, abs=1)


def test_a_degree_of_longitude_is_shorter_away_from_the_equator() -> None:
    here = metres_between(Point(lat=31.27, lon=121.52), Point(lat=31.27, lon=121.53))
    assert here == pytest.approx(950, abs=2)
