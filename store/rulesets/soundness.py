"""Whether a stored version may come into force: compiled with the catalogue in force, linted, its tests run."""

import asyncio
from zoneinfo import ZoneInfo

from rules.lint import blocking, lint_texts
from rules.problems import Problem
from store.catalogue import current_catalogue
from store.pool import Connection
from store.rulesets.versions import texts


async def faults(connection: Connection, hash_: str, zone: ZoneInfo) -> tuple[Problem, ...]:
    """Everything that keeps a version from coming into force; nothing of a version that is not there."""
    found = await texts(connection, hash_)
    if found is None:
        return ()
    catalogue = await current_catalogue(connection)
    _, problems = await asyncio.to_thread(lint_texts, found.ruleset, found.definition, found.template, catalogue, zone)
    return blocking(problems)
