"""What the demo's devices say: mostly nothing new. Heartbeats, updates, telemetry; some rides, doors, smoke."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import psycopg

from domain.signals import Kind, Location, Phase, Signal, Source, TimeOrigin, signal_id

DEVICES = """
    SELECT adapter, device_id, kind, place FROM devices WHERE registered AND kind <> 'level-meter'
    ORDER BY adapter, device_id"""
RIDE, OPENING, SMOKE = 0.01, 0.05, 0.0005  # how often a message of camera, magnet, sensor begins something
TELEMETRY = 0.25  # of the messages of sensors and magnets: battery, temperature


class Device(NamedTuple):
    adapter: str
    id: str
    kind: str
    place: str


class _Said(NamedTuple):
    type: str
    kind: Kind
    phase: Phase
    fields: dict[str, Any]


@dataclass
class Feed:
    """Every device speaks once in `every`, from `began` on. The same seed says the same."""

    devices: Sequence[Device]
    began: datetime
    every: timedelta = timedelta(seconds=10)
    seed: int = 1
    _left: dict[str, int] = field(default_factory=dict)  # messages until what is on ends

    def signals(self, count: int) -> Iterator[Signal]:
        """In the order of their arrival, which is when they were said."""
        dice = random.Random(self.seed)
        spacing = self.every / len(self.devices)
        for number in range(count):
            device = self.devices[number % len(self.devices)]
            at = self.began + spacing * number
            yield self._signal(device, self._say(device, dice), at)

    def _say(self, device: Device, dice: random.Random) -> _Said:
        match device.kind:
            case "elevator-camera":
                return self._camera(device, dice)
            case _ if dice.random() < TELEMETRY:
                fields = {"temperature": round(dice.uniform(5, 30), 1), "battery": 3.6}
                return _Said("device.telemetry", Kind.MEASUREMENT, Phase.NONE, fields)
            case "smoke-sensor":
                alarm = self._goes_on(device, dice, SMOKE, 3) > 0
                return _Said("smoke.alarm", Kind.STATE, Phase.NONE, {"alarm": alarm})
            case _:
                is_open = self._goes_on(device, dice, OPENING, 2) > 0
                return _Said("door.contact", Kind.STATE, Phase.NONE, {"open": is_open})

    def _camera(self, device: Device, dice: random.Random) -> _Said:
        """A ride of some updates, else a pram or a bicycle that the model is not sure of."""
        left = self._goes_on(device, dice, RIDE, 4)
        score = round(dice.uniform(0.85, 0.97) if left else dice.uniform(0.2, 0.6), 3)
        phase = Phase.END if left == 1 else Phase.UPDATE
        fields = {"confidence": score, "in_doorway": False, "label": "ebike"}
        return _Said("elevator.ebike", Kind.EVENT, phase, fields)

    def _goes_on(self, device: Device, dice: random.Random, chance: float, length: int) -> int:
        left = self._left.get(device.id, 0)
        left = left - 1 if left else (length if dice.random() < chance else 0)
        self._left[device.id] = left
        return left

    def _signal(self, device: Device, said: _Said, at: datetime) -> Signal:
        source = Source(adapter=device.adapter, instance="main", device_id=device.id)
        return Signal(
            id=signal_id(source, [self.seed, at.isoformat()], said.type, said.phase),
            source=source,
            kind=said.kind,
            type=said.type,
            phase=said.phase,
            fields=said.fields,
            confidence=said.fields.get("confidence"),
            event_time=at,
            event_time_origin=TimeOrigin.DEVICE,
            received_at=at,
            location=Location(place_code=device.place),
            raw_ref=f"mqtt:bench/{device.adapter}",
        )


def devices(connection: psycopg.Connection[tuple[Any, ...]]) -> list[Device]:
    """In a mixed order, so that no run of signals is of one kind."""
    found = [Device(*row) for row in connection.execute(DEVICES).fetchall()]
    random.Random(0).shuffle(found)
    return found
