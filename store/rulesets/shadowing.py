"""What a version in shadow would have done, against what those in force did in the same time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from store.pool import Connection

MOST_EXAMPLES = 10  # of each rule and kind
# one matter speaks many times: the same key within a day is one case that would have been opened
WOULD = """
    WITH would AS (
        SELECT signal_id, rule, at, matter, matter->>'dedupe_key' AS key,
               lag(at) OVER (PARTITION BY matter->>'dedupe_key' ORDER BY at, id) AS before
        FROM decisions
        WHERE ruleset = %(ruleset)s AND hash = %(hash)s AND stage = 'shadow' AND at >= %(since)s AND rule IS NOT NULL
    )"""
COUNTS = f"""{WOULD}, firsts AS (
        SELECT * FROM would WHERE key IS NOT NULL AND (before IS NULL OR at - before > interval '24 hours')
    )
    SELECT rule, max(hits) AS hits, max(cases) AS cases FROM (
        SELECT rule, count(*) AS hits, 0 AS cases FROM would GROUP BY rule
        UNION ALL SELECT rule, 0, count(*) FROM firsts GROUP BY rule) counted
    GROUP BY rule ORDER BY rule"""  # noqa: S608 - constants
DID = """
    SELECT rule, count(*) AS hits, count(DISTINCT case_id) AS cases FROM decisions
    WHERE ruleset = %(ruleset)s AND stage <> 'shadow' AND at >= %(since)s AND rule IS NOT NULL
    GROUP BY rule ORDER BY rule"""
EXAMPLES = f"""{WOULD}, firsts AS (
        SELECT w.*, (SELECT d.case_id FROM decisions d
                     WHERE d.signal_id = w.signal_id AND d.ruleset = %(ruleset)s AND d.stage <> 'shadow'
                     AND d.case_id IS NOT NULL LIMIT 1) AS case_id
        FROM would w WHERE key IS NOT NULL AND (before IS NULL OR at - before > interval '24 hours')
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY rule, case_id IS NULL ORDER BY at DESC) AS rank FROM firsts
    )
    SELECT rule, at, signal_id, matter->>'title' AS title, matter->>'place' AS place, case_id FROM ranked
    WHERE rank <= {MOST_EXAMPLES} ORDER BY rule, at DESC"""  # noqa: S608 - constants
MISSED = f"""
    SELECT DISTINCT ON (d.case_id) d.rule, d.at, d.signal_id, '' AS title, '' AS place, d.case_id FROM decisions d
    WHERE d.ruleset = %(ruleset)s AND d.stage <> 'shadow' AND d.at >= %(since)s AND d.case_id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM decisions other JOIN decisions w ON w.signal_id = other.signal_id
            WHERE other.case_id = d.case_id AND w.ruleset = %(ruleset)s AND w.stage = 'shadow'
                AND w.hash = %(hash)s AND w.matter IS NOT NULL)
    ORDER BY d.case_id, d.at LIMIT {MOST_EXAMPLES}"""  # noqa: S608 - constants
CURRENT = "SELECT hash, since FROM rulesets WHERE id = %s AND stage = 'shadow'"


@dataclass(frozen=True)
class Example:
    """One matter. `case_id`: the case that what is in force opened for the same signal; None: it opened none."""

    rule: str
    at: datetime
    signal_id: UUID | None
    title: str
    place: str
    case_id: UUID | None


@dataclass(frozen=True)
class RuleShadow:
    """How often a rule hit and how many cases it opened: `would_…` in shadow, `did_…` of what is in force."""

    rule: str
    would_hit: int
    would_open: int
    did_hit: int
    did_open: int


@dataclass(frozen=True)
class Shadowing:
    """`more`: what would have been opened besides; `same`: what was opened too; `fewer`: cases it would not have."""

    hash: str
    since: datetime
    rules: tuple[RuleShadow, ...]
    more: tuple[Example, ...]
    same: tuple[Example, ...]
    fewer: tuple[Example, ...]


async def shadowing(connection: Connection, ruleset: str, since: datetime | None = None) -> Shadowing | None:
    """The comparison from `since` on (None: since it came into shadow); None: no version is in shadow."""
    current = await (await connection.execute(CURRENT, (ruleset,))).fetchone()
    if current is None:
        return None
    hash_, began = current
    begins = max(since, began) if since else began
    given = {"ruleset": ruleset, "hash": hash_, "since": begins}
    would = {rule: counts for rule, *counts in await (await connection.execute(COUNTS, given)).fetchall()}
    did = {rule: counts for rule, *counts in await (await connection.execute(DID, given)).fetchall()}
    async with connection.cursor(row_factory=class_row(Example)) as cursor:
        examples = await (await cursor.execute(EXAMPLES, given)).fetchall()
        fewer = await (await cursor.execute(MISSED, given)).fetchall()
    return Shadowing(
        hash=hash_,
        since=begins,
        rules=tuple(
            RuleShadow(rule, *would.get(rule, (0, 0)), *did.get(rule, (0, 0))) for rule in sorted({*would, *did})
        ),
        more=tuple(example for example in examples if example.case_id is None),
        same=tuple(example for example in examples if example.case_id is not None),
        fewer=tuple(fewer),
    )
