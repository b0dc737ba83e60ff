"""The story that README shows: from an elevator camera to a closed case."""

import pytest
from installation import Installation

pytestmark = pytest.mark.servers


def test_the_printed_timeline_is_what_the_store_holds(installation: Installation) -> None:
    (told,) = installation.linli("demo", "--once", "--story", "lift", "--seed", "7")["data"]["stories"]

    case = told["case"]
    stored = installation.sql(
        "SELECT version, type, at, actor, transport FROM case_events WHERE case_id = %s ORDER BY version", case["id"]
    )
    timeline = [
        (event["seq"], event["type"], installation.instant(event["at"]), event["actor"], event["transport"])
        for event in case["timeline"]
    ]
    assert timeline == stored
    assert [kind for _, kind, *_ in stored] == [
        *("received", "filed", "dispatched", "signed", "arrived"),
        *("handled", "inspected", "handled", "inspected", "closed"),
    ]
    handlers = {actor for _, kind, _, actor, _ in stored if kind == "handled"}
    inspectors = {actor for _, kind, _, actor, _ in stored if kind == "inspected"}
    assert handlers.isdisjoint(inspectors)
    assert stored[0][4] == "mqtt"
    installation.linli("doctor", "--invariants")
