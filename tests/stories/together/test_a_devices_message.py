"""A device's message becomes one case, and an unreadable one is kept."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from devices import Devices, cameras
from installation import Installation

pytestmark = pytest.mark.servers


def cases_at(installation: Installation, place: str) -> list[dict[str, Any]]:
    items = installation.linli("cases", "list")["data"]["items"]
    return [item for item in items if item["place"].startswith(place)]


def unit_of(camera: dict[str, Any]) -> str:
    return str(camera["place"]).rsplit("/", 2)[0] + "/"


def test_a_held_door_becomes_one_case_of_the_least_loaded_who_covers_it(installation: Installation) -> None:
    camera = cameras(installation)[0]
    with Devices(installation) as devices:
        devices.hold_door(camera["device_id"])
    (case,) = installation.until(lambda: cases_at(installation, unit_of(camera)))
    installation.until(lambda: cases_at(installation, unit_of(camera))[0]["person"])

    (case,) = cases_at(installation, unit_of(camera))
    staff = installation.linli("people", "list")["data"]["items"]
    chosen = next(person for person in staff if person["id"] == case["person"]["id"])
    able = [
        person
        for person in staff
        if person["unit"] == case["unit"]
        and "handler" in person["roles"]
        and person["on_roster"]
        and "lift" in person["skills"]
        and any(case["place"].startswith(area) for area in person["areas"])
    ]
    assert chosen in able
    assert chosen["load"] - 1 <= min(person["load"] for person in able if person != chosen)


def test_a_doubtful_bike_raises_nothing_and_says_why(installation: Installation) -> None:
    camera = cameras(installation)[8]
    with Devices(installation) as devices:
        devices.bike(camera["device_id"], installation.now() - 61, score=0.41)
    signal = installation.until(
        lambda: installation.sql("SELECT id::text FROM signals WHERE device_id = %s", camera["device_id"])
    )[0][0]

    explained = installation.linli("rules", "explain", "--signal", signal)["data"]

    assert cases_at(installation, unit_of(camera)) == []
    failed = [item for item in explained["conditions"] if item["true"] is False]
    assert any("0.41" in item["words"] and item["field"] == "ebike.confidence" for item in failed)


def test_unreadable_bytes_are_kept_with_a_reason(installation: Installation) -> None:
    raw = b"\x00\xff not json \xe4\xb8"
    with Devices(installation) as devices:
        devices.say("frigate/events", raw)

    digest = hashlib.sha256(raw).hexdigest()
    kept = installation.until(lambda: [row for row in quarantined(installation) if row["sha256"] == digest])
    assert kept[0]["reason"] == "not-json"


def quarantined(installation: Installation) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = installation.linli("signals", "quarantine")["data"]["items"]
    return items


def test_a_renamed_field_is_replayed_once_its_mapping_is_mended(installation: Installation) -> None:
    camera = cameras(installation)[16]
    after = {
        "id": "renamed-1",
        "camera": camera["device_id"],
        "frame_time": installation.now(),
        "label": "ebike",
        "confidence_of_label": 0.91,
        "current_zones": [],
    }
    with Devices(installation) as devices:
        devices.say("frigate/events", {"type": "new", "before": after, "after": after})
    (row,) = installation.until(lambda: [r for r in quarantined(installation) if r["field"] == "after.score"])
    assert row["reason"] == "missing-field"

    mended = installation.home / "mappings" / "frigate.yaml"
    mended.parent.mkdir(exist_ok=True)
    shipped = Path(row["mapping"]).read_text(encoding="utf-8")
    mended.write_text(shipped.replace("after.score", "after.confidence_of_label"), encoding="utf-8")
    try:
        replayed = installation.linli("signals", "replay", row["id"])["data"]
    finally:
        mended.unlink()

    assert replayed["stored"] == 1
    assert installation.sql("SELECT count(*) FROM inbox WHERE body->'source'->>'device_id' = %s", camera["device_id"])


def test_an_unknown_device_is_kept_and_listed_as_unregistered(installation: Installation) -> None:
    with Devices(installation) as devices:
        devices.smoke("ffff000000000001")

    found = installation.until(
        lambda: [
            item
            for item in installation.linli("devices", "list", "--unregistered")["data"]["items"]
            if item["device_id"] == "ffff000000000001"
        ]
    )
    assert found[0]["registered"] is False
    assert installation.sql("SELECT count(*) FROM signals WHERE device_id = 'ffff000000000001'") == [(1,)]
