"""What makes two signals speak of the same: their device, or the area they are in."""

from domain.places import UNPLACED, Level, at_level

_LEVELS = {
    "place.unit": Level.UNIT,
    "place.building": Level.BUILDING,
    "place.community": Level.COMMUNITY,
    "place.committee": Level.COMMITTEE,
    "place.sub_district": Level.SUB_DISTRICT,
    "place.district": Level.DISTRICT,
}
WIDTH = ("device", "place", *_LEVELS)  # from narrow to wide
WIDEST_IN_A_PARTITION = "place.community"


def wider_than_a_partition(grouping: str) -> bool:
    """Perception sees one community at a time; what is wider belongs to the correlation of cases."""
    return WIDTH.index(grouping) > WIDTH.index(WIDEST_IN_A_PARTITION)


def group_of(grouping: str, place: str | None, device_id: str) -> str:
    """The group that a signal belongs to: as wide as asked, or as deep as its place is known; else its device."""
    if grouping == "device" or place is None or place == UNPLACED:
        return f"device:{device_id}"
    if grouping == "place":
        return place
    return at_level(place, _LEVELS[grouping]) or place
