"""What keeps a matter from a case of its own: an open case that covers it, or its own one that closed lately."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from activities.perceive.placing import Placed, Wanted
from domain.matters import STORM
from rules.compiled import Correlation
from rules.effects import Effect
from rules.places import group_of
from store.pool import Connection, columns

OPEN_KEYS = "SELECT dedupe_key FROM cases WHERE dedupe_key = ANY (%s) AND closed_at IS NULL"
# A case covers what lies in its place, and what lies in the same place of the asked level. A group that is no place
# (a device, a gateway) is the end of its key.
COVERING = f"""
    SELECT w.key, w.n, c.id FROM unnest(%b::text[], %b::int[], %b::text[], %b::text[], %b::text[], %b::text[])
        AS w (key, n, ruleset, head, place, around)
    CROSS JOIN LATERAL (
        SELECT id FROM cases c
        WHERE c.closed_at IS NULL AND c.ruleset = w.ruleset AND starts_with(c.dedupe_key, w.head)
          AND NOT starts_with(c.dedupe_key, w.ruleset || '/{STORM}/')
          AND CASE WHEN starts_with(w.around, '/')
                   THEN starts_with(w.place, c.place) OR starts_with(c.place, w.around)
                   ELSE right(c.dedupe_key, length(w.around) + 1) = '/' || w.around END
        ORDER BY c.received_at, c.id LIMIT 1) AS c
    ORDER BY w.key, w.n"""  # noqa: S608 - a constant
HOLD = "SELECT id FROM cases WHERE id = ANY (%s) AND closed_at IS NULL ORDER BY id FOR UPDATE"
# what was part of another case or never should have been one is not taken up again
LAST_CLOSED = """
    SELECT key, id FROM unnest(%b::text[], %b::timestamptz[]) AS w (key, since)
    CROSS JOIN LATERAL (
        SELECT id, closed_at, ending FROM cases
        WHERE dedupe_key = w.key AND closed_at IS NOT NULL ORDER BY closed_at DESC LIMIT 1) AS last
    WHERE last.closed_at >= w.since AND last.ending NOT IN ('linked', 'voided')"""


async def open_keys(connection: Connection, wanted: Iterable[Wanted]) -> set[str]:
    """Those that have an open case: they hear of it, whatever covers them."""
    found = await connection.execute(OPEN_KEYS, (sorted({one.key for one in wanted}),))
    return {key for (key,) in await found.fetchall()}


async def covered(connection: Connection, wanted: Sequence[Wanted]) -> dict[str, Placed]:
    """Which of these an open case mutes or takes in, by the first `correlate` that finds one."""
    asked = [(one.key, n, *_asked(correlation, one)) for one in wanted for n, correlation in enumerate(one.correlate)]
    if not asked:
        return {}
    rows = await (await connection.execute(COVERING, columns(asked))).fetchall()
    first: dict[str, tuple[int, UUID]] = {}
    for key, n, case in rows:
        first.setdefault(key, (n, case))
    held = await connection.execute(HOLD, (sorted({case for _, case in first.values()}),))
    still_open = {case for (case,) in await held.fetchall()}
    by_key = {one.key: one.correlate for one in wanted}
    return {
        key: Placed(case, Effect.JOINED if by_key[key][n].joins else Effect.MUTED)
        for key, (n, case) in first.items()
        if case in still_open
    }


def _asked(correlation: Correlation, one: Wanted) -> tuple[str, str, str, str]:
    around = group_of(correlation.by, one.detection.place, one.detection.device_id)
    head = f"{correlation.ruleset}/{correlation.matter}/" if correlation.matter else f"{correlation.ruleset}/"
    return correlation.ruleset, head, one.matter.place, around


async def closed_lately(connection: Connection, wanted: Iterable[Wanted]) -> dict[str, Placed]:
    """The last case of each key that closed so lately that it is taken up again; `wanted` have no open one."""
    asked = [(one.key, one.detection.received_at - one.matter.policy.reopen_within) for one in wanted if one.reopens]
    if not asked:
        return {}
    found = await connection.execute(LAST_CLOSED, columns(asked))
    return {key: Placed(case, Effect.REOPENED) for key, case in await found.fetchall()}
