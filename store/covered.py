"""What an open case kept from cases of their own: muted, taken in, or merged in a storm.

Run it inside `viewed_by`: what lies outside the viewer's areas is left out.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from store.pool import Connection

PAGE = 20
COVERED = """
    SELECT id, at, effect, ruleset, rule, matter->>'title' AS title FROM decisions
    WHERE case_id = %(case)s AND effect IN ('muted', 'joined', 'storm') AND linli_sees(matter->>'place')
      AND (%(at)s::timestamptz IS NULL OR (at, id) < (%(at)s, %(id)s))
    ORDER BY at DESC, id DESC LIMIT %(limit)s"""


@dataclass(frozen=True)
class Matter:
    """One of them, as a case of it would have been called."""

    id: UUID
    at: datetime
    effect: str
    ruleset: str
    rule: str
    title: str


@dataclass(frozen=True)
class Page:
    """Newest first, and after which the next page begins (None: this is the last)."""

    rows: tuple[Matter, ...] = ()
    next: tuple[datetime, UUID] | None = None


async def covered_by(connection: Connection, case: UUID, after: tuple[datetime, UUID] | None = None) -> Page:
    at, last = after or (None, None)
    async with connection.cursor(row_factory=class_row(Matter)) as cursor:
        await cursor.execute(COVERED, {"case": case, "at": at, "id": last, "limit": PAGE + 1})
        rows = await cursor.fetchall()
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(tuple(rows[:PAGE]), (more.at, more.id) if more else None)
