"""Third round trip: events, projection, tasks, outbox, the command's answer, one notification."""

from uuid import UUID

from activities.advance.turn import Entry, Turn
from domain.cases import Case
from domain.events import (
    VERSION,
    Dispatched,
    Event,
    HandedTo,
    Inspected,
    Pressed,
    Reassigned,
)
from domain.lifecycle import deadline, next_due, task_of
from store.chain import StoredEvent, link
from store.ids import new_id
from store.pool import Connection, columns

EVENTS = """
    INSERT INTO case_events (case_id, version, type, v, data, at, actor, actor_name, transport, command_id, hash)
    SELECT c, n, t, v, d::json, at, a, name, way, command, h
    FROM unnest(%b::uuid[], %b::int[], %b::text[], %b::int[], %b::text[], %b::timestamptz[], %b::text[], %b::text[],
                %b::text[], %b::uuid[], %b::bytea[]) AS row (c, n, t, v, d, at, a, name, way, command, h)"""
PROJECTION = """
    UPDATE cases SET version = %(version)s, head = %(head)s, state = %(state)s, stage = %(stage)s, ending = %(ending)s,
        number = %(number)s, title = %(title)s, category = %(category)s, priority = %(priority)s,
        priority_rank = %(priority_rank)s, tier = %(tier)s, unit = %(unit)s, person = %(person)s,
        next_due = %(next_due)s, due_at = %(due_at)s, stage_since = %(stage_since)s, filed_at = %(filed_at)s,
        closed_at = %(closed_at)s, last_seen = %(last_seen)s
    WHERE id = %(id)s
    RETURNING pg_notify('linli_cases', id::text)"""
DONE = "UPDATE tasks SET done_at = %s WHERE case_id = %s AND done_at IS NULL"
TASK = """
    INSERT INTO tasks (id, case_id, kind, place, role, unit, person, created_at, due_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
TELL = """
    INSERT INTO outbox (key, case_id, person, audience, reason)
    SELECT k, %b, p::uuid, a, r FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[]) AS row (k, p, a, r)
    ON CONFLICT DO NOTHING"""


async def write(connection: Connection, turn: Turn, before: Case | None, head: bytes) -> None:
    """Queue everything that the turn adds; the surrounding pipeline sends it with the commit."""
    case = turn.case
    assert isinstance(case, Case)  # noqa: S101 - a turn with entries has at least received the case
    rows = []
    for entry in turn.entries:
        stored = _stored(case.id, entry)
        head = link(head, stored)
        rows.append((*stored, head))
    await connection.execute(EVENTS, columns(rows))
    messages = [message for entry in turn.entries for message in _messages(case, entry)]
    if messages:
        await connection.execute(TELL, (case.id, *columns(messages)))
    await connection.execute(PROJECTION, _projection(case, head))
    await _tasks(connection, turn, before)


def _stored(case_id: UUID, entry: Entry) -> StoredEvent:
    event = entry.recorded.event
    return StoredEvent(
        case_id=case_id,
        version=entry.recorded.version,
        type=event.type,
        v=VERSION,
        data=event.model_dump_json(exclude={"type"}),
        at=entry.recorded.at,
        actor=entry.recorded.by,
        actor_name=entry.actor_name,
        transport=entry.recorded.transport,
        command_id=entry.command_id,
    )


def _projection(case: Case, head: bytes) -> dict[str, object]:
    return {
        "id": case.id,
        "version": case.version,
        "head": head,
        "state": case.model_dump_json(),
        "stage": case.stage.value,
        "ending": case.ending.value if case.ending else None,
        "number": case.number,
        "title": case.title,
        "category": case.category,
        "priority": case.priority.value,
        "priority_rank": case.priority.rank,
        "tier": case.tier.value,
        "unit": case.unit,
        "person": case.person.id if case.person else None,
        "next_due": next_due(case),
        "due_at": deadline(case),
        "stage_since": case.stage_since,
        "filed_at": case.filed_at,
        "closed_at": case.closed_at,
        "last_seen": case.last_seen,
    }


async def _tasks(connection: Connection, turn: Turn, before: Case | None) -> None:
    case = turn.case
    assert isinstance(case, Case)  # noqa: S101 - as in `write`
    task = task_of(case)
    if before is not None and task == task_of(before):
        return
    if before is not None:
        await connection.execute(DONE, (turn.now, case.id))
    if task is not None:
        person = task.person.id if task.person else None
        row = (new_id(), case.id, task.kind, case.place, task.role.value, task.unit, person, turn.now, task.due)
        await connection.execute(TASK, row)


def _messages(case: Case, entry: Entry) -> list[tuple[str, str | None, str | None, str]]:
    """Who is to be told of an event: (dedupe key, person or None, audience or None, reason)."""
    key = f"{case.id}:{entry.recorded.version}"
    event: Event = entry.recorded.event
    match event:
        case Dispatched(person=person, unit=unit) | Reassigned(person=person, unit=unit):
            who = person.id if person else None
            return [(key, who, None if person else f"liaison:{unit}", "assigned")]
        case HandedTo(person=person):
            return [(key, person.id, None, "assigned")]
        case Inspected(passed=False) if case.person:
            return [(key, case.person.id, None, "rework")]
        case Pressed(notice=notice, to=to):
            holder = case.person.id if to.value == "holder" and case.person else None
            return [(key, holder, None if holder else f"{to.value}:{case.tier.value}", f"clock:{notice}")]
        case _:
            return []


async def remember(connection: Connection, command_id: UUID, outcome: str, version: int) -> None:
    """Only accepted commands are remembered: a refused one may be given again."""
    await connection.execute(
        "UPDATE commands SET outcome = %s, version = %s WHERE id = %s", (outcome, version, command_id)
    )
