"""What makes two signals speak of the same."""

import pytest

from domain.places import UNPLACED
from rules.places import group_of, wider_than_a_partition

PLACE = "/310110/kj/c07/n021/b03/u2/"
DEVICE = "chirpstack/east/eui-7/smoke"


@pytest.mark.parametrize(
    ("grouping", "group"),
    [
        ("device", f"device:{DEVICE}"),
        ("gateway", "gateway:chirpstack/east"),
        ("place", PLACE),
        ("place.unit", PLACE),
        ("place.building", "/310110/kj/c07/n021/b03/"),
        ("place.committee", "/310110/kj/c07/"),
        ("place.district", "/310110/"),
    ],
)
def test_a_group_is_as_wide_as_asked(grouping: str, group: str) -> None:
    assert group_of(grouping, PLACE, DEVICE) == group


def test_a_place_that_is_not_known_so_deep_is_its_own_group() -> None:
    assert group_of("place.building", "/310110/kj/c07/", DEVICE) == "/310110/kj/c07/"


@pytest.mark.parametrize("place", [None, UNPLACED])
def test_a_device_that_nobody_has_placed_still_has_its_gateway(place: str | None) -> None:
    assert group_of("place.unit", place, DEVICE) == f"device:{DEVICE}"
    assert group_of("gateway", place, DEVICE) == "gateway:chirpstack/east"


def test_a_device_without_an_instance_is_its_own_gateway() -> None:
    assert group_of("gateway", PLACE, "citizen-report/77") == "device:citizen-report/77"


def test_a_gateway_may_reach_beyond_a_partition() -> None:
    assert wider_than_a_partition("gateway")
    assert not wider_than_a_partition("place.community")
