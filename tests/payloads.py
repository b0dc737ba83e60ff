"""Messages as the three sources send them, in our own words."""

import json
from typing import Any

NOW_TEXT = "2026-11-21T04:00:00.123456789Z"


def frigate(phase: str = "new", **after: Any) -> bytes:
    seen: dict[str, Any] = {
        "id": "1795233600.123456-abc123",
        "camera": "cam-c07-n021-b03-u2",
        "frame_time": 1795233601.25,
        "end_time": None,
        "label": "ebike",
        "sub_label": ["someone", 0.7],
        "score": 0.91,
        "false_positive": False,
        "current_zones": ["doorway", "car"],
        "stationary": False,
    }
    seen.update(after)
    seen = {name: value for name, value in seen.items() if value is not ...}
    return json.dumps({"type": phase, "before": {"camera": "old", "score": 0.1}, "after": seen}).encode()


def chirpstack(decoded: Any = ..., **other: Any) -> bytes:
    uplink: dict[str, Any] = {
        "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
        "time": NOW_TEXT,
        "deviceInfo": {"devEui": "24E1240000000001", "deviceProfileName": "smoke"},
        "fPort": 8,
        "data": "AXUQ",
        "rxInfo": [{"gatewayId": "g1", "rssi": -47}, {"gatewayId": "g2", "rssi": -90}],
    }
    if decoded is not ...:
        uplink["object"] = decoded
    uplink.update(other)
    return json.dumps({name: value for name, value in uplink.items() if value is not ...}).encode()


def thingsboard(readings: Any) -> bytes:
    return json.dumps(readings).encode()
