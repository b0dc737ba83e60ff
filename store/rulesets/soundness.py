"""Whether a stored version may come into force: compiled with what is in force around it, linted, tested."""

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rules.lint import blocking, lint_texts
from rules.problems import Problem
from store.calendars import working_days
from store.catalogue import current_catalogue
from store.pool import Connection
from store.rulesets.folders import in_json
from store.rulesets.versions import texts

KEEP = "UPDATE rulesets SET faults = %s WHERE hash = %s"


async def keep_faults(connection: Connection, hash_: str, problems: Sequence[Problem]) -> None:
    """Why a version cannot run; the lists of rulesets show that it does not."""
    await connection.execute(KEEP, (in_json(problems), hash_))


async def faults(connection: Connection, hash_: str, zone: ZoneInfo) -> tuple[Problem, ...]:
    """Everything that keeps a version from coming into force; nothing of a version that is not there."""
    found = await texts(connection, hash_)
    if found is None:
        return ()
    beside = (await current_catalogue(connection), zone, await working_days(connection))
    _, problems = await asyncio.to_thread(lint_texts, found.ruleset, found.definition, found.template, *beside)
    return blocking(problems)
