"""A folder copied in by hand is brought into force by two people, and taken back by one click; nothing starts anew."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from devices import Devices
from installation import Installation

from settings.model import RULESETS

pytestmark = pytest.mark.servers
NAME = "copied-smoke"
UNITS = "SELECT path FROM areas WHERE level = 6 AND path ^@ '/310110/kj/c10/' ORDER BY path"
DEVICE = """
    INSERT INTO devices (adapter, device_id, label, place, registered) VALUES ('plain', %s, %s, %s, true)
    ON CONFLICT DO NOTHING"""
OPENED = "SELECT id::text, state::text FROM cases WHERE ruleset = %s AND place ^@ %s AND state IS NOT NULL"
LIMIT = "SELECT state->'policy'->'limits'->>'sign' FROM cases WHERE id = %s"


class Author:
    """A rule author with a script."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def found(self) -> dict[str, Any] | None:
        answer = self._client.get(f"/api/v1/rulesets/{NAME}")
        return answer.json() if answer.status_code == httpx.codes.OK else None

    def item(self, name: str = NAME) -> dict[str, Any]:
        items = self._client.get("/api/v1/rulesets").json()["items"]
        return next((item for item in items if item["id"] == name), {})

    def folders(self) -> dict[str, list[dict[str, Any]]]:
        seen = self._client.get("/api/v1/rulesets").json()["folders"]
        return {one["name"]: one["problems"] for one in seen if one["origin"] == "home"}

    def does(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self._client.post(
            f"/api/v1/rulesets/{NAME}/{path}", json=body, headers={"Idempotency-Key": str(uuid4())}
        )
        assert answer.is_success, answer.text
        given: dict[str, Any] = answer.json()
        return given


@pytest.fixture
def two(installation: Installation) -> Iterator[tuple[Author, Author]]:
    names = [account["name"] for account in installation.data["accounts"] if account["role"] == "rule_author"]
    with ExitStack() as open_clients:
        first, second = (open_clients.enter_context(installation.browser(name=name)) for name in names[:2])
        yield Author(first), Author(second)


def copied(installation: Installation) -> Path:
    """The shipped smoke ruleset under another name, listening to another type of signal."""
    folder = installation.home / "rulesets" / NAME
    folder.parent.mkdir(exist_ok=True)
    shutil.copytree(RULESETS / "corridor-smoke", folder)
    definition = folder / "ruleset.yaml"
    text = definition.read_text(encoding="utf-8")
    changed = text.replace("ruleset: corridor-smoke", f"ruleset: {NAME}").replace("smoke.alarm\n", "copied.smoke\n")
    definition.write_text(changed, encoding="utf-8")
    return folder


def alarm(installation: Installation, devices: Devices, unit: str) -> str:
    """A sensor in that unit alarms; the case that is opened."""
    device = f"copied-{uuid4().hex[:8]}"
    installation.sql(DEVICE, device, device, unit, owner=True)
    now = datetime.now(UTC).isoformat()
    devices.say("linli/signals", {"device": device, "type": "copied.smoke", "time": now, "fields": {"alarm": True}})
    ((case, _),) = installation.until(lambda: installation.sql(OPENED, NAME, unit))
    return str(case)


def with_limit(installation: Installation, devices: Devices, units: Iterator[str], limit: str) -> str:
    """A new case whose limit for signing is this one: perception takes a version up between two batches."""

    def opened() -> str | None:
        case = alarm(installation, devices, next(units))
        return case if installation.sql(LIMIT, case) == [(limit,)] else None

    return str(installation.until(opened))


def pids(installation: Installation) -> dict[str, int]:
    found: dict[str, int] = installation.linli("up", "--detach")["data"]["pids"]
    return found


def test_from_a_folder_to_a_case_and_back_without_starting_anything_anew(
    installation: Installation, two: tuple[Author, Author]
) -> None:
    one, other = two
    running = pids(installation)
    folder = copied(installation)
    draft = installation.until(one.found)["versions"][0]
    assert (draft["stage"], draft["author"]) == ("draft", None)
    one.does(f"versions/{draft['hash']}/ask", stage="active")
    assert other.does(f"versions/{draft['hash']}/approve")["stage"] == "active"
    units = iter(unit for (unit,) in installation.sql(UNITS))
    with Devices(installation) as devices:
        first = with_limit(installation, devices, units, "PT5M")

        text = (folder / "ruleset.yaml").read_text(encoding="utf-8").replace("sign: 5m", "sign: 6m")
        (folder / "ruleset.yaml").write_text(text, encoding="utf-8")
        changed = installation.until(lambda: one.item().get("drafts") and one.found())["versions"][0]
        other.does(f"versions/{changed['hash']}/ask", stage="active")
        one.does(f"versions/{changed['hash']}/approve")
        second = with_limit(installation, devices, units, "PT6M")
        assert installation.sql(LIMIT, first) == [("PT5M",)], "an open case keeps its version"

        assert one.does("roll-back", active=changed["hash"])["hash"] == draft["hash"]
        with_limit(installation, devices, units, "PT5M")
        assert installation.sql(LIMIT, second) == [("PT6M",)]
    assert pids(installation) == running


def test_a_folder_that_cannot_run_is_listed_with_its_problems(
    installation: Installation, two: tuple[Author, Author]
) -> None:
    folder = installation.home / "rulesets" / "half-a-ruleset"
    folder.mkdir(parents=True)
    (folder / "ruleset.yaml").write_text("ruleset: half-a-ruleset\ntitel: 半个\n", encoding="utf-8")
    problems = installation.until(lambda: two[0].folders().get("half-a-ruleset"))
    assert any("template.zh.j2" in problem["file"] for problem in problems)
