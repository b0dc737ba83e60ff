"""Both brokers of one machine: who gets in, and what survives a kill."""

import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

import settings
from adapters.mqtt import broker
from adapters.mqtt.broker import Kind
from adapters.mqtt.embedded import Journal, matches
from settings import Settings

KINDS = [
    Kind.AMQTT,
    pytest.param(
        Kind.MOSQUITTO, marks=pytest.mark.skipif(not broker.mosquitto_program(), reason="2026-11-21: no mosquitto here")
    ),
]


class Running:
    """A broker that a test may kill and start again."""

    def __init__(self, given: Settings) -> None:
        self.given = given
        self.start()

    def start(self) -> None:
        broker.prepare(self.given)
        environment = os.environ | {
            "LINLI_HOME": str(self.given.home),
            "LINLI_BROKER_PORT": str(self.given.broker_port),
        }
        environment["LINLI_BROKER_PASSWORD"] = self.given.broker_password
        self.process = subprocess.Popen(broker.command(self.given), env=environment)
        until(lambda: listens(self.given.broker_port))

    def wait_for_save(self) -> None:
        """Mosquitto saves once a second, and may just be at it; amqtt has written everything before it answers."""
        for _ in range(2 if broker.kind() is Kind.MOSQUITTO else 0):
            before = self._saved()
            until(lambda before=before: self._saved() != before)

    def _saved(self) -> int | None:
        file = broker.folder(self.given) / "mosquitto.db"
        return file.stat().st_mtime_ns if file.exists() else None

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def client(
        self,
        name: str,
        *,
        password: str | None = None,
        clean: bool = True,
        manual: bool = False,
        hear: Callable[[str], object] = lambda _text: None,
    ) -> mqtt.Client:
        made = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, clean_session=clean, manual_ack=manual)
        made.username_pw_set(self.given.broker_username, password or self.given.broker_password)
        made.on_message = lambda _client, _data, message: hear(message.payload.decode())
        made.connect("127.0.0.1", self.given.broker_port)
        made.loop_start()
        return made


@pytest.fixture(params=KINDS)
def running(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("LINLI_BROKER", request.param)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = Running(settings.load(tmp_path, broker_port=port, broker_password=secrets.token_urlsafe()))
    yield started
    started.process.terminate()
    started.process.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def subscribe(client: mqtt.Client) -> None:
    """Returns once the broker has confirmed it."""
    confirmed = threading.Event()
    client.on_subscribe = lambda *_: confirmed.set()
    until(client.is_connected)
    client.subscribe("devices/#", qos=1)
    assert confirmed.wait(60)


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.02)


@pytest.mark.servers
def test_only_the_right_password_gets_in(running: Running) -> None:
    good, bad = running.client("good"), running.client("bad", password="guessed")
    turned_away = threading.Event()
    bad.on_disconnect = lambda *_: turned_away.set()
    until(good.is_connected)
    assert turned_away.wait(60)
    assert not bad.is_connected()
    for client in (good, bad):
        client.disconnect()
        client.loop_stop()


@pytest.mark.servers
def test_no_acknowledged_message_is_lost_when_the_broker_is_killed(running: Running) -> None:
    listener = running.client("listener", clean=False)
    subscribe(listener)
    listener.disconnect()
    listener.loop_stop()

    sender = running.client("sender")
    for number in range(300):
        sender.publish(f"devices/d{number % 7}/up", f"before {number}", qos=1).wait_for_publish(60)
    running.wait_for_save()
    running.kill()
    sender.loop_stop()
    running.start()
    sender = running.client("sender")
    until(sender.is_connected)
    for number in range(100):
        sender.publish("devices/d1/up", f"after {number}", qos=1).wait_for_publish(60)
    sender.disconnect()
    sender.loop_stop()

    heard: set[str] = set()
    listener = running.client("listener", clean=False, hear=heard.add)
    expected = {f"before {number}" for number in range(300)} | {f"after {number}" for number in range(100)}
    until(lambda: expected <= heard)
    listener.disconnect()
    listener.loop_stop()


@pytest.mark.servers
def test_what_the_listener_did_not_acknowledge_comes_again_after_a_kill(running: Running) -> None:
    seen: list[str] = []
    listener = running.client("listener", clean=False, manual=True, hear=seen.append)
    subscribe(listener)
    sender = running.client("sender")
    for number in range(10):
        sender.publish("devices/d1/up", str(number), qos=1).wait_for_publish(60)
    until(lambda: len(seen) == 10)
    sender.disconnect()
    sender.loop_stop()
    running.wait_for_save()
    running.kill()
    listener.loop_stop()
    running.start()

    again: set[str] = set()
    listener = running.client("listener", clean=False, hear=again.add)
    until(lambda: len(again) == 10)
    listener.disconnect()
    listener.loop_stop()


def test_mosquitto_is_chosen_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINLI_BROKER", raising=False)
    monkeypatch.setattr(broker, "mosquitto_program", lambda: "/usr/sbin/mosquitto")
    assert broker.kind() is Kind.MOSQUITTO
    monkeypatch.setattr(broker, "mosquitto_program", lambda: None)
    assert broker.kind() is Kind.AMQTT


def test_an_unknown_broker_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_BROKER", "rabbit")
    with pytest.raises(broker.NoBroker, match="rabbit"):
        broker.kind()


def test_the_password_is_not_written_in_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_BROKER", "mosquitto")
    broker.prepare(settings.load(tmp_path, broker_password="very-secret"))
    assert "very-secret" not in (tmp_path / "broker" / "users").read_text()
    assert (tmp_path / "broker" / "users").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("topic", "pattern", "answer"),
    [
        ("a/b/c", "a/b/c", True),
        ("a/b/c", "a/+/c", True),
        ("a/b/c", "a/#", True),
        ("a", "a/#", True),
        ("a/b/c", "#", True),
        ("a/b/c", "a/+", False),
        ("a/b", "a/b/c", False),
        ("a/b", "a/c", False),
    ],
)
def test_wildcards_match_as_the_standard_says(topic: str, pattern: str, answer: bool) -> None:
    assert matches(topic, pattern) is answer


def test_a_message_waits_until_it_is_acknowledged(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.subscribe("listener", "devices/#", 1)
    journal.expect("listener", "devices/1", b"first")
    journal.expect("listener", "devices/1", b"second")
    journal.acknowledged("listener", "devices/1", b"first")
    assert journal.overdue() == []  # just sent
    journal.close()

    journal = Journal(tmp_path / "journal.db")
    assert journal.subscriptions() == [("listener", "devices/#", 1)]
    assert journal.overdue() == [("listener", "devices/1", b"second")]
    assert journal.overdue() == []
    journal.close()
