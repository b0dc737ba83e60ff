"""What a story finds when it begins: the running installation, its accounts, its devices."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from cli.stories.people import Person, StoryBroke

ACK_SECONDS = 30.0
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Device:
    id: str
    adapter: str
    kind: str
    place: str
    label: str


@dataclass(frozen=True)
class World:
    """The installation as `linli up` describes it; `random` is the story's own, from its seed."""

    base: str
    broker: dict[str, Any]
    accounts: Sequence[dict[str, Any]]
    devices: Sequence[Device]
    random: random.Random
    tell: Tell
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
