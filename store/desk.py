"""What waits for the duty desk, list by list; every statement runs inside `viewed_by`, so row security scopes it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.lifecycle.permissions import RETURNS_BEFORE_BRAIN
from store.case_pages import CaseRow, cases_where
from store.organisation import containing
from store.pool import Connection

PAGE = 50
MOST_COUNTED = 100
PATROL = "grid-patrol-finding"
NO_HURRY = datetime(9990, 1, 1, tzinfo=UTC)  # where a case is listed whose clocks stand
DUE = "coalesce(c.due_at, '9990-01-01 00:00:00+00'::timestamptz)"
_BY_DEVICE = f"c.report IS NULL AND c.ruleset <> '{PATROL}'"
_BY_PERSON = f"(c.report IS NOT NULL OR c.ruleset = '{PATROL}')"
_RETURNS = "(c.state->>'returns')::int"
# each list in words that its partial index knows (migrations 0008 and 0018)
WAITING = {
    "alarms": f"c.stage = 'received' AND {_BY_DEVICE}",
    "alarms-verifying": f"c.stage = 'verifying' AND {_BY_DEVICE}",
    "intake": f"c.stage = 'received' AND {_BY_PERSON}",
    "intake-verifying": f"c.stage = 'verifying' AND {_BY_PERSON}",
    "dispatching": "c.stage = 'dispatching'",
    "returned": f"c.awaits = 'return' AND {_RETURNS} < {RETURNS_BEFORE_BRAIN}",
    "calls": "c.to_call",
    "requested": "c.awaits = 'request'",
    "returned-thrice": f"c.awaits = 'return' AND {_RETURNS} >= {RETURNS_BEFORE_BRAIN}",
    "closing": "c.stage = 'closing'",
}
Key = tuple[datetime, UUID]


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to."""

    area: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Waiting:
    """A page of a list, by deadline, and the key after which the next one begins (None: this is the last)."""

    rows: tuple[CaseRow, ...]
    next: Key | None = field(default=None)


def key_of(row: CaseRow) -> Key:
    return (row.due_at or NO_HURRY, row.case.id)


def _narrowed(name: str, wanted: Wanted) -> str:
    area = " AND starts_with(c.place, %(area)s)" if wanted.area else ""
    text = " AND (c.number ILIKE %(like)s OR c.title ILIKE %(like)s)" if wanted.text else ""
    return f"AND c.closed_at IS NULL AND {WAITING[name]}{area}{text}"


async def waiting(
    connection: Connection, name: str, wanted: Wanted, after: Key | None = None, limit: int = PAGE
) -> Waiting:
    """The nearest deadline first; what stands last."""
    behind = f" AND ({DUE}, c.id) > (%(after)s, %(after_id)s)" if after else ""
    at, last = after or (None, None)
    statement = f"{_narrowed(name, wanted)}{behind} ORDER BY {DUE}, c.id LIMIT %(limit)s"
    given: dict[str, Any] = {"after": at, "after_id": last, "limit": limit + 1}
    given |= {"area": wanted.area, "like": containing(wanted.text)}
    rows = await cases_where(connection, statement, given)
    if len(rows) <= limit:
        return Waiting(tuple(rows))
    return Waiting(tuple(rows[:limit]), key_of(rows[limit - 1]))


async def found_in(connection: Connection, name: str, case_id: UUID) -> CaseRow | None:
    """The case, where it waits in this list; None: it does not, or not for these eyes."""
    rows = await cases_where(
        connection, f"AND c.closed_at IS NULL AND {WAITING[name]} AND c.id = %(id)s", {"id": case_id}
    )
    return rows[0] if rows else None


async def counted(connection: Connection, names: tuple[str, ...]) -> dict[str, int]:
    """How many wait in each list, counted up to a hundred."""
    one = "SELECT FROM cases c WHERE c.state IS NOT NULL AND c.closed_at IS NULL"
    columns = ", ".join(
        f"(SELECT count(*) FROM ({one} AND {WAITING[name]} LIMIT {MOST_COUNTED}) n)"  # noqa: S608 - constants
        for name in names
    )
    row = await (await connection.execute(f"SELECT {columns}")).fetchone()
    assert row is not None  # noqa: S101 - a select of counts answers
    return dict(zip(names, row, strict=True))
