"""A month of the demo's smoke sensors that is over: what they said, stored, and the cases it led to, long closed.

Most alarms are kitchens and last some seconds; people found them false. Some false ones last longer, true ones last
minutes, and now and then a true one is short. What is said follows from the seed; cases are written as `advance` does.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg

from activities.advance.calendars import Shelf
from activities.advance.choosing import NEXT_NUMBER, case_number
from activities.advance.turn import Turn
from activities.advance.writing import write
from cli.stories.pictures import lift_door
from domain.calendars import Calendars
from domain.cases import Case, EvidenceRef, NewCase
from domain.commands import Close, Command, Dispatch, File, Handle, Inspect, Receive, Sign
from domain.lifecycle import Context
from domain.lifecycle.automatic import ending_by_rule
from domain.matters import Evidence, Matter
from domain.people import BY_RULE, Actor, Role
from domain.signals import Kind, Location, Phase, Signal, Source, TimeOrigin, signal_id
from rules.classify import classify, plain_hits
from rules.compiled import Compiled
from rules.detections import Change
from rules.perceiver import Perceiver
from rules.views import view
from settings import Settings
from store.evidence import EvidenceStore, developed
from store.ids import new_id
from store.pool import Connection, pool
from store.rulesets import active_rulesets, place_names
from store.seed.history import keep_signals

RULESET = "corridor-smoke"
A_DAY = 7  # alarms, on the average
HEARTBEAT = timedelta(hours=4)
REPEATED = timedelta(seconds=10)  # how often a sensor says that it still smokes
BUSY = (6, 7, 11, 11, 11, 12, 12, 16, 17, 17, 17, 18, 18, 18, 19, 21)  # o'clock: when people cook
QUIET_AFTER = timedelta(hours=5)  # of a stair: no two of its alarms in one case
SENSORS = """
    SELECT device_id, place, tags FROM devices WHERE kind = 'smoke-sensor' AND registered ORDER BY device_id"""
HANDLERS = """
    SELECT u.id, u.area, p.id::text, p.display_name FROM units u JOIN people p ON p.unit = u.id
    WHERE u.kind = 'property' AND p.active AND 'handler' = ANY (p.roles) ORDER BY u.id, p.name"""
INSPECTORS = """
    SELECT id::text, display_name, areas FROM people
    WHERE active AND 'inspector' = ANY (roles) AND NOT 'handler' = ANY (roles) ORDER BY name"""
OPEN = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, closed_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s)"""  # another of its key may be open by now
PHOTO = """
    INSERT INTO evidence (id, case_id, kind, sha256, path, media_type, width, height, exif, uploaded_by, uploaded_at)
    VALUES (%s, %s, %s, %s, %s, 'image/jpeg', %s, %s, %s, %s, %s)"""
NOBODY_IS_TOLD = "UPDATE outbox SET addressed_at = clock_timestamp() WHERE case_id = %s"


@dataclass(frozen=True)
class Past:
    """How much there was; none of it where the month is there already."""

    signals: int = 0
    cases: int = 0
    false_alarms: int = 0
    true_alarms: int = 0


@dataclass(frozen=True)
class Sensor:
    id: str
    place: str
    tags: Sequence[str]


@dataclass(frozen=True)
class Alarm:
    """`found` is what people said of it afterwards."""

    sensor: Sensor
    at: datetime
    lasts: timedelta
    found: str


@dataclass(frozen=True)
class People:
    """Who handled and who inspected; `handlers` with the area of their unit."""

    handlers: Sequence[tuple[str, Actor]]
    inspectors: Sequence[Actor]

    def handler(self, place: str, chance: random.Random) -> Actor:
        return chance.choice([actor for area, actor in self.handlers if place.startswith(area)])

    def inspector(self, place: str, chance: random.Random) -> Actor:
        return chance.choice([actor for actor in self.inspectors if actor.covers(place)])


async def remember_a_month(given: Settings, first: date, seed: int = 1) -> Past:
    """Puts the calendar month that begins on `first` into the store, once."""
    chance = random.Random(f"smoke:{seed}:{first}")  # noqa: S311 - a story is to be repeated, not guessed at
    begins = datetime(first.year, first.month, 1, tzinfo=given.zone)
    ends = (begins + timedelta(days=32)).replace(day=1)
    async with pool(given.database_url, most=2) as connections, connections.connection() as connection:
        found = await connection.execute(SENSORS)
        sensors = [Sensor(*row) for row in await found.fetchall()]
        alarms = list(_alarms(sensors, begins, ends, chance))
        said = sorted(_said(sensors, alarms, begins, ends), key=lambda one: (one.received_at, one.id))
        there = await connection.execute("SELECT 1 FROM signals WHERE id = %s", (said[0].id,))
        if await there.fetchone():
            return Past()
        compiled = next(one for one in await active_rulesets(connection, given.zone) if one.id == RULESET)
        names = await place_names(connection)
        matters = list(_matters(compiled, said, names))
        found_of = {(alarm.sensor.id, alarm.at): alarm for alarm in alarms}
        clerk = _Clerk(given, connection, await _people(connection), chance)
        async with connection.transaction():
            for signal, matter in matters:
                await clerk.keep(matter, found_of[signal.source.device_id, signal.event_time])
            with psycopg.connect(given.database_url) as other:
                keep_signals(other, said)
    outcomes = [alarm.found for alarm in alarms]
    return Past(len(said), len(matters), outcomes.count("false"), outcomes.count("true"))


def _alarms(sensors: Sequence[Sensor], begins: datetime, ends: datetime, chance: random.Random) -> Iterator[Alarm]:
    quiet: dict[str, datetime] = {}
    for day in range((ends - begins).days):
        hours = sorted(chance.choice(BUSY) for _ in range(chance.randint(A_DAY - 2, A_DAY + 2)))
        for hour in hours:
            at = begins + timedelta(days=day, hours=hour, seconds=chance.randrange(3600))
            stairs = [sensor for sensor in sensors if quiet.get(_stair(sensor), begins) <= at]
            sensor = chance.choice(stairs)
            quiet[_stair(sensor)] = at + QUIET_AFTER
            yield Alarm(sensor, at, *_what_it_was(chance))


def _what_it_was(chance: random.Random) -> tuple[timedelta, str]:
    """How long an alarm lasts and what people find: of a hundred 42 short and 36 long false ones."""
    dice = chance.randrange(100)
    if dice < 42:  # noqa: PLR2004 - as the docstring says
        return timedelta(seconds=chance.randint(8, 24)), "false"
    if dice < 78:  # noqa: PLR2004
        return timedelta(seconds=chance.randint(40, 150)), "false"
    if dice < 95:  # noqa: PLR2004
        short = chance.randrange(16) == 0
        return timedelta(seconds=chance.randint(15, 25) if short else chance.randint(90, 900)), "true"
    return timedelta(seconds=chance.randint(20, 60)), chance.choice(("test", "fault"))


def _stair(sensor: Sensor) -> str:
    return "/".join(sensor.place.split("/")[:7])


def _said(sensors: Sequence[Sensor], alarms: Sequence[Alarm], begins: datetime, ends: datetime) -> Iterator[Signal]:
    for number, sensor in enumerate(sensors):
        own = [alarm for alarm in alarms if alarm.sensor is sensor]
        at = begins + timedelta(seconds=number * 97)
        while at < ends:
            if not any(alarm.at <= at <= alarm.at + alarm.lasts for alarm in own):
                yield _signal(sensor, at, alarm=False)
            at += HEARTBEAT
    for alarm in alarms:
        at, over = alarm.at, alarm.at + alarm.lasts
        while at < over:
            yield _signal(alarm.sensor, at, alarm=True)
            at += REPEATED
        yield _signal(alarm.sensor, over, alarm=False)


def _signal(sensor: Sensor, at: datetime, *, alarm: bool) -> Signal:
    source = Source(adapter="chirpstack", instance="main", device_id=sensor.id)
    return Signal(
        id=signal_id(source, ["past", at.isoformat()], "smoke.alarm", Phase.NONE),
        source=source,
        kind=Kind.STATE,
        type="smoke.alarm",
        fields={"alarm": alarm, **dict.fromkeys(sensor.tags, True)},
        event_time=at,
        event_time_origin=TimeOrigin.DEVICE,
        received_at=at + timedelta(milliseconds=400),
        location=Location(place_code=sensor.place),
        raw_ref=f"mqtt:application/1/device/{sensor.id}/event/up",
    )


def _matters(compiled: Compiled, said: Sequence[Signal], names: dict[str, str]) -> Iterator[tuple[Signal, Matter]]:
    """What the active version made of them, each with the signal that it began with."""
    perceiver = Perceiver([compiled])
    by_id = {str(signal.id): signal for signal in said}
    for signal in said:
        for detection in perceiver.see(view(signal), signal.received_at):
            if detection.change is Change.BEGAN:
                hits = plain_hits(compiled, detection.facts)
                matter = classify(compiled, detection, hits, lambda place: names.get(place, place)).matter
                if matter is not None:
                    yield by_id[detection.signal_id], matter


async def _people(connection: Connection) -> People:
    handlers = [
        (area, Actor(id=person, name=name, roles=frozenset({Role.HANDLER}), areas=(area,), unit=unit))
        for unit, area, person, name in await (await connection.execute(HANDLERS)).fetchall()
    ]
    inspectors = [
        Actor(id=person, name=name, roles=frozenset({Role.INSPECTOR}), areas=tuple(areas))
        for person, name, areas in await (await connection.execute(INSPECTORS)).fetchall()
    ]
    return People(handlers, inspectors)


class _Clerk:
    """Writes down one case after another, from its alarm to its closing."""

    def __init__(self, given: Settings, connection: Connection, people: People, chance: random.Random) -> None:
        self._given, self._connection, self._people, self._chance = given, connection, people, chance
        self._photo = developed(lift_door(chance, close=False))
        self._photos = EvidenceStore(given.evidence_folder)
        self._shelf = Shelf()

    async def keep(self, matter: Matter, alarm: Alarm) -> None:
        case_id, piece = new_id(), EvidenceRef(id=new_id(), kind=Evidence.PHOTO_AFTER)
        handler = self._people.handler(matter.place, self._chance)
        path = f"{case_id}/{piece.id}.jpg"
        await self._photos.put(path, self._photo.data)
        connection = self._connection
        (serial,) = await (await connection.execute(NEXT_NUMBER)).fetchone() or (0,)
        number = case_number(self._given.sub_district_code, alarm.at.astimezone(self._given.zone), serial)
        versions = await (await connection.execute("SELECT count(*) FROM calendars")).fetchone() or (0,)
        calendars = await self._shelf.of(connection, versions[0])
        turn = self._told(case_id, matter, alarm, handler, piece, number, calendars)
        opened = (case_id, matter.dedupe_key, matter.ruleset, matter.place, alarm.at, alarm.at, turn.now)
        await connection.execute(OPEN, opened)
        await write(connection, turn, None, b"")
        size = (self._photo.width, self._photo.height)
        digest = sha256(self._photo.data).digest()
        row = (piece.id, case_id, piece.kind.value, digest, path, *size, json.dumps({}), handler.id, turn.now)
        await connection.execute(PHOTO, row)
        await connection.execute(NOBODY_IS_TOLD, (case_id,))

    def _told(
        self,
        case_id: UUID,
        matter: Matter,
        alarm: Alarm,
        handler: Actor,
        piece: EvidenceRef,
        number: str,
        calendars: Calendars,
    ) -> Turn:
        """From the alarm to the closing, each step some time after the one before."""
        turn = Turn(NewCase(id=case_id), alarm.at, calendars)
        inspector = self._people.inspector(matter.place, self._chance)
        _step(turn, Receive(matter=matter, seen_at=alarm.at))
        _step(turn, File(number=number), 1)
        _step(turn, Dispatch(unit=handler.unit or "", person=UUID(handler.id)), 1, person=handler)
        _step(turn, Sign(), self._chance.randint(30, 240), by=handler)
        handled = Handle(outcome=alarm.found, note=NOTES[alarm.found], evidence=(piece,))
        _step(turn, handled, self._chance.randint(300, 1700), by=handler)
        _step(turn, Inspect(passed=True), self._chance.randint(600, 3000), by=inspector)
        assert isinstance(turn.case, Case)  # noqa: S101 - it was received
        _step(turn, Close(ending=ending_by_rule(turn.case)), 1)
        return turn


NOTES = {
    "true": "确有烟火，已处置，无人受伤",
    "false": "油烟、水汽引起，现场无火情",
    "test": "物业测试烟感",
    "fault": "烟感故障，已登记更换",
}


def _step(turn: Turn, command: Command, after: int = 0, *, by: Actor = BY_RULE, person: Actor | None = None) -> None:
    """`after` seconds after the step before."""
    turn.now += timedelta(seconds=after)
    context: dict[str, Any] = {"actor": by, "now": turn.now}
    if person is not None:
        context["person"] = person.ref
    turn.apply(command, Context(**context), transport="rule" if by is BY_RULE else "mobile")
