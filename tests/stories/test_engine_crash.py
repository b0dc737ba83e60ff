"""A ruleset on which the rule engine dies in C: its alarm becomes a case all the same, and its author hears of it."""

from collections.abc import Iterator

import pytest
from devices import Devices, sensors
from installation import Installation, an_installation

from rules.load import load_folder
from settings.model import RULESETS

pytestmark = pytest.mark.servers
SMOKE = load_folder(RULESETS / "corridor-smoke")


@pytest.fixture
def faulty() -> Iterator[Installation]:
    with an_installation(LINLI_ENGINE_CRASHES_ON=SMOKE.hash[:16]) as installation:
        yield installation


def test_an_alarm_is_not_withheld_because_the_engine_dies_of_its_ruleset(faulty: Installation) -> None:
    engine = faulty.pid("engine")
    with Devices(faulty) as devices:
        devices.smoke(sensors(faulty)[0]["device_id"])

    ((case_id,),) = faulty.until(lambda: faulty.sql("SELECT id::text FROM cases"))

    found = faulty.sql("SELECT crashes, quarantined_at IS NOT NULL FROM rulesets WHERE hash = %s", SMOKE.hash)
    assert found == [(3, True)]
    assert faulty.pid("engine") != engine
    ((ruleset, version),) = faulty.sql("SELECT ruleset, hash FROM decisions WHERE case_id = %s", case_id)
    assert (ruleset, version) == (SMOKE.id, SMOKE.hash)
    authors = faulty.until(lambda: {item["to"] for item in faulty.phones() if "备用方式" in item["title"]})
    assert authors <= {"rules.xu", "rules.pei"}
    items = faulty.linli("doctor")["data"]["items"]
    assert [item["name"] for item in items if item["name"].startswith("ruleset:")] == [f"ruleset:{SMOKE.id}"]

    with Devices(faulty) as devices:
        devices.smoke(sensors(faulty)[-1]["device_id"])
    faulty.until(lambda: len(faulty.sql("SELECT id FROM cases")) == 2)
    assert faulty.sql("SELECT crashes FROM rulesets WHERE hash = %s", SMOKE.hash) == [(3,)]
