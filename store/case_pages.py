"""What pages and the API read of cases: every statement runs inside `viewed_by`, so row security scopes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import dict_row

from domain.cases import Case, Light, PauseKind, Stage
from domain.events import Event, Handled, upcast
from domain.lifecycle import DESK_TASKS
from domain.matters import Tier
from domain.people import Actor, Role
from store.organisation import containing, nearest_label
from store.pool import Connection

PAGE = 50
MOST_TODOS = 200
NEVER = datetime.max.replace(tzinfo=UTC)
_ROW = f"""
    SELECT c.id, c.state::text AS state, c.received_at, c.due_at, {nearest_label("c.place")} AS place_label,
           units.label AS unit_label
    FROM cases c LEFT JOIN units ON units.id = c.unit
    WHERE c.state IS NOT NULL"""  # noqa: S608 - constants


@dataclass(frozen=True)
class CaseRow:
    """A case in a list."""

    case: Case
    place_label: str
    unit_label: str | None
    received_at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class Told:
    """An event of a case with who gave it and over which way in."""

    version: int
    at: datetime
    actor: str
    actor_name: str
    transport: str
    event: Event


@dataclass(frozen=True)
class CaseRecord:
    """Everything of one case: as it stands, and what happened, oldest first."""

    case: Case
    place_label: str
    unit_label: str | None
    events: tuple[Told, ...]


Happened = Literal["received", "filed", "signed", "closed"]


@dataclass(frozen=True)
class Filter:
    """What a list of cases is narrowed to; `stage` None: any, open and closed.

    `happened`: only those to which that happened at or after `since`. `light`, `pause` and `only_open`: open ones.
    """

    stage: Stage | None = None
    area: str | None = None
    person: UUID | None = None
    unit: str | None = None
    text: str = ""
    tier: Tier | None = None
    light: Light | None = None
    pause: PauseKind | None = None
    only_open: bool = False
    happened: Happened | None = None
    since: datetime | None = None

    @property
    def by_due(self) -> bool:
        """What is worked off is listed by its deadline; what happened, newest first."""
        waits = self.stage is not None and self.stage is not Stage.CLOSED
        return waits or self.light in (Light.OVERDUE, Light.DUE_SOON)


@dataclass(frozen=True)
class Page:
    """Rows, and the key after which the next page begins (None: this is the last)."""

    rows: tuple[CaseRow, ...]
    next: tuple[datetime, UUID] | None = field(default=None)


def _row(found: dict[str, Any]) -> CaseRow:
    case = Case.model_validate_json(found["state"])
    return CaseRow(
        case=case,
        place_label=found["place_label"] or case.place,
        unit_label=found["unit_label"],
        received_at=found["received_at"],
        due_at=found["due_at"],
    )


async def _rows(connection: Connection, statement: str, wanted: dict[str, Any]) -> list[CaseRow]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, wanted)
        return [_row(found) for found in await cursor.fetchall()]


async def cases_where(connection: Connection, behind: str, wanted: dict[str, Any]) -> list[CaseRow]:
    """Cases `c` for which `behind` holds: SQL that goes on after a WHERE clause, with its order and limit."""
    return await _rows(connection, f"{_ROW} {behind}", wanted)


LIT = {
    Light.OVERDUE: "c.due_at <= now()",
    Light.DUE_SOON: "c.due_at > now() AND c.yellow_at <= now()",
    Light.NORMAL: "(c.due_at > now() OR c.due_at IS NULL) AND (c.yellow_at > now() OR c.yellow_at IS NULL)",
}
HAPPENED: dict[Happened, str] = {
    "received": "c.received_at >= %(since)s",
    "filed": "c.filed_at >= %(since)s",
    "signed": "c.id IN (SELECT case_id FROM case_events WHERE type = 'signed' AND at >= %(since)s)",
    "closed": "c.closed_at >= %(since)s",
}


def condition(wanted: Filter) -> str:
    """SQL behind `WHERE c.state IS NOT NULL`: what `wanted` asks of a case `c`, with the parameters of `given`."""
    conditions = {
        "c.stage = %(stage)s": wanted.stage is not None,
        "c.closed_at IS NULL": wanted.by_due
        or wanted.only_open
        or wanted.light is not None
        or wanted.pause is not None,
        "starts_with(c.place, %(area)s)": wanted.area is not None,
        "c.person = %(person)s": wanted.person is not None,
        "c.unit = %(unit)s": wanted.unit is not None,
        "(c.number ILIKE %(like)s OR c.title ILIKE %(like)s)": bool(wanted.text),
        "c.tier = %(tier)s": wanted.tier is not None,
        "c.pause = %(pause)s": wanted.pause is not None,
        LIT.get(wanted.light or Light.NORMAL, ""): wanted.light is not None,
        HAPPENED[wanted.happened or "received"]: wanted.happened is not None,
    }
    return "".join(f" AND {condition}" for condition, asked in conditions.items() if asked)


def given(wanted: Filter) -> dict[str, Any]:
    """The parameters of `condition`."""
    return {
        "stage": wanted.stage,
        "area": wanted.area,
        "person": wanted.person,
        "unit": wanted.unit,
        "like": containing(wanted.text),
        "tier": wanted.tier,
        "pause": wanted.pause,
        "since": wanted.since,
    }


def _key(wanted: Filter) -> str:
    """The column that orders the list and continues it."""
    if wanted.by_due:
        return "due_at"
    return {"filed": "filed_at", "closed": "closed_at"}.get(wanted.happened or "", "received_at")


async def list_cases(
    connection: Connection, wanted: Filter, after: tuple[datetime, UUID] | None = None, limit: int = PAGE
) -> Page:
    """A page of cases: what is worked off by due date, else newest first."""
    key = _key(wanted)
    order, beyond = ("", ">") if wanted.by_due else (" DESC", "<")
    behind = f" AND (c.{key}, c.id) {beyond} (%(after)s, %(after_id)s)" if after else ""
    statement = f"{_ROW}{condition(wanted)}{behind} ORDER BY c.{key}{order}, c.id{order} LIMIT %(limit)s"
    at, last_id = after or (None, None)
    rows = await _rows(connection, statement, given(wanted) | {"after": at, "after_id": last_id, "limit": limit + 1})
    if len(rows) <= limit:
        return Page(tuple(rows))
    last = rows[limit - 1]
    moment = {"filed_at": last.case.filed_at, "closed_at": last.case.closed_at}.get(key) or (
        last.due_at if wanted.by_due else last.received_at
    )
    return Page(tuple(rows[:limit]), (moment, last.case.id) if moment else None)


BESIDE = f"""{_ROW} AND c.closed_at IS NULL AND c.id IN (
        SELECT case_id FROM tasks WHERE unit = %(unit)s AND kind = 'answer_joint' AND done_at IS NULL)
    ORDER BY c.due_at, c.id LIMIT %(limit)s"""  # noqa: S608 - constants


async def concerning(connection: Connection, actor: Actor) -> list[CaseRow]:
    """Open cases on which this person may have to act next, by due date: theirs, their unit's, their desk's.

    Their unit's are also those on which it acts beside the handler.
    """
    beside = await _rows(connection, BESIDE, {"unit": actor.unit, "limit": MOST_TODOS}) if actor.unit else []
    desks = [stage.value for stage, (_, role) in DESK_TASKS.items() if role in actor.roles]
    statement = f"""{_ROW} AND c.closed_at IS NULL AND (
            c.person = %(person)s::uuid
            OR (c.unit = %(unit)s AND (c.person IS NULL OR (%(liaison)s AND c.stage = 'assigned')))
            OR c.stage = ANY (%(desks)s))
        ORDER BY c.due_at, c.id LIMIT %(limit)s"""
    given = {
        "person": actor.id,
        "unit": actor.unit,
        "liaison": Role.LIAISON in actor.roles,
        "desks": desks,
        "limit": MOST_TODOS,
    }
    own = await _rows(connection, statement, given)
    return _by_due(own, beside) if beside else own


def _by_due(own: Iterable[CaseRow], beside: Iterable[CaseRow]) -> list[CaseRow]:
    """Each once; what has no deadline comes last."""
    rows = {row.case.id: row for row in (*own, *beside)}
    return sorted(rows.values(), key=lambda row: (row.due_at or NEVER, row.case.id))


async def read_case(connection: Connection, case_id: UUID) -> CaseRecord | None:
    """A case with its record; None: there is none, or not for these eyes."""
    rows = await _rows(connection, f"{_ROW} AND c.id = %(id)s", {"id": case_id})
    if not rows:
        return None
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT version, type, v, data, at, actor, actor_name, transport FROM case_events"
            " WHERE case_id = %s ORDER BY version",
            (case_id,),
        )
        events = tuple(_told(found) for found in await cursor.fetchall())
    row = rows[0]
    return CaseRecord(row.case, row.place_label, row.unit_label, events)


def _told(found: dict[str, Any]) -> Told:
    return Told(
        version=found["version"],
        at=found["at"],
        actor=found["actor"],
        actor_name=found["actor_name"],
        transport=found["transport"],
        event=upcast(found["type"], found["v"], found["data"]),
    )


async def standing(connection: Connection, case_id: UUID) -> Case | None:
    """Only how the case stands."""
    cursor = await connection.execute("SELECT state::text FROM cases WHERE id = %s", (case_id,))
    row = await cursor.fetchone()
    return Case.model_validate_json(row[0]) if row and row[0] else None


async def last_handlings(connection: Connection, cases: Sequence[UUID]) -> dict[UUID, Handled]:
    """How each of these cases was handled last; a case that never was is missing."""
    cursor = await connection.execute(
        "SELECT DISTINCT ON (case_id) case_id, v, data FROM case_events"
        " WHERE case_id = ANY (%s) AND type = 'handled' ORDER BY case_id, version DESC",
        (list(cases),),
    )
    events = {case_id: upcast("handled", v, data) for case_id, v, data in await cursor.fetchall()}
    return {case_id: event for case_id, event in events.items() if isinstance(event, Handled)}


async def photos(connection: Connection, cases: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, str]]]:
    """The photos that steps of these cases brought, oldest first: id and kind."""
    cursor = await connection.execute(
        "SELECT e.case_id, e.id, e.kind FROM evidence e WHERE e.case_id = ANY (%s) AND EXISTS ("
        " SELECT FROM case_events v WHERE v.case_id = e.case_id AND v.data->>'evidence' LIKE '%%' || e.id || '%%')"
        " ORDER BY e.uploaded_at, e.id",
        (list(cases),),
    )
    found: dict[UUID, list[tuple[UUID, str]]] = {case: [] for case in cases}
    for case_id, evidence, kind in await cursor.fetchall():
        found[case_id].append((evidence, kind))
    return found
