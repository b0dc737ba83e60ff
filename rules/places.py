"""What makes two signals speak of the same: their device, the gateway it speaks through, or the area they are in."""

from domain.places import UNPLACED, Level, at_level

GATEWAY = "gateway"
_LEVELS = {
    "place.unit": Level.UNIT,
    "place.building": Level.BUILDING,
    "place.community": Level.COMMUNITY,
    "place.committee": Level.COMMITTEE,
    "place.sub_district": Level.SUB_DISTRICT,
    "place.district": Level.DISTRICT,
}
WIDTH = ("device", "place", *_LEVELS, GATEWAY)  # from narrow to wide; what speaks through a gateway may be anywhere
WIDEST_IN_A_PARTITION = "place.community"
_ADAPTER_INSTANCE_DEVICE = 3  # parts of a device id that say all three


def wider_than_a_partition(grouping: str) -> bool:
    """Perception sees one community at a time; what is wider belongs to the correlation of cases."""
    return WIDTH.index(grouping) > WIDTH.index(WIDEST_IN_A_PARTITION)


def group_of(grouping: str, place: str | None, device_id: str) -> str:
    """The group that a signal belongs to: as wide as asked, or as deep as its place is known; else its device."""
    if grouping == "device":
        return f"device:{device_id}"
    if grouping == GATEWAY:
        return _gateway_of(device_id)
    if place is None or place == UNPLACED:
        return f"device:{device_id}"
    if grouping == "place":
        return place
    return at_level(place, _LEVELS[grouping]) or place


def _gateway_of(device_id: str) -> str:
    """Adapter and instance; a device that is reached without any instance is its own gateway."""
    parts = device_id.split("/", _ADAPTER_INSTANCE_DEVICE - 1)
    return f"gateway:{parts[0]}/{parts[1]}" if len(parts) == _ADAPTER_INSTANCE_DEVICE else f"device:{device_id}"
