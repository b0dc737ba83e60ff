"""What a backtest needs besides stored signals: the texts of versions, and the real cases of the period."""

from collections.abc import Sequence
from datetime import datetime

from activities.backtest.playing import Beside, Texts
from rules.backtest import RealCase
from rules.backtest.cases import alarm_of
from store import rulesets
from store.calendars import working_days
from store.catalogue import current_catalogue
from store.pool import Connection

REAL = """
    SELECT id, number, dedupe_key, place, received_at, closed_at, ending, state->>'outcome' FROM cases
    WHERE ruleset = ANY (%(rulesets)s) AND received_at < %(until)s AND (closed_at IS NULL OR closed_at > %(since)s)
      AND (%(area)s::text IS NULL OR place ^@ %(area)s OR %(area)s ^@ place)"""


async def texts_of(connection: Connection, hash_: str) -> Texts:
    """Raises LookupError where there is no such version."""
    found = await rulesets.texts(connection, hash_)
    if found is None:
        raise LookupError(hash_)
    return Texts(found.ruleset, found.definition, found.template)


async def beside(connection: Connection, zone: str) -> Beside:
    """What is in force now."""
    return Beside(await current_catalogue(connection), zone, await working_days(connection))


async def real_cases(
    connection: Connection, of: Sequence[str], since: datetime, until: datetime, area: str | None = None
) -> list[RealCase]:
    """The cases that these rulesets had open in the period, whatever version opened them."""
    values = {"rulesets": list(of), "since": since, "until": until, "area": area}
    found = await connection.execute(REAL, values)
    return [
        RealCase(case_id, number, key, place, opened_at, closed_at, alarm_of(ending, outcome))
        for case_id, number, key, place, opened_at, closed_at, ending, outcome in await found.fetchall()
    ]
