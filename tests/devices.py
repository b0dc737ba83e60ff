"""Devices of the tests: they speak over the broker, QoS 1, with the credentials of `linli up`."""

import json
import time
from typing import Any, Self
from uuid import uuid4

import paho.mqtt.client as mqtt
from installation import Installation
from paho.mqtt.enums import CallbackAPIVersion

HELD = 61  # seconds; the ruleset asks for 60


class Devices:
    """One MQTT connection to an installation's broker."""

    def __init__(self, installation: Installation) -> None:
        broker = installation.data["broker"]
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(broker["username"], broker["password"])
        self._client.connect(broker["host"], broker["port"])
        self._client.loop_start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, topic: str, message: dict[str, Any] | bytes) -> None:
        payload = message if isinstance(message, bytes) else json.dumps(message)
        sent = self._client.publish(topic, payload, qos=1)
        sent.wait_for_publish(60)
        assert sent.is_published()

    def bike(self, camera: str, at: float, *, score: float = 0.93, event: str = "", kind: str = "update") -> None:
        """An elevator camera sees a bike in the doorway at `at`."""
        after = {
            "id": event or f"{at}-{uuid4().hex[:6]}",
            "camera": camera,
            "frame_time": at,
            "label": "ebike",
            "score": score,
            "current_zones": ["doorway"],
        }
        self.say("frigate/events", {"type": kind, "before": after, "after": after})

    def hold_door(self, camera: str) -> None:
        """A bike has stood in the door for a minute: the first frame is old but not too late to be judged."""
        now = time.time()
        self.bike(camera, now - HELD, kind="new", event=f"{now}-held")
        self.bike(camera, now, event=f"{now}-held")

    def smoke(self, sensor: str, *, alarm: bool = True, ago: float = 0) -> None:
        """`ago` seconds."""
        self._uplink(sensor, {"smokeAlarm": alarm}, ago)

    def water(self, meter: str, depth: float) -> None:
        """`depth` in centimetres."""
        self._uplink(meter, {"water_depth": depth})

    def _uplink(self, sensor: str, reading: dict[str, Any], ago: float = 0) -> None:
        uplink = {
            "deduplicationId": str(uuid4()),
            "time": time.strftime("%Y-%m-%dT%H:%M:%S.000000000+00:00", time.gmtime(time.time() - ago)),
            "deviceInfo": {"devEui": sensor, "deviceName": sensor},
            "object": reading,
        }
        self.say(f"application/7f3d/device/{sensor}/event/up", uplink)


def cameras(installation: Installation) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = installation.linli("devices", "list", "--kind", "elevator-camera")["data"]["items"]
    return items


def sensors(installation: Installation) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = installation.linli("devices", "list", "--kind", "smoke-sensor")["data"]["items"]
    return items
