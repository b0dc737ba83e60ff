"""What the demo's devices say in a simulated stretch of time: the same for the same seed.

Rides with e-bikes, lifts held open for more than a minute, smoke alone and in pairs, doors, and temperatures. All times
are whole milliseconds after a start, no two signals share one, so that their order does not hang on their ids.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

STRETCH = 78_000  # ms: the shortest in which a lift is held open for a minute and rides come and go
PER_SECOND = 400  # messages the broker and two cores take in with ease
HOLD = (63_000, 66_000)  # ms a door is held open
HOLDS_BEGIN = 10_000  # ms: in this first stretch
NEXT_FRAME = (4_000, 8_000)  # ms between two updates of a camera
DOORS_SHUT_AFTER = (2_000, 12_000)
PAIR_WITHIN = 40_000


@dataclass(frozen=True)
class Devices:
    """Ids of the demo's devices; `smoke` by unit."""

    cameras: Sequence[str]
    smoke: Sequence[Sequence[str]]
    doors: Sequence[str]


class Said(NamedTuple):
    """One message: when (ms after the start), on which topic, and the payload for a start and an id."""

    at: int
    topic: str
    payload: Callable[[datetime, str], bytes]


def stretch(count: int, copies: int) -> int:
    """How long `count` signals take (ms)."""
    return max(STRETCH, count * copies * 1000 // PER_SECOND)


class Feed:
    """Makes exactly `count` signals."""

    def __init__(self, devices: Devices, count: int, seed: int, length: int) -> None:
        self._devices, self._count, self._length = devices, count, length
        self._random = Random(seed)  # noqa: S311 - a simulation, not a secret
        self._taken: set[int] = set()
        holding = max(1, len(devices.cameras) // 4)
        cameras = self._random.sample(devices.cameras, len(devices.cameras))
        self._held, self._ridden = cameras[:holding], cameras[holding:] or cameras

    def signals(self) -> list[Said]:
        """In the order of their times."""
        made: list[Said] = []
        stories = (self._hold, self._ride, self._ride, self._smoke, self._smoke_pair, self._door, self._door)
        turn = 0
        while len(made) < self._count:
            story = list(stories[turn % len(stories)]())
            turn += 1
            left = self._count - len(made)
            made += story if len(story) <= left else [self._warmth() for _ in range(left)]
        return sorted(made, key=lambda said: said.at)

    def _hold(self) -> Iterator[Said]:
        if not self._held:
            return
        camera = self._held.pop()
        begin = self._random.randrange(HOLDS_BEGIN)
        yield from self._track(camera, begin, begin + self._random.randint(*HOLD), (0.85, 0.97), doorway=True)

    def _ride(self) -> Iterator[Said]:
        camera = self._random.choice(self._ridden)
        begin = self._random.randrange(self._length - 25_000)
        sure = (0.85, 0.97) if self._random.random() < 0.85 else (0.3, 0.6)  # noqa: PLR2004 - one in seven is a pram
        yield from self._track(camera, begin, begin + self._random.randint(8_000, 20_000), sure, doorway=False)

    def _track(self, camera: str, begin: int, end: int, sure: tuple[float, float], *, doorway: bool) -> Iterator[Said]:
        """One object before one camera: new, updates, end."""
        object_id = f"{begin}-{self._random.getrandbits(32):08x}"
        at, phase = begin, "new"
        while at < end:
            yield self._frame(camera, object_id, at, phase, round(self._random.uniform(*sure), 3), doorway)
            at, phase = at + self._random.randint(*NEXT_FRAME), "update"
        yield self._frame(camera, object_id, end, "end", round(self._random.uniform(*sure), 3), doorway)

    def _frame(self, camera: str, object_id: str, at: int, phase: str, score: float, doorway: bool) -> Said:
        at = self._free(at)

        def payload(start: datetime, run: str) -> bytes:
            seen = {
                "id": f"{run}-{object_id}",
                "camera": camera,
                "frame_time": (start + timedelta(milliseconds=at)).timestamp(),
                "end_time": None,
                "label": "ebike",
                "score": score,
                "current_zones": ["doorway"] if doorway else [],
            }
            return _json({"type": phase, "before": seen, "after": seen})

        return Said(at, "frigate/events", payload)

    def _smoke(self) -> Iterator[Said]:
        unit = self._random.choice(self._devices.smoke)
        yield from self._alarm(self._random.choice(unit), self._random.randrange(self._length - 45_000))

    def _smoke_pair(self) -> Iterator[Said]:
        unit = self._random.choice(self._devices.smoke)
        begin = self._random.randrange(self._length - 70_000)
        for sensor in self._random.sample(unit, min(2, len(unit))):
            yield from self._alarm(sensor, begin)
            begin += self._random.randrange(5_000, PAIR_WITHIN)

    def _alarm(self, sensor: str, begin: int) -> Iterator[Said]:
        yield self._uplink(sensor, begin, alarm=True)
        yield self._uplink(sensor, begin + self._random.randint(10_000, 25_000), alarm=False)

    def _uplink(self, sensor: str, at: int, *, alarm: bool) -> Said:
        at = self._free(at)

        def payload(start: datetime, run: str) -> bytes:
            told = {
                "deduplicationId": f"{run}-{at}",
                "time": (start + timedelta(milliseconds=at)).isoformat(timespec="milliseconds"),
                "deviceInfo": {"devEui": sensor},
                "object": {"smokeAlarm": alarm},
            }
            return _json(told)

        return Said(at, f"application/1/device/{sensor}/event/up", payload)

    def _door(self) -> Iterator[Said]:
        door = self._random.choice(self._devices.doors)
        begin = self._random.randrange(self._length - 15_000)
        yield self._telemetry(door, begin, {"open": True})
        yield self._telemetry(door, begin + self._random.randint(*DOORS_SHUT_AFTER), {"open": False})

    def _warmth(self) -> Said:
        door = self._random.choice(self._devices.doors)
        warmth = round(self._random.uniform(-3, 35), 1)
        return self._telemetry(door, self._random.randrange(self._length), {"temperature": warmth})

    def _telemetry(self, device: str, at: int, values: dict[str, Any]) -> Said:
        at = self._free(at)

        def payload(start: datetime, run: str) -> bytes:
            del run  # a door's time is its identity
            ts = round((start + timedelta(milliseconds=at)).timestamp() * 1000)
            return _json({device: [{"ts": ts, "values": values}]})

        return Said(at, "v1/gateway/telemetry", payload)

    def _free(self, at: int) -> int:
        """The next millisecond that no signal has."""
        while at in self._taken:
            at += 1
        self._taken.add(at)
        return at


def _json(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def next_start(now: datetime) -> datetime:
    """The second after the next full one."""
    return (now + timedelta(seconds=2)).astimezone(UTC).replace(microsecond=0)
