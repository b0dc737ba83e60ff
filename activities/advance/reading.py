"""First round trip: lock the case, take its news, find the command."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncPipeline

from domain.cases import Case, NewCase
from domain.commands import COMMAND, Command
from domain.matters import News
from domain.people import Actor, the_reporter
from store.pool import Connection

LOCK = """
    SELECT state::text, head, clock_timestamp(),
           (SELECT at FROM case_events e WHERE e.case_id = cases.id AND e.version = cases.version),
           (SELECT count(*) FROM calendars)
    FROM cases WHERE id = %s FOR UPDATE"""
TAKE_NEWS = "DELETE FROM case_inbox WHERE case_id = %s RETURNING seq, body::text"
FIND_COMMAND = """
    SELECT c.body::text, c.transport, c.actor, c.outcome::text, p.display_name, p.roles, p.areas, p.unit
    FROM commands c LEFT JOIN people p ON p.id = c.actor::uuid WHERE c.id = %s AND c.case_id = %s FOR UPDATE OF c"""


class CaseUnknown(LookupError):
    """There is no such case: its workflow has nothing to do."""


@dataclass(frozen=True)
class Given:
    """A person's command as it was stored, and who gave it."""

    id: UUID
    command: Command
    actor: Actor
    transport: str
    stored_outcome: str | None


@dataclass(frozen=True)
class Found:
    """A case under its lock."""

    case: Case | NewCase
    head: bytes
    now: datetime
    news: tuple[News, ...]
    given: Given | None
    calendars: int  # how many versions are stored: they never change, so the number says whether one is new


async def lock_and_read(
    connection: Connection, pipeline: AsyncPipeline, case_id: UUID, command_id: UUID | None
) -> Found:
    """Lock the case's row and take what waits for it; its news are gone once the transaction commits.

    `now` is the store's clock after the lock, never before the last event. Raises CaseUnknown.
    """
    locked = await connection.execute(LOCK, (case_id,))
    taken = await connection.execute(TAKE_NEWS, (case_id,))
    asked = await connection.execute(FIND_COMMAND, (command_id, case_id)) if command_id else None
    await pipeline.sync()
    row = await locked.fetchone()
    if row is None:
        raise CaseUnknown(str(case_id))
    state, head, clock, last_at, calendars = row
    news = tuple(News.model_validate_json(body) for _, body in sorted(await taken.fetchall(), key=lambda r: r[0]))
    return Found(
        case=Case.model_validate_json(state) if state else NewCase(id=case_id),
        head=bytes(head),
        now=max(clock, last_at) if last_at else clock,
        news=news,
        given=_given(command_id, await asked.fetchone()) if asked and command_id else None,
        calendars=calendars,
    )


def _given(command_id: UUID, row: tuple[Any, ...] | None) -> Given | None:
    if row is None:
        return None
    body, transport, actor_id, outcome, name, roles, areas, unit = row
    if name is None:
        actor = the_reporter(actor_id)
    else:
        actor = Actor(id=actor_id, name=name, roles=frozenset(roles), areas=tuple(areas), unit=unit)
    return Given(command_id, COMMAND.validate_json(body), actor, transport, outcome)
