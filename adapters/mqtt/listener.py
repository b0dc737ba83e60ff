"""Hears devices over MQTT and hands what they say to intake; acknowledges only what is committed.

QoS 1, a fixed client id and a persistent session: what was not acknowledged comes again after a break, a crash or
while the database was down.
"""

import asyncio
import hashlib
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from adapters.manifests import manifests
from adapters.mapping import adapter_for_topic, read, unknown_topic
from domain.intake import Intake, IntakeUnavailable, Unreadable
from domain.signals import Signal
from settings import Settings, mark_ready

log = structlog.get_logger("mqtt")

NAME = "mqtt"
KEEP_ALIVE = 30  # seconds
AT_ONCE = 200  # messages in one commit
SAID_AT_ONCE = 1_000  # readings in one commit, and
BYTES_AT_ONCE = 4 * 1024 * 1024  # bytes of messages
IN_FLIGHT = 2_000  # messages heard and not yet acknowledged; more wait in the broker
ROOM_BYTES = 64 * 1024  # a long message takes the room of several
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # seconds between two connections


class Heard(NamedTuple):
    """A message as it came."""

    message: mqtt.MQTTMessage
    at: datetime


@dataclass
class Portion:
    """Messages that are committed and acknowledged together, and what they say."""

    heard: list[Heard] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


class Disconnected(Exception):
    """The connection is gone; what was not acknowledged comes again."""


async def run(settings: Settings, intake: Intake) -> None:
    """Listen for ever; after a break connect again, each time a little later."""
    wait = FIRST_WAIT
    while True:
        connection = Connection(settings)
        try:
            await connection.open()
            mark_ready(settings, NAME)
            await connection.hand_over(intake)
        except (Disconnected, IntakeUnavailable, OSError) as error:
            log.warning("connecting again", why=f"{type(error).__name__}: {error}", seconds=wait)
        finally:
            await connection.close()
        if connection.did_something:
            wait = FIRST_WAIT
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)


def client_id(settings: Settings) -> str:
    """The same at every start of one home, another for another home: the broker keeps our session under it."""
    return f"linli-intake-{hashlib.sha256(str(settings.home).encode()).hexdigest()[:8]}"


class Connection:
    """One connection to the broker; never used again after it broke, so that no old message is acknowledged on it."""

    def __init__(self, settings: Settings) -> None:
        self.did_something = False
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[Heard | Exception] = asyncio.Queue()
        self._room = threading.Semaphore(IN_FLIGHT)
        self._closing = threading.Event()
        self._subscribed: asyncio.Future[None] = self._loop.create_future()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id(settings),
            clean_session=False,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        self._client.username_pw_set(settings.broker_username, settings.broker_password)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_disconnect = self._on_disconnect

    async def open(self) -> None:
        """Connect and subscribe; raises OSError or Disconnected."""
        host, port = self._settings.broker_host, self._settings.broker_port
        try:
            await asyncio.to_thread(self._client.connect, host, port, KEEP_ALIVE)
        except (ValueError, ssl.SSLError) as error:
            raise Disconnected(str(error)) from error
        self._client.loop_start()
        await asyncio.wait_for(self._subscribed, KEEP_ALIVE)

    async def hand_over(self, intake: Intake) -> None:
        """Take what is heard, in its order, until the connection breaks; raises Disconnected, IntakeUnavailable."""
        while True:
            for portion in portions(await self._next()):
                await intake.take(portion.signals, portion.unreadable)
                self._acknowledge(portion.heard)
                self.did_something = True

    async def close(self) -> None:
        self._closing.set()
        if self._subscribed.done() and not self._subscribed.cancelled():
            self._subscribed.exception()  # it was raised where it was waited for, or nobody cares any more
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    async def _next(self) -> list[Heard]:
        """What was heard, at least one message; a break counts only after what came before it."""
        group: list[Heard] = []
        while not group or (len(group) < AT_ONCE and not self._heard.empty()):
            one = await self._heard.get()
            if isinstance(one, Exception):
                raise one
            group.append(one)
        return group

    def _acknowledge(self, group: Sequence[Heard]) -> None:
        for heard in group:
            if heard.message.qos:
                self._client.ack(heard.message.mid, heard.message.qos)
            self._room.release(weight(heard.message))

    # What follows is called in paho's thread.

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._break(Disconnected(f"the broker says: {reason}"))
            return
        topics = [(topic, 1) for manifest in manifests().values() for topic in manifest.topics]
        code, _ = client.subscribe(topics)
        if code is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._break(Disconnected(f"cannot subscribe: {code}"))

    def _on_subscribe(self, _client: mqtt.Client, _data: Any, _mid: int, granted: Any, _properties: Any) -> None:
        refused = [str(reason) for reason in granted if reason.is_failure]
        if refused:
            self._break(Disconnected(f"the broker refuses a subscription: {refused[0]}"))
        else:
            self._say(_settle, self._subscribed, None)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        for _ in range(weight(message)):
            while not self._room.acquire(timeout=0.5):
                if self._closing.is_set():
                    return
        self._say(self._heard.put_nowait, Heard(message, datetime.now(UTC)))

    def _on_disconnect(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._break(Disconnected(f"the broker left: {reason}"))

    def _break(self, why: Disconnected) -> None:
        self._say(_settle, self._subscribed, why)
        self._say(self._heard.put_nowait, why)

    def _say(self, what: Any, *words: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, *words)


def _settle(future: asyncio.Future[None], failure: Exception | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(None)
    else:
        future.set_exception(failure)


def weight(message: mqtt.MQTTMessage) -> int:
    """How much room a message takes of IN_FLIGHT."""
    return min(1 + len(message.payload) // ROOM_BYTES, IN_FLIGHT)


def portions(group: Sequence[Heard]) -> Iterator[Portion]:
    """The group in its order, in parts that the store takes well within its time."""
    portion, size = Portion(), 0
    for heard in group:
        signals, unreadable = _read(heard)
        portion.heard.append(heard)
        portion.signals.extend(signals)
        portion.unreadable.extend(unreadable)
        size += len(heard.message.payload)
        if size >= BYTES_AT_ONCE or len(portion.signals) + len(portion.unreadable) >= SAID_AT_ONCE:
            yield portion
            portion, size = Portion(), 0
    if portion.heard:
        yield portion


def _read(heard: Heard) -> tuple[Sequence[Signal], Sequence[Unreadable]]:
    try:
        topic = heard.message.topic
    except UnicodeDecodeError:
        topic = ""
    adapter = adapter_for_topic(topic)
    if adapter is None:
        return (), (unknown_topic("mqtt", topic, bytes(heard.message.payload)),)
    return read(adapter, topic, bytes(heard.message.payload), heard.at)
