"""What the duty desk looks at beside a case: what its device said, the same told again, teams with their load.

Run these inside `viewed_by`: nobody learns of a case that they may not see.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row

from domain.cases import Case
from domain.places import UNPLACED, Level, Point, at_level, metres_between
from store.around import NEIGHBOUR, Neighbour, neighbours
from store.organisation import positions
from store.pool import Connection

MOST_SIGNALS = 20
MOST_READINGS = 120
AROUND_AN_ALARM = timedelta(hours=1)
TOLD_AGAIN_WITHIN = timedelta(days=90)
SAME_REPORTER = f"""{NEIGHBOUR} AND c.id <> %(id)s AND c.report IN (
        SELECT id FROM reports WHERE phone_blind = (SELECT phone_blind FROM reports WHERE id = %(report)s)
        AND received_at > clock_timestamp() - %(within)s)
    ORDER BY c.received_at DESC, c.id LIMIT 8"""  # noqa: S608 - constants
SAME_MATTER = f"""{NEIGHBOUR} AND starts_with(c.place, %(building)s) AND c.category = %(category)s AND c.id <> %(id)s
      AND c.received_at > clock_timestamp() - %(within)s
    ORDER BY c.received_at DESC, c.id LIMIT 8"""
SIGNALS = """
    SELECT body::text, received_at FROM signals WHERE id = ANY (%s) ORDER BY event_time DESC LIMIT %s"""
READINGS = """
    SELECT event_time, (body->>'value')::float8 FROM signals
    WHERE adapter = %(adapter)s AND device_id = %(device)s AND event_time BETWEEN %(since)s AND %(until)s
      AND body->>'metric' = %(metric)s AND body->>'value' IS NOT NULL
    ORDER BY event_time DESC LIMIT %(limit)s"""
TEAMS = """
    SELECT u.id, u.kind, u.label, u.phone, u.accounts, a.lat, a.lon,
           (SELECT count(DISTINCT p.id) FROM people p JOIN rosters r ON r.person_id = p.id
            WHERE p.unit = u.id AND p.active AND 'handler' = ANY (p.roles)
              AND r.starts_at <= clock_timestamp() AND r.ends_at > clock_timestamp()) AS on_duty,
           (SELECT count(*) FROM cases c
            WHERE c.unit = u.id AND c.closed_at IS NULL AND c.stage IN ('assigned', 'handling')) AS load
    FROM units u LEFT JOIN areas a ON a.path = u.area
    WHERE starts_with(%(place)s, u.area) OR starts_with(%(place)s, %(unplaced)s)
    ORDER BY u.id <> %(unit)s, u.kind <> %(handler)s, length(u.area) DESC, u.label, u.id LIMIT 12"""
HANDS = """
    SELECT p.display_name AS name, p.unit,
           EXISTS (SELECT FROM rosters r WHERE r.person_id = p.id AND r.starts_at <= clock_timestamp()
                   AND r.ends_at > clock_timestamp()) AS on_duty,
           (SELECT count(*) FROM cases c
            WHERE c.person = p.id AND c.closed_at IS NULL AND c.stage IN ('assigned', 'handling')) AS load
    FROM people p
    WHERE p.unit = ANY (%(units)s) AND p.active AND 'handler' = ANY (p.roles)
      AND (starts_with(%(place)s, %(unplaced)s)
           OR EXISTS (SELECT FROM unnest(p.areas) area WHERE starts_with(%(place)s, area)))
    ORDER BY on_duty DESC, load, p.display_name LIMIT 60"""


@dataclass(frozen=True)
class Curve:
    """What a device measured around an alarm, oldest first."""

    metric: str
    unit: str
    readings: tuple[tuple[datetime, float], ...]


@dataclass(frozen=True)
class Said:
    """What devices said that made the case; `seen` names pictures and clips that lie with their source."""

    fields: dict[str, Any]
    device: str
    at: datetime | None
    seen: tuple[str, ...]
    curve: Curve | None


@dataclass(frozen=True)
class Hand:
    """Somebody who may do the work; `load` counts the open cases they have to sign or to handle."""

    name: str
    unit: str
    on_duty: bool
    load: int


@dataclass(frozen=True)
class Team:
    """A unit that may get the case; `metres` to the middle of its area, None where one of both has no position."""

    id: str
    kind: str
    label: str
    phone: str | None
    accounts: bool
    on_duty: int
    load: int
    metres: int | None
    hands: tuple[Hand, ...]


@dataclass(frozen=True)
class ToldAgain:
    """Matters that this one may repeat: of the same reporter, or of the same kind in the same building."""

    by_reporter: list[Neighbour]
    of_kind: list[Neighbour]


async def said_of(connection: Connection, signals: tuple[UUID, ...]) -> Said | None:
    """The newest of the signals behind an alarm, and the curve of its device; None where none is kept any more."""
    if not signals:
        return None
    found = await (await connection.execute(SIGNALS, (list(signals), MOST_SIGNALS))).fetchall()
    if not found:
        return None
    bodies = [json.loads(body) for body, _ in found]
    newest, source = bodies[0], bodies[0]["source"]
    at = datetime.fromisoformat(newest["event_time"])
    seen = tuple(dict.fromkeys(one for body in bodies for one in body.get("evidence") or ()))
    curve = await _curve(connection, newest, at) if newest.get("metric") else None
    return Said(newest.get("fields") or {}, f"{source['adapter']}/{source['device_id']}", at, seen, curve)


async def _curve(connection: Connection, signal: dict[str, Any], at: datetime) -> Curve | None:
    given = {
        "adapter": signal["source"]["adapter"],
        "device": signal["source"]["device_id"],
        "metric": signal["metric"],
        "since": at - AROUND_AN_ALARM,
        "until": at + AROUND_AN_ALARM,
        "limit": MOST_READINGS,
    }
    readings = await (await connection.execute(READINGS, given)).fetchall()
    if len(readings) < 2:  # noqa: PLR2004 - one point is no curve
        return None
    return Curve(signal["metric"], signal.get("unit") or "", tuple((when, value) for when, value in reversed(readings)))


async def told_again(connection: Connection, case: Case) -> ToldAgain:
    """Within 90 days, newest first, open and closed."""
    given: dict[str, Any] = {
        "id": case.id,
        "within": TOLD_AGAIN_WITHIN,
        "category": case.category,
        "report": case.report,
    }
    building = at_level(case.place, Level.BUILDING)
    by_reporter = await neighbours(connection, SAME_REPORTER, given) if case.report else []
    if building is None:
        return ToldAgain(by_reporter, [])
    mine = {one.id for one in by_reporter}
    of_kind = await neighbours(connection, SAME_MATTER, given | {"building": building})
    return ToldAgain(by_reporter, [one for one in of_kind if one.id not in mine])


async def teams_for(connection: Connection, case: Case) -> list[Team]:
    """Units that look after the place, those of the asked kind and the nearest first, with who of them is free."""
    wanted: dict[str, Any] = {
        "place": case.place,
        "handler": case.handler,
        "unplaced": UNPLACED,
        "unit": case.unit or "",
    }
    point = (await positions(connection, [case.place])).get(case.place)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(TEAMS, wanted)
        units = await cursor.fetchall()
    async with connection.cursor(row_factory=class_row(Hand)) as cursor:
        await cursor.execute(HANDS, wanted | {"units": [unit["id"] for unit in units]})
        hands = await cursor.fetchall()
    return [_team(unit, point, [hand for hand in hands if hand.unit == unit["id"]]) for unit in units]


def _team(unit: dict[str, Any], point: Point | None, hands: list[Hand]) -> Team:
    lat, lon = unit.pop("lat"), unit.pop("lon")
    away = round(metres_between(point, Point(lat=lat, lon=lon))) if point and lat is not None else None
    return Team(**unit, metres=away, hands=tuple(hands))
