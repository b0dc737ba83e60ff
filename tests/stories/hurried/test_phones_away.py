"""Government WeChat does not answer for a while: nothing that was to be told is lost, and nothing is told twice."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from devices import Devices
from installation import Installation

pytestmark = pytest.mark.servers
AWAY_SECONDS = 11.0  # two tries and more fail: they come after 5 and after 10 seconds
ALARMS = 6
SENSORS = """
    SELECT min(device_id), place FROM devices d
    WHERE kind = 'smoke-sensor' AND NOT 'elder_alone' = ANY (tags) AND NOT EXISTS (
        SELECT FROM cases c WHERE starts_with(c.place, d.place) OR starts_with(d.place, c.place))
    GROUP BY place ORDER BY md5(place) LIMIT %s"""
MESSAGES = """
    SELECT m.id::text, m.state, m.tries, m.channel FROM messages m JOIN cases c ON c.id = m.case_id
    WHERE c.place = ANY (%s) AND m.reason = 'assigned'"""


@contextmanager
def gone(installation: Installation) -> Iterator[None]:
    """The stand-in for government WeChat does not run."""
    installation.linli("stop", "wecom-standin")
    try:
        yield
    finally:
        installation.linli("start", "wecom-standin")


def test_every_message_of_the_time_without_it_arrives_once(hurried: Installation) -> None:
    sensors = hurried.sql(SENSORS, ALARMS)
    places = [place for _, place in sensors]
    with gone(hurried), Devices(hurried) as devices:
        since = time.monotonic()
        for sensor, _ in sensors:
            devices.smoke(sensor)

        def tried_in_vain() -> bool:
            found = hurried.sql(MESSAGES, places)
            tried = [message for message, state, tries, _ in found if state == "waiting" and tries >= 2]
            return len(tried) == ALARMS and time.monotonic() - since > AWAY_SECONDS

        hurried.until(tried_in_vain)

    def told() -> list[tuple[Any, ...]]:
        found = hurried.sql(MESSAGES, places)
        return found if all(state in ("sent", "read") for _, state, *_ in found) else []

    sent = hurried.until(told)
    assert len(sent) == ALARMS
    assert {channel for *_, channel in sent} == {"wecom"}
    lying = [one["url"].rsplit("m=", 1)[1] for one in hurried.phones() if one["channel"] == "wecom"]
    assert {message: lying.count(message) for message, *_ in sent} == dict.fromkeys((row[0] for row in sent), 1)
    assert len(lying) == len(set(lying))
    assert hurried.sql("SELECT count(*) FROM messages WHERE state = 'given-up'") == [(0,)]
