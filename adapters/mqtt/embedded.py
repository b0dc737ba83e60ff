"""The embedded broker (amqtt) where Mosquitto is not installed: `python -m adapters.mqtt.embedded`.

amqtt answers a publisher before a subscriber has the message, and forgets everything when killed. The plugin
`Remembering` closes that hole for persistent sessions (MQTT 3.1.1, clean session off): what such a client subscribed
to, and every message it has not acknowledged, lies in an SQLite file before the publisher gets its answer, and is sent
again.
"""

import asyncio
import hmac
import logging
import signal
import sqlite3
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from amqtt.broker import Broker, BrokerContext
from amqtt.mqtt.packet import MQTTPacket
from amqtt.mqtt.puback import PubackPacket
from amqtt.mqtt.publish import PublishPacket
from amqtt.plugins.base import BaseAuthPlugin, BasePlugin
from amqtt.session import Session

import settings
from adapters.mqtt.broker import folder
from settings import Settings

SEND_AGAIN_AFTER = 10.0  # seconds without an acknowledgement
SWEEP_EVERY = 0.5
SWEEP_AT_MOST = 500  # messages

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS subscriptions (client TEXT, topic TEXT, qos INTEGER, PRIMARY KEY (client, topic));
CREATE TABLE IF NOT EXISTS waiting (id INTEGER PRIMARY KEY, client TEXT, topic TEXT, data BLOB);
"""


class Journal:
    """What persistent clients subscribed to and have not acknowledged yet; survives a kill."""

    def __init__(self, file: Path) -> None:
        self._file = sqlite3.connect(file, isolation_level=None)
        self._file.executescript(SCHEMA)
        self._waiting: dict[tuple[str, str, bytes], deque[int]] = {}
        self._sent: dict[int, float] = {}  # when last sent, monotonic seconds
        for row, client, topic, data in self._file.execute("SELECT id, client, topic, data FROM waiting ORDER BY id"):
            self._waiting.setdefault((client, topic, data), deque()).append(row)

    def subscriptions(self) -> list[tuple[str, str, int]]:
        return self._file.execute("SELECT client, topic, qos FROM subscriptions").fetchall()

    def subscribe(self, client: str, topic: str, qos: int) -> None:
        self._file.execute("INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?)", (client, topic, qos))

    def unsubscribe(self, client: str, topic: str) -> None:
        self._file.execute("DELETE FROM subscriptions WHERE client = ? AND topic = ?", (client, topic))

    def expect(self, client: str, topic: str, data: bytes) -> None:
        """From now on `client` owes an acknowledgement of this message."""
        added = self._file.execute("INSERT INTO waiting (client, topic, data) VALUES (?, ?, ?)", (client, topic, data))
        row = int(added.lastrowid or 0)
        self._waiting.setdefault((client, topic, data), deque()).append(row)
        self._sent[row] = time.monotonic()

    def acknowledged(self, client: str, topic: str, data: bytes) -> None:
        """One message of this content has arrived."""
        rows = self._waiting.get((client, topic, data))
        if not rows:
            return
        row = rows.popleft()
        if not rows:
            del self._waiting[client, topic, data]
        self._sent.pop(row, None)
        self._file.execute("DELETE FROM waiting WHERE id = ?", (row,))

    def overdue(self) -> list[tuple[str, str, bytes]]:
        """Client, topic and data of what waits too long, oldest first; they count as sent now."""
        now = time.monotonic()
        late = [
            (row, message)
            for message, rows in self._waiting.items()
            for row in rows
            if now - self._sent.get(row, 0.0) > SEND_AGAIN_AFTER
        ]
        late.sort()
        chosen = late[:SWEEP_AT_MOST]
        self._sent.update((row, now) for row, _ in chosen)
        return [message for _, message in chosen]

    def close(self) -> None:
        self._file.close()


class OneUser(BaseAuthPlugin):  # type: ignore[misc]
    """Lets one user in, by password."""

    @dataclass
    class Config:
        username: str
        password: str

    async def authenticate(self, *, session: Session) -> bool:
        given = f"{session.username}\0{session.password}".encode()
        return hmac.compare_digest(given, f"{self.config.username}\0{self.config.password}".encode())


class Remembering(BasePlugin[BrokerContext]):  # type: ignore[misc]
    """Keeps the journal: written before a publisher is answered, struck out when the subscriber acknowledges."""

    @dataclass
    class Config:
        file: str

    def __init__(self, context: BrokerContext) -> None:
        super().__init__(context)
        self._journal = Journal(Path(self.config.file))
        self._on_the_way: dict[tuple[str, int], tuple[str, bytes]] = {}
        self._sweeper: asyncio.Task[None] | None = None

    async def on_broker_post_start(self) -> None:
        for client, topic, qos in self._journal.subscriptions():
            await self.context.add_subscription(client, topic, qos)
        self._sweeper = asyncio.create_task(self._sweep())

    async def on_broker_client_subscribed(self, client_id: str, topic: str, qos: int) -> None:
        session = self.context.get_session(client_id)
        if session is not None and not session.clean_session:
            self._journal.subscribe(client_id, topic, qos)

    async def on_broker_client_unsubscribed(self, client_id: str, topic: str) -> None:
        self._journal.unsubscribe(client_id, topic)

    async def on_mqtt_packet_received(self, *, packet: MQTTPacket, session: Session | None = None) -> None:
        if session is None or session.client_id is None:
            return
        if isinstance(packet, PublishPacket) and packet.qos and packet.topic_name is not None:
            for client in self._persistent_readers(packet.topic_name):
                self._journal.expect(client, packet.topic_name, bytes(packet.data or b""))
        elif isinstance(packet, PubackPacket) and packet.packet_id is not None:
            message = self._on_the_way.pop((session.client_id, packet.packet_id), None)
            if message is not None:
                self._journal.acknowledged(session.client_id, *message)

    async def on_mqtt_packet_sent(self, *, packet: MQTTPacket, session: Session | None = None) -> None:
        if not isinstance(packet, PublishPacket) or session is None or session.client_id is None:
            return
        if packet.packet_id is not None and packet.topic_name is not None and not session.clean_session:
            self._on_the_way[session.client_id, packet.packet_id] = (packet.topic_name, bytes(packet.data or b""))

    def _persistent_readers(self, topic: str) -> set[str]:
        return {
            session.client_id
            for pattern, readers in self.context.subscriptions.items()
            if matches(topic, pattern)
            for session, qos in readers
            if qos and not session.clean_session and session.client_id is not None
        }

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            connected = {s.client_id for s in self.context.sessions if s.transitions.state == "connected"}
            if connected:
                for client, topic, data in self._journal.overdue():
                    if client in connected:
                        await self.context.broadcast_message(topic, data)

    async def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        self._journal.close()


def matches(topic: str, pattern: str) -> bool:
    """MQTT's wildcards: `+` is one level, `#` all that follow (4.7.1)."""
    levels, wanted = topic.split("/"), pattern.split("/")
    for place, want in enumerate(wanted):
        if want == "#":
            return True
        if place >= len(levels) or want not in ("+", levels[place]):
            return False
    return len(levels) == len(wanted)


async def serve(given: Settings) -> None:
    """Run the broker until SIGTERM or SIGINT."""
    ours = __spec__.name if __spec__ is not None else __name__
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{given.broker_port}"}},
            "plugins": {
                f"{ours}.OneUser": {"username": given.broker_username, "password": given.broker_password},
                f"{ours}.Remembering": {"file": str(folder(given) / "journal.db")},
            },
        }
    )
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    await broker.start()
    await end.wait()
    await broker.shutdown()


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(serve(settings.load()))


if __name__ == "__main__":
    main()
