"""Signals to the commit: through intake one by one and in batches, and over MQTT with QoS 1 through the broker."""

import json
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bench.feed import Feed, devices
from bench.figures import Figure
from bench.installation import Installation, wait_until
from domain.signals import Signal
from store.intake import StoreIntake, open_intake

PART = "signals"
SINGLE, BATCHED, PUBLISHED = 1_000, 20_000, 6_000
BATCH = 200
PATIENCE = 120  # seconds


async def measure(installation: Installation, sketch: dict[str, float]) -> list[Figure]:
    """Perception rests meanwhile: what is measured is the way in."""
    installation.linli("stop", "perception")
    try:
        return [*await _intake(installation, sketch), _mqtt(installation)]
    finally:
        installation.linli("start", "perception")


async def _intake(installation: Installation, sketch: dict[str, float]) -> list[Figure]:
    with installation.owner() as connection:
        feed = Feed(devices(connection), datetime.now(UTC), seed=time.time_ns())
    said = list(feed.signals(BATCH + BATCHED + SINGLE))
    async with open_intake(installation.settings) as intake:
        await _take(intake, said[:BATCH], BATCH)
        batched = await _take(intake, said[BATCH : BATCH + BATCHED], BATCH)
        single = await _take(intake, said[BATCH + BATCHED :], 1)
    return [
        Figure(PART, "intake, one per commit", single, "/s", sketch.get("intake 1"), "one sender"),
        Figure(PART, f"intake, {BATCH} per commit", batched, "/s", sketch.get("intake 200"), "one sender"),
    ]


async def _take(intake: StoreIntake, said: Sequence[Signal], batch: int) -> float:
    """Signals a second."""
    began = time.perf_counter()
    for first in range(0, len(said), batch):
        taken = await intake.take(said[first : first + batch])
        assert taken.stored == len(said[first : first + batch])
    return len(said) / (time.perf_counter() - began)


def _mqtt(installation: Installation) -> Figure:
    """From the first publish to the commit of the last message."""
    given = installation.settings
    acked = threading.Semaphore(0)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"bench-{uuid4().hex[:8]}")
    client.username_pw_set(given.broker_username, given.broker_password)
    client.max_inflight_messages_set(200)
    client.max_queued_messages_set(0)
    client.on_publish = lambda *_: acked.release()
    client.connect(given.broker_host, given.broker_port)
    client.loop_start()
    with installation.owner() as connection:
        cameras = [device.id for device in devices(connection) if device.adapter == "frigate"]
        before = _stored(connection)
        began = time.perf_counter()
        for number in range(PUBLISHED):
            client.publish("frigate/events", _event(cameras[number % len(cameras)], number), qos=1)
        for _ in range(PUBLISHED):
            assert acked.acquire(timeout=PATIENCE)
        published = time.perf_counter() - began
        wait_until(lambda: _stored(connection) >= before + PUBLISHED, PATIENCE)
        took = time.perf_counter() - began
    client.disconnect()
    client.loop_stop()
    note = f"the broker had them after {published:.1f} s of {took:.1f} s"
    return Figure(PART, "MQTT QoS 1 to the commit", PUBLISHED / took, "/s", note=note)


def _event(camera: str, number: int) -> bytes:
    at = time.time() + number * 1e-6
    after = {
        "id": f"{at:.6f}-bench{number}",
        "camera": camera,
        "frame_time": at,
        "label": "ebike",
        "score": 0.41,
        "top_score": 0.44,
        "false_positive": False,
        "start_time": at - 1,
        "end_time": None,
        "box": [424, 500, 536, 712],
        "area": 23744,
        "region": [264, 450, 667, 853],
        "current_zones": [],
        "entered_zones": ["cabin"],
        "has_snapshot": False,
        "has_clip": False,
    }
    return json.dumps({"type": "update", "before": after, "after": after}).encode()


def _stored(connection: Any) -> int:
    (count,) = connection.execute("SELECT sum(last)::bigint FROM partition_seq").fetchone()
    return int(count)
