"""What a story finds when it begins: the running installation, its accounts, its devices."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from cli.stories.people import Person, Resident, StoryBroke

ACK_SECONDS = 30.0
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Device:
    id: str
    adapter: str
    kind: str
    place: str
    label: str
    tags: Sequence[str] = ()


@dataclass(frozen=True)
class World:
    """The installation as `linli up` describes it; `random` is the story's own, from its seed."""

    base: str
    broker: dict[str, Any]
    accounts: Sequence[dict[str, Any]]
    devices: Sequence[Device]
    random: random.Random
    tell: Tell
    inbox: str = ""  # where the phones of the demo lie open
    journal: list[dict[str, Any]] = field(default_factory=list)

    def person(self, *, role: str | None = None, display_name: str | None = None) -> Person:
        """Somebody with an account, by role (chosen by the seed) or by name."""
        fitting = [
            account
            for account in self.accounts
            if (role is None or role == account["role"])
            and (display_name is None or display_name == account["display_name"])
        ]
        if not fitting:
            raise StoryBroke(f"没有账号：{display_name or role}")
        chosen = self.random.choice(fitting)
        return Person(self.base, chosen["name"], chosen["password"])

    def resident(self) -> Resident:
        """Somebody without an account."""
        return Resident(self.base)

    def device(self, kind: str, *, within: str = "/", tag: str | None = None) -> list[Device]:
        """The devices of a kind in an area; of those, the ones of which something is known."""
        fitting = [one for one in self.devices if one.kind == kind and one.place.startswith(within)]
        return [one for one in fitting if tag is None or tag in one.tags]

    def phones(self) -> list[dict[str, Any]]:
        """What lies on people's phones, newest first."""
        answered = httpx.get(f"{self.inbox.rstrip('/')}/inbox.json", timeout=15)
        answered.raise_for_status()
        items: list[dict[str, Any]] = answered.json()["items"]
        return items

    def uplink(self, device: Device, reading: dict[str, Any], at: datetime | None = None) -> None:
        """A LoRaWAN sensor's reading of `at` (None: now), as its gateway publishes it."""
        message = {
            "deduplicationId": str(uuid4()),  # of this reading, however often the story is played
            "time": (at or datetime.now(UTC)).isoformat(),
            "deviceInfo": {"devEui": device.id, "deviceName": device.label},
            "object": reading,
        }
        self.publish(f"application/1/device/{device.id}/event/up", message)

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        """Over the broker, QoS 1; returns once the broker has it."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set(self.broker["username"], self.broker["password"])
        client.connect(self.broker["host"], self.broker["port"])
        client.loop_start()
        try:
            sent = client.publish(topic, json.dumps(message), qos=1)
            sent.wait_for_publish(ACK_SECONDS)
            if not sent.is_published():
                raise StoryBroke("消息代理没有确认消息")
        finally:
            client.disconnect()
            client.loop_stop()
