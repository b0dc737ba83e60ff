"""Temporal stops, comes back, and loses its memory: intake goes on, people are told, cases return."""

import shutil
from collections.abc import Iterator
from uuid import uuid4

import pytest
from devices import Devices, sensors
from installation import Installation, an_installation

pytestmark = pytest.mark.servers


@pytest.fixture
def fragile() -> Iterator[Installation]:
    with an_installation() as installation:
        yield installation


def given_out(installation: Installation) -> list[tuple[str, str, object, object]]:
    """The cases that are with somebody: nothing more happens to them until a person acts or time passes."""
    return installation.sql(
        "SELECT id::text, dedupe_key, due_at, next_due FROM cases WHERE stage = 'assigned' ORDER BY id"
    )


def test_temporal_stops_comes_back_and_loses_its_memory(fragile: Installation) -> None:
    units = [sensor for sensor in sensors(fragile) if sensor["device_id"].endswith("001")]
    with Devices(fragile) as devices:
        devices.smoke(units[0]["device_id"])
        ((case_id, *_),) = fragile.until(lambda: given_out(fragile))

        fragile.linli("stop", "temporal")
        devices.smoke(units[1]["device_id"])
        with fragile.browser("duty_officer") as officer:
            uplink = {
                "deduplicationId": "x1",
                "deviceInfo": {"devEui": units[2]["device_id"]},
                "object": {"smokeAlarm": True},
            }
            broker = fragile.data["broker"]
            taken = officer.post("/intake/chirpstack", json=uplink, auth=(broker["username"], broker["password"]))
            assert taken.is_success, taken.text
            assert officer.get("/console/cases").status_code == 200
            assert officer.get(f"/console/cases/{case_id}").status_code == 200
            answered = officer.post(
                f"/api/v1/cases/{case_id}/commands/comment",
                json={"text": "知道了"},
                headers={"Idempotency-Key": str(uuid4())},
            )
            assert (answered.status_code, answered.json()["code"]) == (503, "temporal-unavailable")

        fragile.linli("start", "temporal")
        before = fragile.until(lambda: len(found := given_out(fragile)) == 3 and found, within=60)

        fragile.linli("stop", "temporal")
        shutil.rmtree(fragile.home / "temporal")
        fragile.linli("start", "temporal")
        rebuilt = fragile.linli("rebuild")["data"]
        assert rebuilt == {"restored": 3, "open": 3}
        assert fragile.linli("rebuild")["data"] == {"restored": 0, "open": 3}
        assert given_out(fragile) == before

        devices.smoke(units[3]["device_id"])
        fragile.until(lambda: len(given_out(fragile)) == 4)
    fragile.until(lambda: fragile.run("doctor", "--invariants")[0] == 0)
