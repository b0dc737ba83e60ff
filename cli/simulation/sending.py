"""Sends a feed in real time, as devices behind a bad network do: copies, each late by its own chance."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from settings import Settings

CONNECT_SECONDS = 10
ANSWER_SECONDS = 60  # the broker has this long to answer the last messages


class Message(NamedTuple):
    """What is published, and how long after the start (ms) each copy of it is."""

    topic: str
    payload: bytes
    at: int


class Sent(NamedTuple):
    """How many messages the broker took, and how many it did not answer."""

    sent: int
    refused: int


def with_copies(messages: Sequence[Message], copies: int, shuffle: timedelta, seed: int) -> list[Message]:
    """Every message `copies` times, each later by up to `shuffle`; in the order of sending."""
    random = Random(f"copies {seed}")  # noqa: S311 - a simulation, not a secret
    longest = shuffle / timedelta(milliseconds=1)
    copied = [
        message._replace(at=message.at + int(random.uniform(0, longest))) for message in messages for _ in range(copies)
    ]
    return sorted(copied, key=lambda message: message.at)


async def send(settings: Settings, messages: Sequence[Message], start: datetime) -> Sent:
    """Publish at QoS 1, each at its time; raises OSError where the broker is not there."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    client.username_pw_set(settings.broker_username, settings.broker_password)
    client.max_inflight_messages_set(500)
    client.max_queued_messages_set(0)
    await asyncio.to_thread(client.connect, settings.broker_host, settings.broker_port)
    client.loop_start()
    try:
        await _until(client.is_connected, CONNECT_SECONDS)
        if not client.is_connected():
            raise ConnectionRefusedError("the broker does not let us in")
        published = [await _publish(client, message, start) for message in messages]
        await _until(lambda: all(one.is_published() for one in published), ANSWER_SECONDS)
        taken = sum(one.is_published() for one in published)
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)
    return Sent(taken, len(published) - taken)


async def _publish(client: mqtt.Client, message: Message, start: datetime) -> mqtt.MQTTMessageInfo:
    wait = (start + timedelta(milliseconds=message.at) - datetime.now(UTC)).total_seconds()
    if wait > 0:
        await asyncio.sleep(wait)
    return client.publish(message.topic, message.payload, qos=1)


async def _until(true: Callable[[], bool], seconds: float) -> None:
    clock = asyncio.get_running_loop().time
    limit = clock() + seconds
    while not true() and clock() < limit:  # noqa: ASYNC110 - paho has no event to wait for
        await asyncio.sleep(0.05)
