"""为什么没有报警: every condition that a signal was held against, with its fact, in the author's words."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from activities.perceive.rows import as_view
from domain.calendars import Calendar
from domain.people import Role
from rules.compiled import Compiled
from rules.explain import explain_signal
from rules.load import from_texts
from rules.problems import RulesetInvalid
from rules.standing import rows_asked
from store.perception import remembered
from store.pool import Connection
from web.catalogue import in_force, working_days
from web.forms import storable
from web.problems import Problem
from web.reader import reader_of
from web.render import page
from web.security import Looking, needs
from web.services import services

router = APIRouter(prefix="/console/rulesets/why", include_in_schema=False)
MAY = needs(Role.RULE_AUTHOR, Role.SUPERVISOR, Role.DUTY_OFFICER, Role.DEVICE_MANAGER)
NEAR = timedelta(minutes=30)
# a signal is found by whoever's area holds its place; what has no place yet belongs to all who may look
SIGNAL = """
    SELECT id, body, received_at, place, device_id, partition FROM signals
    WHERE id = %(id)s AND (place IS NULL OR place ^@ ANY (%(areas)s)) ORDER BY received_at LIMIT 1"""
AROUND = """
    SELECT id, type, event_time, device_id, place FROM signals
    WHERE adapter IN (SELECT DISTINCT adapter FROM devices WHERE device_id = %(device)s)
      AND device_id = %(device)s AND event_time BETWEEN %(at)s - %(near)s AND %(at)s + %(near)s
      AND (place IS NULL OR place ^@ ANY (%(areas)s))
    ORDER BY abs(extract(epoch FROM event_time - %(at)s)), id LIMIT 20"""
IN_FORCE = """
    SELECT id, hash, stage, definition, template FROM rulesets WHERE stage IN ('active', 'canary', 'shadow')
    ORDER BY id, stage"""
# where a canary is tried it decides, elsewhere the active version
NOT_HERE = """
    SELECT r.hash FROM rulesets r LEFT JOIN rulesets c ON c.id = r.id AND c.stage = 'canary'
    WHERE r.stage = 'canary' AND coalesce(%(place)s ^@ ANY (r.areas), false) IS FALSE
       OR r.stage = 'active' AND %(place)s ^@ ANY (c.areas)"""
DECIDED = """
    SELECT ruleset, hash, rule, detection, case_id, at, stage, effect FROM decisions
    WHERE signal_id = %s ORDER BY at"""


@router.get("", dependencies=[MAY])
async def why(
    request: Request,
    viewer: Looking,
    signal: Annotated[str, Query(max_length=40)] = "",
    device: Annotated[str, Query(max_length=200)] = "",
    at: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    storable({"device": device})
    areas = list(viewer.person.areas)
    context: dict[str, Any] = {"given": {"signal": signal, "device": device, "at": at}, "found": None, "around": None}
    refused, status = None, 200
    try:
        async with services(request).pool.connection() as connection:
            if signal.strip():
                context["found"] = await _of_signal(request, connection, signal.strip(), areas)
            elif device.strip():
                context["around"] = await _around(request, connection, device.strip(), at, areas)
    except Problem as problem:
        refused, status = {"code": problem.code, "params": problem.params}, problem.status
    context["refused"] = refused
    return page(request, "console/rulesets/explaining/page.html", context, status=status)


async def _of_signal(request: Request, connection: Connection, given: str, areas: list[str]) -> dict[str, Any]:
    try:
        id_ = UUID(given)
    except ValueError as wrong:
        raise Problem(422, "signal-unknown", field="signal") from wrong
    row = await (await connection.execute(SIGNAL, {"id": id_, "areas": areas})).fetchone()
    if row is None:
        raise Problem(404, "signal-unknown", field="signal")
    _, body, received_at, place, device, partition = row
    listening = [one for one in await (await connection.execute(IN_FORCE)).fetchall() if body["type"] in one[3]]
    zone, catalogue = services(request).settings.zone, in_force().catalogue_hash
    compiled = [
        one for row in listening if (one := await asyncio.to_thread(running, *row, zone, working_days(), catalogue))
    ]
    heard = as_view(id_, body)
    stored = await remembered(connection, partition, rows_asked(compiled, heard))
    decided = await (await connection.execute(DECIDED, (id_,))).fetchall()
    idle = await (await connection.execute(NOT_HERE, {"place": place})).fetchall()
    keys = ("ruleset", "hash", "rule", "detection", "case_id", "at", "stage", "effect")
    return {
        "id": id_,
        "type": body["type"],
        "fields": {name: value for name, value in heard.fields.items() if value not in ("", None)},
        "received_at": received_at,
        "event_time": datetime.fromisoformat(body["event_time"]),
        "place": place,
        "device": device,
        "detections": await asyncio.to_thread(explain_signal, compiled, heard, stored),
        "stages": {version: stage for _, version, stage, _, _ in listening},
        "not_here": {version for (version,) in idle},
        "decisions": [dict(zip(keys, one, strict=True)) for one in decided],
    }


@lru_cache(maxsize=128)
def running(
    name: str,
    version: str,
    stage: str,
    definition: str,
    template: str,
    zone: ZoneInfo,
    calendar: Calendar | None,
    catalogue: str,
) -> Compiled | None:
    """A version in force, which two people let in; None: it cannot run (any more)."""
    del catalogue  # with another one it is compiled anew
    state = name if stage == "active" else f"{name}@{version[:12]}"
    try:
        compiled = from_texts(name, definition, template, in_force().catalogue, zone, calendar)
    except RulesetInvalid:
        return None
    return replace(compiled, state_id=state)


async def _around(request: Request, connection: Connection, device: str, at: str, areas: list[str]) -> list[Any]:
    """The signals of a device nearest to a moment."""
    reader = reader_of(request)
    try:
        moment = datetime.fromisoformat(at) if at else reader.now
    except ValueError as wrong:
        raise Problem(422, "field-invalid", field="at", reason=at) from wrong
    moment = moment if moment.tzinfo else moment.replace(tzinfo=reader.zone)
    given = {"device": device, "at": moment, "near": NEAR, "areas": areas}
    return await (await connection.execute(AROUND, given)).fetchall()
