"""Cases as the installation's own tools list and look them up: all of them, also those that have not begun."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from domain.cases import Case, Stage
from domain.events import Event, upcast
from domain.lifecycle import light
from store.pool import Connection

_ROW = """
    SELECT id, number, ruleset, dedupe_key, title, stage, ending, category, priority, tier, place, unit,
           received_at, filed_at, due_at, closed_at, version, state::text AS state, clock_timestamp() AS now
    FROM cases"""
LIST = f"""{_ROW}
    WHERE (%(stage)s::text IS NULL OR stage = %(stage)s) AND (NOT %(open)s OR closed_at IS NULL)
      AND (%(after)s::uuid IS NULL OR (received_at, id) < (SELECT received_at, id FROM cases WHERE id = %(after)s))
    ORDER BY received_at DESC, id DESC LIMIT %(limit)s"""  # noqa: S608 - constants
FIND = f"{_ROW} WHERE id = %(id)s OR number = %(number)s"
TIMELINE = """
    SELECT version, type, v, data::text, at, actor, actor_name, transport FROM case_events
    WHERE case_id = %s ORDER BY version"""


def _item(row: dict[str, Any]) -> dict[str, Any]:
    """A case for a list; `person` is who holds it, `light` as of the moment it was read."""
    state, now = row.pop("state"), row.pop("now")
    case = Case.model_validate_json(state) if state else None
    row["matter"] = case.matter if case else row["dedupe_key"].split("/")[1]
    row["person"] = {"id": case.person.id, "name": case.person.name} if case and case.person else None
    row["light"] = light(case, now).value if case else "normal"
    return row


async def listing(
    connection: Connection,
    *,
    stage: Stage | None = None,
    only_open: bool = False,
    after: UUID | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Newest first, behind the case `after`."""
    wanted = {"stage": stage, "open": only_open, "after": after, "limit": limit}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(LIST, wanted)
        return [_item(row) for row in await cursor.fetchall()]


async def find(connection: Connection, case: str) -> dict[str, Any] | None:
    """A case by its id or its number: the item of the list, and `state`, the case as it stands."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(FIND, {"id": _as_id(case), "number": case.strip().upper()})
        row = await cursor.fetchone()
    if row is None:
        return None
    state = json.loads(row["state"]) if row["state"] else None
    return _item(row) | {"state": state}


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


async def timeline(connection: Connection, case_id: UUID) -> list[dict[str, Any]]:
    """What happened to a case, oldest first, as it was written."""
    found = await connection.execute(TIMELINE, (case_id,))
    return [_told(*row) for row in await found.fetchall()]


def _told(
    version: int, kind: str, v: int, data: str, at: datetime, actor: str, actor_name: str, transport: str
) -> dict[str, Any]:
    event: Event = upcast(kind, v, json.loads(data))
    return {
        "seq": version,
        "type": kind,
        "at": at,
        "actor": actor,
        "actor_name": actor_name,
        "transport": transport,
        "data": event.model_dump(mode="json", exclude={"type"}),
    }
