"""The list of rulesets: what is in force, who waits for an answer, and how each is doing.

What is counted over cases is counted over those that the connection sees (`viewed_by`).
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import dict_row

from store.pool import Connection

RULESETS = """
    SELECT id, (array_agg(title ORDER BY in_force DESC, created_at DESC))[1] AS title,
           max(hash) FILTER (WHERE stage = 'active') AS active,
           max(hash) FILTER (WHERE stage = 'canary') AS canary,
           max(hash) FILTER (WHERE stage = 'shadow') AS shadow,
           coalesce(max(areas) FILTER (WHERE stage = 'canary'), '{}') AS canary_areas,
           count(*) FILTER (WHERE stage = 'draft') AS drafts,
           count(*) FILTER (WHERE stage <> 'retired' AND quarantined_at IS NOT NULL) AS quarantined,
           count(*) FILTER (WHERE stage <> 'retired' AND faults IS NOT NULL) AS faulty,
           (array_agg(author_name ORDER BY in_force DESC, created_at DESC))[1] AS author,
           max(since) AS changed_at, min(starts_at) AS starts_at
    FROM (SELECT r.*, stage IN ('active', 'canary', 'shadow') AS in_force, p.display_name AS author_name
          FROM rulesets r LEFT JOIN people p ON p.id = r.author) r
    GROUP BY id ORDER BY id"""
ASKED = """
    SELECT ruleset, count(*) FROM (
        SELECT DISTINCT ON (hash) ruleset, step FROM ruleset_steps ORDER BY hash, id DESC) last
    WHERE step = 'asked' GROUP BY ruleset"""
HITS = """
    SELECT ruleset, count(*) FROM decisions
    WHERE at > now() - interval '7 days' AND stage <> 'shadow' AND rule IS NOT NULL GROUP BY ruleset"""
CASES = """
    SELECT ruleset, count(*) FILTER (WHERE received_at > now() - interval '7 days') AS cases,
           count(*) FILTER (WHERE closed_at IS NOT NULL AND outcome IN ('true', 'solved')) AS true_ones,
           count(*) FILTER (WHERE ending = 'untrue' OR closed_at IS NOT NULL AND outcome IN ('false', 'test', 'fault'))
               AS false_ones
    FROM cases WHERE received_at > now() - interval '30 days' GROUP BY ruleset"""


@dataclass(frozen=True)
class Health:
    """`hits` of rules and `cases` opened in the last 7 days; what closed cases of the last 30 days turned out to be."""

    hits: int = 0
    cases: int = 0
    true_ones: int = 0
    false_ones: int = 0

    @property
    def false_alarm_rate(self) -> float | None:
        """Between 0 and 1; None: no case has been judged yet."""
        judged = self.true_ones + self.false_ones
        return self.false_ones / judged if judged else None


@dataclass(frozen=True)
class Summary:
    """A ruleset in the list: the hashes of what is in each stage, and counts of what else there is.

    `author` None: it lay in a folder. `asked`: versions that wait for a second person. `starts_at`: the next one that
    was approved.
    """

    id: str
    title: str
    active: str | None
    canary: str | None
    shadow: str | None
    canary_areas: list[str]
    drafts: int
    quarantined: int
    faulty: int
    author: str | None
    changed_at: datetime
    starts_at: datetime | None
    asked: int
    health: Health


async def listing(connection: Connection) -> list[Summary]:
    """All rulesets, by id."""
    asked: dict[str, int] = dict(await (await connection.execute(ASKED)).fetchall())
    hits: dict[str, int] = dict(await (await connection.execute(HITS)).fetchall())
    cases = {row[0]: row[1:] for row in await (await connection.execute(CASES)).fetchall()}
    async with connection.cursor(row_factory=dict_row) as cursor:
        found = await (await cursor.execute(RULESETS)).fetchall()
    return [
        Summary(
            **row,
            asked=asked.get(row["id"], 0),
            health=Health(hits.get(row["id"], 0), *cases.get(row["id"], ())),
        )
        for row in found
    ]
