"""The one transaction of perception: fence, state, signals, decisions, cases and their news."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from activities.perceive.ambient import share
from activities.perceive.concluding import Conclusion
from activities.perceive.correlating import closed_lately, covered, open_keys
from activities.perceive.placing import Placed, Told, Wanted, open_cases
from activities.perceive.storms import near_the_limit, stormed, summarised
from domain.canonical import canonical_json
from domain.rulesets import Stage
from rules.ambient import AmbientValue
from rules.effects import Effect
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
STILL_OPEN = "SELECT dedupe_key, id FROM cases WHERE dedupe_key = ANY (%s) AND closed_at IS NULL ORDER BY id FOR UPDATE"
TELL_CASES = """
    INSERT INTO case_inbox (case_id, body)
    SELECT c, b::json FROM unnest(%b::uuid[], %b::text[]) WITH ORDINALITY AS row (c, b, n) ORDER BY n"""
# pages of the covering cases show at once what they took in
SHOW = """
    SELECT pg_notify('linli_cases', json_build_object('id', id, 'place', place)::text) FROM cases
    WHERE id = ANY (%s) AND state IS NOT NULL"""
REMEMBER = """
    INSERT INTO decisions (id, signal_id, ruleset, hash, rule, detection, case_id, at, explanation, stage, effect,
                           matter)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
UNSEEN = frozenset({Effect.MUTED, Effect.JOINED, Effect.STORM})  # no case shows what they were: the decision does


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
    heard: Sequence[AmbientValue] = (),
) -> None:
    """Commit everything that follows from the rows up to `moved[1]`. Raises Lost where the fence has fallen.

    `heard`: what other partitions must know of.
    """
    old, new = moved
    async with connection.pipeline() as pipeline, connection.transaction():
        fence = await connection.execute(MOVE, (new, partition, epoch, old))
        await pipeline.sync()  # a former owner must not try the rest: it would trip over the present one's rows
        if fence.rowcount != 1:
            raise Lost
        await _write_states(connection, partition, states)
        if new > old:
            await connection.execute(COPY_SIGNALS, (partition, old, new))
        await share(connection, heard)
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
    live = [c for c in conclusions if c.stage is not Stage.SHADOW]
    placed, told = await _place(connection, _wanted(live))
    open_now = {key: place.case for key, place in placed.items() if place.effect not in UNSEEN}
    ended = [key for c in live for key in c.keys if key not in open_now]
    open_now |= await _still_open(connection, ended)
    fresh = dict(placed)
    for conclusion in conclusions:
        matter = conclusion.decision.matter if conclusion.decision else None
        place = None
        if conclusion.stage is not Stage.SHADOW:
            told += [Told(open_now[key], conclusion.news) for key in conclusion.keys if key in open_now]
            place = fresh.pop(matter.dedupe_key, None) or _again(placed[matter.dedupe_key]) if matter else None
            told += _heard(conclusion, place) if place else ()
        if conclusion.decision and conclusion.decision.rule is not None:
            await connection.execute(REMEMBER, _decision(conclusion, place))
    covering = {place.case for place in placed.values() if place.effect in UNSEEN}
    if covering:
        await connection.execute(SHOW, (list(covering),))
    if told:
        rows = [(case, news.model_dump_json()) for case, news in told]
        await connection.execute(TELL_CASES, columns(rows))
        await connection.execute("NOTIFY linli_case_inbox")


def _wanted(conclusions: Sequence[Conclusion]) -> list[Wanted]:
    """One per dedupe key, as the first conclusion that names it wants it."""
    wanted: dict[str, Wanted] = {}
    for conclusion in conclusions:
        decision = conclusion.decision
        if decision is not None and decision.matter is not None and decision.matter.dedupe_key not in wanted:
            wanted[decision.matter.dedupe_key] = Wanted(
                matter=decision.matter,
                detection=conclusion.detection,
                news=conclusion.news,
                guard=decision.guard,
                children=decision.children,
                correlate=decision.correlate,
            )
    return list(wanted.values())


async def _place(connection: Connection, wanted: Sequence[Wanted]) -> tuple[dict[str, Placed], list[Told]]:
    """Where each matter goes. Most simply get their case; the others come after these, which may cover them."""
    stormy = await near_the_limit(connection, wanted)
    plain: list[Wanted] = []
    asking: list[Wanted] = []
    for one in wanted:
        (asking if one.correlate or one.reopens or one.matter.ruleset in stormy else plain).append(one)
    placed, told = await open_cases(connection, plain)
    if asking:
        there = await open_keys(connection, asking)
        new = [one for one in asking if one.key not in there]
        placed |= await covered(connection, new)
        placed |= await closed_lately(connection, [one for one in new if one.key not in placed])
        left = [one for one in new if one.key not in placed and one.matter.ruleset in stormy]
        summaries, of_storms = await summarised(connection, await stormed(connection, left))
        placed |= summaries
        opened, of_children = await open_cases(connection, [one for one in asking if one.key not in placed])
        placed |= opened
        told += [*of_storms, *of_children]
    return placed, told


def _again(place: Placed) -> Placed:
    """What becomes of a matter of the same key later in the transaction."""
    return place if place.effect in UNSEEN else Placed(place.case, Effect.AGAIN)


def _heard(conclusion: Conclusion, place: Placed) -> list[Told]:
    """What the case hears that a matter went to; what it mutes, and what a storm brings, it only shows."""
    match place.effect:
        case Effect.MUTED | Effect.STORM:
            return []
        case Effect.JOINED:
            return [Told(place.case, conclusion.news.model_copy(update={"kind": "joined"}))]
        case _:
            news = conclusion.news
            if place.effect is Effect.AGAIN and conclusion.decision is not None:
                news = news.model_copy(update={"children": conclusion.decision.children})
            return [Told(place.case, news.model_copy(update={"matter": place.matter}) if place.matter else news)]


async def _still_open(connection: Connection, keys: Sequence[str]) -> dict[str, UUID]:
    if not keys:
        return {}
    found = await connection.execute(STILL_OPEN, (sorted(set(keys)),))
    return dict(await found.fetchall())


def _decision(conclusion: Conclusion, place: Placed | None) -> tuple[object, ...]:
    detection, decision = conclusion.detection, conclusion.decision
    assert decision is not None  # noqa: S101 - only decided ones are remembered
    explanation = {
        "facts": dict(decision.facts),
        "conditions": list(decision.conditions),
        "losers": list(decision.losers),
        "change": detection.change.value,
    }
    unseen = decision.matter if place is None or place.effect in UNSEEN else None
    return (
        new_id(),
        detection.signal_id,
        decision.ruleset,
        decision.hash,
        decision.rule,
        detection.name,
        place.case if place else None,
        detection.at,
        canonical_json(explanation),
        conclusion.stage,
        place.effect if place else Effect.NONE,
        unseen.model_dump_json(exclude={"why"}) if unseen else None,
    )
