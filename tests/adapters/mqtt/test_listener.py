"""From the broker into the inbox: nothing is acknowledged before it is stored."""

import asyncio
import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest

import settings
from adapters.mqtt import broker, listener
from adapters.mqtt.broker import Kind
from domain.intake import Intake, IntakeUnavailable, Taken, Unreadable
from domain.signals import Signal
from settings import Settings
from store.intake import StoreIntake
from store.pool import Pool, pool

pytestmark = pytest.mark.servers
KINDS = [
    Kind.AMQTT,
    pytest.param(
        Kind.MOSQUITTO, marks=pytest.mark.skipif(not broker.mosquitto_program(), reason="2026-11-21: no mosquitto here")
    ),
]


@pytest.fixture(params=KINDS)
def given(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A home whose broker runs."""
    monkeypatch.setenv("LINLI_BROKER", request.param)
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = settings.load(tmp_path, broker_port=port, broker_password=secrets.token_urlsafe())
    broker.prepare(made)
    environment = os.environ | {"LINLI_BROKER_PORT": str(port), "LINLI_BROKER_PASSWORD": made.broker_password}
    process = subprocess.Popen(broker.command(made), env=environment)
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield made
    process.terminate()
    process.wait()


@pytest.fixture
async def connections(database: Any) -> AsyncIterator[Pool]:
    opened = pool(database.app_dsn, most=4)
    await opened.open()
    yield opened
    await opened.close()


class Flaky:
    """A real intake whose database is away while `away` is set."""

    def __init__(self, connections: Pool) -> None:
        self.away = False
        self.refusals = 0
        self._intake = StoreIntake(connections)

    async def take(self, signals: Sequence[Signal], unreadable: Sequence[Unreadable] = ()) -> Taken:
        if self.away:
            self.refusals += 1
            raise IntakeUnavailable("the database is away")
        return await self._intake.take(signals, unreadable)


@asynccontextmanager
async def listening(given: Settings, intake: Intake) -> AsyncIterator[None]:
    given.ready_file("mqtt").unlink(missing_ok=True)
    task = asyncio.create_task(listener.run(given, intake))
    await until(lambda: asyncio.sleep(0, given.ready_file("mqtt").exists()))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < limit, "waited in vain"
        await asyncio.sleep(0.05)


def send(given: Settings, messages: Sequence[tuple[str, bytes]]) -> None:
    """As a device does: QoS 1, each message answered by the broker."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="device")
    client.username_pw_set(given.broker_username, given.broker_password)
    client.connect("127.0.0.1", given.broker_port)
    client.loop_start()
    for sent in [client.publish(topic, payload, qos=1) for topic, payload in messages]:
        sent.wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


def smoke(number: int, *, alarm: bool = True) -> tuple[str, bytes]:
    device = f"24e124000000{number % 5:04x}"
    uplink = {
        "deduplicationId": f"d{number}",
        "time": "2026-11-21T04:00:00.123456789Z",
        "deviceInfo": {"devEui": device.upper()},
        "object": {"smokeAlarm": alarm},
    }
    return f"application/1/device/{device}/event/up", json.dumps(uplink).encode()


async def count(connections: Pool, table: str) -> int:
    async with connections.connection() as connection:
        row = await (await connection.execute(f"SELECT count(*) FROM {table}")).fetchone()
    return int(row[0]) if row else 0


async def has(connections: Pool, number: int, table: str = "inbox") -> bool:
    return await count(connections, table) == number


async def test_what_devices_say_reaches_the_inbox_once(given: Settings, connections: Pool) -> None:
    async with listening(given, StoreIntake(connections)):
        await asyncio.to_thread(send, given, [smoke(number) for number in range(50)] * 3)
        await until(lambda: has(connections, 50))
        await asyncio.sleep(0.3)
        assert await has(connections, 50)


async def test_what_cannot_be_read_is_quarantined_and_holds_up_nothing(given: Settings, connections: Pool) -> None:
    topic, _ = smoke(0)
    async with listening(given, StoreIntake(connections)):
        await asyncio.to_thread(send, given, [(topic, b"{no json"), ("frigate/events", b"{}"), smoke(1)])
        await until(lambda: has(connections, 1))
        await until(lambda: has(connections, 2, "quarantine"))


def test_long_messages_are_committed_a_few_at_a_time() -> None:
    def heard(payload: bytes) -> listener.Heard:
        message = mqtt.MQTTMessage(topic=smoke(0)[0].encode())
        message.payload = payload
        return listener.Heard(message, datetime.now(UTC))

    long = listener.BYTES_AT_ONCE // 2
    group = [heard(b"x" * long), heard(b"x" * long), heard(b"x" * long), heard(b"{}")]
    portions = list(listener.portions(group))
    assert [len(portion.heard) for portion in portions] == [2, 2]
    assert [heard for portion in portions for heard in portion.heard] == group
    assert listener.weight(group[0].message) > listener.weight(group[3].message) == 1


async def test_while_the_database_is_away_nothing_is_acknowledged_and_all_comes_again(
    given: Settings, connections: Pool
) -> None:
    intake = Flaky(connections)
    async with listening(given, intake):
        intake.away = True
        await asyncio.to_thread(send, given, [smoke(number) for number in range(300)])
        await until(lambda: asyncio.sleep(0, intake.refusals >= 2))
        assert await has(connections, 0)
        intake.away = False
        await until(lambda: has(connections, 300))


async def test_what_was_sent_while_nobody_listened_is_heard_later(given: Settings, connections: Pool) -> None:
    async with listening(given, StoreIntake(connections)):
        pass
    await asyncio.to_thread(send, given, [smoke(number) for number in range(20)])
    async with listening(given, StoreIntake(connections)):
        await until(lambda: has(connections, 20))
