"""The one transaction of perception: fence, state, signals, decisions, cases and their news."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from activities.perceive.concluding import Conclusion
from domain.canonical import canonical_json
from rules.states import StateRow
from store.ids import new_id
from store.pool import Connection, columns

MOVE = "UPDATE partitions SET position = %s WHERE id = %s AND epoch = %s AND position = %s"
KEEP_STATE = """
    INSERT INTO perception_state (partition, key, state, due_at)
    SELECT %s, k, s::json, d FROM unnest(%b::text[], %b::text[], %b::timestamptz[]) AS row (k, s, d)
    ON CONFLICT (partition, key) DO UPDATE SET state = excluded.state, due_at = excluded.due_at"""
DROP_STATE = "DELETE FROM perception_state WHERE partition = %s AND key = ANY (%s)"
COPY_SIGNALS = """
    INSERT INTO signals
        (id, partition, seq, adapter, device_id, type, kind, phase, place, event_time, received_at, body)
    SELECT i.id, i.partition, i.seq, s.source->>'adapter', s.source->>'device_id', s.type, s.kind, s.phase,
           s.location->>'place_code', s.event_time, i.received_at, i.body
    FROM inbox i, json_to_record(i.body) AS s (source json, type text, kind text, phase text, location json,
                                               event_time timestamptz)
    WHERE i.partition = %s AND i.seq > %s AND i.seq <= %s"""
OPEN_CASES = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, title)
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[],
                         %b::text[])
    ON CONFLICT (dedupe_key) WHERE closed_at IS NULL
    DO UPDATE SET last_seen = greatest(cases.last_seen, excluded.last_seen)
    RETURNING dedupe_key, id"""
STILL_OPEN = "SELECT dedupe_key, id FROM cases WHERE dedupe_key = ANY (%s) AND closed_at IS NULL ORDER BY id FOR UPDATE"
TELL_CASES = """
    INSERT INTO case_inbox (case_id, body)
    SELECT c, b::json FROM unnest(%b::uuid[], %b::text[]) WITH ORDINALITY AS row (c, b, n) ORDER BY n"""
REMEMBER = """
    INSERT INTO decisions (id, signal_id, ruleset, hash, rule, detection, case_id, at, explanation)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""


class Lost(Exception):
    """The partition has another owner: nothing was written."""


async def write(
    connection: Connection,
    *,
    partition: int,
    epoch: int,
    moved: tuple[int, int],
    states: Mapping[str, StateRow | None],
    conclusions: Sequence[Conclusion],
) -> None:
    """Commit everything that follows from the rows up to `moved[1]`. Raises Lost where the fence has fallen."""
    old, new = moved
    async with connection.pipeline() as pipeline, connection.transaction():
        fence = await connection.execute(MOVE, (new, partition, epoch, old))
        await pipeline.sync()  # a former owner must not try the rest: it would trip over the present one's rows
        if fence.rowcount != 1:
            raise Lost
        await _write_states(connection, partition, states)
        if new > old:
            await connection.execute(COPY_SIGNALS, (partition, old, new))
        if conclusions:
            await _write_conclusions(connection, conclusions)


async def _write_states(connection: Connection, partition: int, states: Mapping[str, StateRow | None]) -> None:
    kept = {key: row for key, row in sorted(states.items()) if row is not None}
    dropped = [key for key, row in states.items() if row is None]
    if kept:
        bodies = [json.dumps(row.state) for row in kept.values()]
        dues = [row.due_at for row in kept.values()]
        await connection.execute(KEEP_STATE, (partition, list(kept), bodies, dues))
    if dropped:
        await connection.execute(DROP_STATE, (partition, dropped))


async def _write_conclusions(connection: Connection, conclusions: Sequence[Conclusion]) -> None:
    cases = await _open_cases(connection, conclusions)
    cases |= await _still_open(connection, [key for c in conclusions for key in c.keys if key not in cases])
    told: list[tuple[UUID, str]] = []
    for conclusion in conclusions:
        matter = conclusion.decision.matter if conclusion.decision else None
        keys = (matter.dedupe_key,) if matter else conclusion.keys
        told += [(cases[key], conclusion.news.model_dump_json()) for key in keys if key in cases]
        if conclusion.decision and conclusion.decision.rule is not None:
            case_id = cases[matter.dedupe_key] if matter else None
            await connection.execute(REMEMBER, _decision(conclusion, case_id))
    if told:
        await connection.execute(TELL_CASES, ([case for case, _ in told], [body for _, body in told]))
        await connection.execute("NOTIFY linli_case_inbox")


async def _open_cases(connection: Connection, conclusions: Sequence[Conclusion]) -> dict[str, UUID]:
    """One row per dedupe key, in the keys' order; an open case only hears that it was seen again."""
    wanted = {
        c.decision.matter.dedupe_key: (c.decision.matter, c.detection)
        for c in reversed(conclusions)
        if c.decision and c.decision.matter
    }
    if not wanted:
        return {}
    rows = [
        (new_id(), key, matter.ruleset, matter.place, detection.received_at, detection.at, matter.title)
        for key, (matter, detection) in sorted(wanted.items())
    ]
    opened = await connection.execute(OPEN_CASES, columns(rows))
    return dict(await opened.fetchall())


async def _still_open(connection: Connection, keys: Sequence[str]) -> dict[str, UUID]:
    if not keys:
        return {}
    found = await connection.execute(STILL_OPEN, (sorted(set(keys)),))
    return dict(await found.fetchall())


def _decision(conclusion: Conclusion, case_id: UUID | None) -> tuple[object, ...]:
    detection, decision = conclusion.detection, conclusion.decision
    assert decision is not None  # noqa: S101 - only decided ones are remembered
    explanation = {
        "facts": dict(decision.facts),
        "conditions": list(decision.conditions),
        "losers": list(decision.losers),
        "change": detection.change.value,
    }
    return (
        new_id(),
        detection.signal_id,
        decision.ruleset,
        decision.hash,
        decision.rule,
        detection.name,
        case_id,
        detection.at,
        canonical_json(explanation),
    )
