"""The storm guard: past so many cases of a ruleset in an hour, the rest goes into one summary case."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

import structlog

from activities.perceive.placing import Placed, Told, Wanted, open_cases
from domain.matters import Matter
from rules.effects import Effect
from rules.storms import AN_HOUR, beyond, summary_key, summary_of
from store.pool import Connection, columns
from store.rulesets.news import tell_author

# Up to this share of the limit nobody waits for anybody: so many readers may count at once, and stay within it.
READERS = 4
# One statement of every transaction that wants cases, from the index alone.
COUNT = """
    SELECT r, (SELECT count(*) FROM (SELECT FROM cases WHERE ruleset = r AND received_at > s LIMIT l) AS lately)
    FROM unnest(%b::text[], %b::timestamptz[], %b::int[]) AS asked (r, s, l)"""
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 8))"
ARRIVALS = "SELECT received_at FROM cases WHERE ruleset = %s AND received_at > %s"
PRIORITY = "SELECT priority_rank FROM cases WHERE id = %s"
log = structlog.get_logger("perception")


async def near_the_limit(connection: Connection, wanted: Sequence[Wanted]) -> frozenset[str]:
    """The rulesets that may pass their limit now; from here to the commit no other reader opens cases of theirs."""
    if not wanted:
        return frozenset()
    by_ruleset = _by_ruleset(wanted)
    calm = {ruleset: each[0].guard.per_hour // READERS for ruleset, each in by_ruleset.items()}
    near = await _more_than(connection, by_ruleset, calm)
    if not near:
        return frozenset()
    for ruleset in sorted(near):
        await connection.execute(ONE_AT_A_TIME, (ruleset,))
    limits = {ruleset: by_ruleset[ruleset][0].guard.per_hour for ruleset in near}
    return await _more_than(connection, by_ruleset, limits)


async def _more_than(
    connection: Connection, by_ruleset: dict[str, list[Wanted]], limits: dict[str, int]
) -> frozenset[str]:
    """The rulesets of `limits` that would have more cases in an hour, were all that is wanted of them opened."""
    rows = [(ruleset, _since(by_ruleset[ruleset]), most + 1) for ruleset, most in limits.items()]
    found = await (await connection.execute(COUNT, columns(rows))).fetchall()
    return frozenset(ruleset for ruleset, count in found if count + len(by_ruleset[ruleset]) > limits[ruleset])


async def stormed(connection: Connection, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Those of `wanted`, all new and of rulesets near their limit, that are beyond it."""
    found: list[Wanted] = []
    for ruleset, each in _by_ruleset(wanted).items():
        per_hour = each[0].guard.per_hour
        arrived = await (await connection.execute(ARRIVALS, (ruleset, _since(each)))).fetchall()
        in_order = sorted(each, key=lambda one: one.detection.received_at)
        over = beyond([at for (at,) in arrived], [one.detection.received_at for one in in_order], per_hour)
        found += [one for one, is_over in zip(in_order, over, strict=True) if is_over]
    return found


async def summarised(connection: Connection, wanted: Sequence[Wanted]) -> tuple[dict[str, Placed], list[Told]]:
    """The summary case of each of these matters, and what it hears: that it begins, or that it became more urgent."""
    placed: dict[str, Placed] = {}
    told: list[Told] = []
    for each in _grouped(wanted, lambda one: summary_key(one.guard, one.matter.place)):
        first = each[0]
        matter = summary_of(first.guard, [one.matter for one in each])
        opened, _ = await open_cases(connection, [first._replace(matter=matter, children=(), correlate=())])
        case, effect, _ = opened[matter.dedupe_key]
        placed |= {one.key: Placed(case, Effect.STORM) for one in each}
        if effect is Effect.OPENED:
            log.warning("storm", ruleset=matter.ruleset, per_hour=first.guard.per_hour, case=str(case))
            key, most = f"storm:{case}", first.guard.per_hour
            await tell_author(connection, matter.ruleset, matter.why.hash, "storm", key, per_hour=most, case=str(case))
        if effect is Effect.OPENED or await _is_less_urgent(connection, case, matter):
            told.append(Told(case, first.news.model_copy(update={"matter": matter})))
    return placed, told


async def _is_less_urgent(connection: Connection, case: UUID, matter: Matter) -> bool:
    row = await (await connection.execute(PRIORITY, (case,))).fetchone()
    return row is None or row[0] is None or row[0] < matter.priority.rank


def _since(wanted: Sequence[Wanted]) -> datetime:
    return min(one.detection.received_at for one in wanted) - AN_HOUR


def _by_ruleset(wanted: Sequence[Wanted]) -> dict[str, list[Wanted]]:
    return {each[0].matter.ruleset: each for each in _grouped(wanted, lambda one: one.matter.ruleset)}


def _grouped(wanted: Sequence[Wanted], key: Callable[[Wanted], str]) -> list[list[Wanted]]:
    return [list(each) for _, each in groupby(sorted(wanted, key=key), key=key)]
