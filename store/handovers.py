"""What one shift hands to the next: a note and the open items as they stood, and who took it. Written once."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from store.case_pages import CaseRow, cases_where
from store.desk import DUE, WAITING
from store.ids import new_id
from store.pool import Connection, Pool

PAGE = 20
MOST_ITEMS = 30
# what the next shift must know, each with the order that matters; a case may stand in several
OPEN_ITEMS = {
    "urgent": f"c.priority = 'urgent' AND c.closed_at IS NULL ORDER BY {DUE}, c.id",
    "overdue": "c.closed_at IS NULL AND c.due_at <= clock_timestamp() ORDER BY c.due_at, c.id",
    "to-rule": f"c.closed_at IS NULL AND c.awaits IS NOT NULL ORDER BY {DUE}, c.id",
    "pause-ends": (
        "c.closed_at IS NULL AND c.pause IS NOT NULL AND c.next_due <= clock_timestamp() + interval '24 hours'"
        " ORDER BY c.next_due, c.id"
    ),
    "calls": f"c.closed_at IS NULL AND {WAITING['calls']} ORDER BY {DUE}, c.id",
}
_HANDOVER = """
    SELECT h.id, h.given_at, giver.display_name AS given_by, h.given_by AS giver, h.note, h.counts, h.items,
           t.taken_at, taker.display_name AS taken_by, t.note AS taken_note
    FROM handovers h JOIN people giver ON giver.id = h.given_by
    LEFT JOIN handovers_taken t ON t.handover = h.id LEFT JOIN people taker ON taker.id = t.taken_by
    WHERE h.unit = %(unit)s"""
LOG = f"""{_HANDOVER} AND (%(at)s::timestamptz IS NULL OR (h.given_at, h.id) < (%(at)s, %(after)s::uuid))
    ORDER BY h.given_at DESC, h.id DESC LIMIT %(limit)s"""
ONE = f"{_HANDOVER} AND h.id = %(id)s"


class HandoverRefused(Exception):
    def __init__(self, code: str, by: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.by = by


@dataclass(frozen=True)
class Handover:
    id: UUID
    given_at: datetime
    given_by: str
    giver: UUID
    note: str
    counts: dict[str, int]
    items: list[dict[str, Any]]
    taken_at: datetime | None
    taken_by: str | None
    taken_note: str | None


async def open_items(connection: Connection) -> dict[str, list[CaseRow]]:
    """What is open now, by what it asks of the desk; run it inside `viewed_by`."""
    given = {"limit": MOST_ITEMS}
    return {
        name: await cases_where(connection, f"AND {behind} LIMIT %(limit)s", given)
        for name, behind in OPEN_ITEMS.items()
    }


async def give(
    pool: Pool, unit: str, by: UUID, note: str, found: dict[str, list[CaseRow]], *, form: UUID | None = None
) -> UUID:
    """Write down the note and the open items as they stand; once per `form`, however often it is sent."""
    seen: dict[UUID, dict[str, str]] = {}
    for name, rows in found.items():
        for row in rows:
            seen.setdefault(row.case.id, {"id": str(row.case.id), "title": row.case.title, "why": name})
    id_ = form or new_id()
    counts = {name: len(rows) for name, rows in found.items()}
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO handovers (id, unit, given_by, note, counts, items) VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (id) DO NOTHING",
            (id_, unit, by, note, json.dumps(counts), json.dumps(list(seen.values()))),
        )
    return id_


async def take(pool: Pool, unit: str, handover: UUID, by: UUID, note: str) -> None:
    """The next shift has it. Raises HandoverRefused."""
    async with pool.connection() as connection, connection.transaction():
        found = await _one(connection, unit, handover)
        if found is None:
            raise HandoverRefused("handover-gone")
        if found.giver == by:
            raise HandoverRefused("handover-own")
        added = await connection.execute(
            "INSERT INTO handovers_taken (handover, taken_by, note) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (handover, by, note),
        )
        if added.rowcount == 0:
            raise HandoverRefused("handover-taken", found.taken_by or "")


async def _one(connection: Connection, unit: str, handover: UUID) -> Handover | None:
    async with connection.cursor(row_factory=class_row(Handover)) as cursor:
        await cursor.execute(ONE, {"unit": unit, "id": handover})
        return await cursor.fetchone()


async def log(
    connection: Connection, unit: str, after: tuple[datetime, UUID] | None = None, limit: int = PAGE
) -> tuple[list[Handover], tuple[datetime, UUID] | None]:
    """The duty log, newest first, and the key after which it goes on."""
    at, last = after or (None, None)
    wanted = {"unit": unit, "at": at, "after": last, "limit": limit + 1}
    async with connection.cursor(row_factory=class_row(Handover)) as cursor:
        await cursor.execute(LOG, wanted)
        found = await cursor.fetchall()
    following = (found[limit - 1].given_at, found[limit - 1].id) if len(found) > limit else None
    return found[:limit], following
