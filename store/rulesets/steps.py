"""The steps that versions took, as they were written down; how the versions stand follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from pydantic import TypeAdapter

from domain.rulesets import Approved, Asked, Drafted, Event, Retired, RolledBack, Ruleset, Stage, Started, evolved
from store.pool import Connection

CHANNEL = "linli_rulesets"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('linli.ruleset.' || %s, 0))"
STEPS = """
    SELECT s.id, s.ruleset, s.hash, s.step, s.stage, s.by, p.display_name AS by_name, s.at, s.note, s.areas,
           s.starts_at, s.key
    FROM ruleset_steps s LEFT JOIN people p ON p.id = s.by WHERE s.ruleset = %s ORDER BY s.id"""
APPEND = """
    INSERT INTO ruleset_steps (ruleset, hash, step, stage, by, note, areas, starts_at, key)
    VALUES (%(ruleset)s, %(hash)s, %(step)s, %(stage)s, %(by)s, %(note)s, %(areas)s, %(starts_at)s, %(key)s)"""
STAND = """
    UPDATE rulesets SET stage = %(stage)s, areas = %(areas)s, starts_at = %(starts_at)s,
        since = CASE WHEN stage = %(stage)s AND areas = %(areas)s THEN since ELSE clock_timestamp() END
    WHERE hash = %(hash)s
        AND (stage, areas, starts_at) IS DISTINCT FROM (%(stage)s, %(areas)s::text[], %(starts_at)s::timestamptz)"""
BY_KEY = "SELECT ruleset, hash, step, by FROM ruleset_steps WHERE key = %s"
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class KeyTaken(Exception):
    """The idempotency key was used for another request."""


@dataclass(frozen=True)
class StepRow:
    """What happened to a version, when and by whom; `by` None: the system, or a folder.

    `stage` is the one that was asked for, approved, refused, withdrawn or entered.
    """

    id: int
    ruleset: str
    hash: str
    step: str
    stage: str
    by: UUID | None
    by_name: str | None
    at: datetime
    note: str
    areas: list[str]
    starts_at: datetime | None
    key: UUID | None


async def steps(connection: Connection, ruleset: str) -> list[StepRow]:
    """All steps of a ruleset's versions, in order."""
    async with connection.cursor(row_factory=class_row(StepRow)) as cursor:
        return await (await cursor.execute(STEPS, (ruleset,))).fetchall()


async def standing(connection: Connection, ruleset: str) -> Ruleset:
    """How the versions of a ruleset stand, and who asked for what."""
    return evolved(_event(row) for row in await steps(connection, ruleset))


async def locked(connection: Connection, ruleset: str) -> None:
    """One step of a ruleset at a time; needs a transaction, and holds until it ends."""
    await connection.execute(LOCK, (ruleset,))


async def done_before(
    connection: Connection, key: UUID, ruleset: str, version: str | None, step: str, by: UUID | None
) -> bool:
    """Whether this request was carried out already; raises KeyTaken where the key belongs to another."""
    found = await (await connection.execute(BY_KEY, (key,))).fetchone()
    if found is None:
        return False
    if found != (ruleset, version or found[1], step, by):
        raise KeyTaken(key)
    return True


async def append(
    connection: Connection,
    ruleset: str,
    before: Ruleset,
    events: Sequence[Event],
    *,
    by: UUID | None,
    note: str = "",
    key: UUID | None = None,
) -> Ruleset:
    """Write down what happened to `before`, and how the versions stand now; the first step bears note and key."""
    after = before
    for number, event in enumerate(events):
        first = {"note": note, "key": key} if number == 0 else {"note": "", "key": None}
        said = {"ruleset": ruleset, "hash": event.version, "step": event.step, "by": by, **_said(after, event)}
        await connection.execute(APPEND, said | first)
        after = evolved([event], after)
    await _stand(connection, before, after)
    return after


async def _stand(connection: Connection, before: Ruleset, after: Ruleset) -> None:
    """Who leaves a stage is written before who enters it."""
    changed = [version for id_, version in after.versions.items() if before.versions.get(id_) != version]
    for version in sorted(changed, key=lambda one: one.stage is not Stage.RETIRED):
        starts = version.asking.starts_at if version.asking and version.asking.approved_by else None
        row = {"hash": version.id, "stage": version.stage.value, "areas": list(version.areas), "starts_at": starts}
        await connection.execute(STAND, row)
    await connection.execute(f"NOTIFY {CHANNEL}")


def _said(before: Ruleset, event: Event) -> dict[str, Any]:
    """The columns of a step that its kind fills."""
    match event:
        case Drafted():
            return {"stage": "draft", "areas": [], "starts_at": None}
        case Asked(stage=stage, areas=areas, starts_at=starts_at):
            return {"stage": stage.value, "areas": list(areas), "starts_at": starts_at}
        case Started(stage=stage, areas=areas):
            return {"stage": stage.value, "areas": list(areas), "starts_at": None}
        case Retired():
            return {"stage": "retired", "areas": [], "starts_at": None}
        case RolledBack():
            return {"stage": "active", "areas": [], "starts_at": None}
    asking = before.versions[event.version].asking
    assert asking is not None  # noqa: S101 - only what was asked is approved, refused or withdrawn
    starts_at = asking.starts_at if isinstance(event, Approved) else None
    return {"stage": asking.stage.value, "areas": list(asking.areas), "starts_at": starts_at}


def _event(row: StepRow) -> Event:
    person = str(row.by) if row.by else None
    of_kind: dict[str, dict[str, Any]] = {
        "drafted": {"author": person},
        "asked": {"stage": row.stage, "by": person, "areas": row.areas, "starts_at": row.starts_at},
        "approved": {"by": person},
        "started": {"stage": row.stage, "areas": row.areas},
    }
    return _EVENT.validate_python({"step": row.step, "version": row.hash, **of_kind.get(row.step, {})})
