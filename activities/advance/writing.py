"""Third round trip: events, projection, tasks, outbox, the command's answer, one notification."""

from datetime import datetime
from uuid import UUID

from activities.advance.telling import messages
from activities.advance.turn import Entry, Turn
from domain.cases import Case, Ending
from domain.events import PLAN, VERSION, Closed, Declined, ReturnRuled
from domain.lifecycle import deadline, next_due, tasks_of
from domain.matters import News
from domain.places import Level, at_level
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
        closed_at = %(closed_at)s, last_seen = %(last_seen)s, report = %(report)s, linked_to = %(linked_to)s,
        awaits = %(awaits)s
    WHERE id = %(id)s
    RETURNING pg_notify('linli_cases', json_build_object('id', id, 'place', place)::text)"""
DONE = """
    UPDATE tasks SET done_at = %s
    WHERE case_id = %s AND kind = %s AND unit IS NOT DISTINCT FROM %s AND done_at IS NULL"""
# A case that closes lets the one go on that it was opened with.
TELL_PARENT = "INSERT INTO case_inbox (case_id, body) VALUES (%s, %s) RETURNING pg_notify('linli_case_inbox', '')"
TASK = """
    INSERT INTO tasks (id, case_id, kind, place, role, unit, person, created_at, due_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
TELL = """
    INSERT INTO outbox (key, case_id, person, audience, reason, urgency)
    SELECT k, %b, p::uuid, a, r, u
    FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::int[]) AS row (k, p, a, r, u)
    ON CONFLICT DO NOTHING"""
# Who reported the same: their cases went into this one, or they said "me too".
ANSWER_FOLLOWERS = """
    WITH RECURSIVE part AS (
        SELECT %(case)s::uuid AS id
        UNION SELECT c.id FROM cases c JOIN part ON c.linked_to = part.id WHERE c.ending = 'linked')
    INSERT INTO outbox (key, case_id, audience, reason)
    SELECT %(key)s || ':' || report, %(case)s, 'report:' || report, 'followed' FROM (
        SELECT c.report FROM cases c JOIN part ON part.id = c.id WHERE c.id <> %(case)s AND c.report IS NOT NULL
        UNION SELECT r.id FROM reports r JOIN part ON part.id = r.follows) AS followers (report)
    ON CONFLICT DO NOTHING"""
PRECEDENT = """
    INSERT INTO precedents (id, category, handler, area, unit, owner, ground, case_id, ruled_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""


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
    told = [message for entry in turn.entries for message in messages(case, entry)]
    if told:
        await connection.execute(TELL, (case.id, *columns(told)))
    for entry in turn.entries:
        match entry.recorded.event:
            case ReturnRuled(granted=True) as ruled:
                await _remember_ruling(connection, case, ruled, turn.now)
            case (Closed() | Declined()) as over if over.ending is not Ending.LINKED:
                key = f"{case.id}:{entry.recorded.version}"
                await connection.execute(ANSWER_FOLLOWERS, {"case": case.id, "key": key})
    if case.parent is not None and case.settled and not (before and before.settled):
        await connection.execute(TELL_PARENT, (case.parent, _over(case, turn.now).model_dump_json()))
    await connection.execute(PROJECTION, _projection(case, head))
    await _tasks(connection, turn, before)


def _stored(case_id: UUID, entry: Entry) -> StoredEvent:
    event = entry.recorded.event
    data = event.model_dump_json(exclude={"type"})
    if entry.recorded.plan is not None:
        begun = data[:-1] + ("," if data != "{}" else "")
        data = f'{begun}"{PLAN}":{entry.recorded.plan.model_dump_json()}}}'
    return StoredEvent(
        case_id=case_id,
        version=entry.recorded.version,
        type=event.type,
        v=VERSION,
        data=data,
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
        "due_at": deadline(case) or (case.pause.until if case.pause else None),
        "stage_since": case.stage_since,
        "filed_at": case.filed_at,
        "closed_at": case.closed_at,
        "last_seen": case.last_seen,
        "report": case.report,
        "linked_to": case.linked_to,
        "awaits": _awaits(case),
    }


def _over(case: Case, now: datetime) -> News:
    return News(kind="child", detection=case.dedupe_key, ruleset=case.ruleset, at=now, received_at=now)


def _awaits(case: Case) -> str | None:
    """On what somebody has to rule."""
    if case.returned is not None:
        return "return"
    return "request" if case.request is not None else None


async def _remember_ruling(connection: Connection, case: Case, ruled: ReturnRuled, now: datetime) -> None:
    """The next matter of this kind around there goes to the owner at once."""
    around = at_level(case.place, Level.COMMITTEE) or case.place
    row = (new_id(), case.category, case.handler, around, ruled.unit, ruled.owner, ruled.ground, case.id, now)
    await connection.execute(PRECEDENT, row)


async def _tasks(connection: Connection, turn: Turn, before: Case | None) -> None:
    case = turn.case
    assert isinstance(case, Case)  # noqa: S101 - as in `write`
    old, new = tasks_of(before) if before else (), tasks_of(case)
    for task in old:
        if task not in new:
            await connection.execute(DONE, (turn.now, case.id, task.kind, task.unit))
    for task in new:
        if task not in old:
            person = task.person.id if task.person else None
            row = (new_id(), case.id, task.kind, case.place, task.role.value, task.unit, person, turn.now, task.due)
            await connection.execute(TASK, row)


async def remember(connection: Connection, command_id: UUID, outcome: str, version: int) -> None:
    """Only accepted commands are remembered: a refused one may be given again."""
    await connection.execute(
        "UPDATE commands SET outcome = %s, version = %s WHERE id = %s", (outcome, version, command_id)
    )
