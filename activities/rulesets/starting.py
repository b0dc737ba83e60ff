"""What two people agreed on begins at the time they set."""

from zoneinfo import ZoneInfo

import structlog

from domain.people import BY_RULE
from domain.rulesets import Declined, Refused, Start
from store.pool import Connection
from store.rulesets import due_starts, faults, take, tell_author

log = structlog.get_logger("rulesets")


async def start_due(connection: Connection, zone: ZoneInfo) -> None:
    """Start what is due; what has become faulty since it was approved is refused, and its author told."""

    async def problems(version: str) -> int:
        return len(await faults(connection, version, zone))

    for ruleset, version in await due_starts(connection):
        try:
            taken = await take(connection, ruleset, Start(version=version), BY_RULE, problems=problems)
        except Refused as refused:  # withdrawn or refused at this moment
            log.info("does not start", ruleset=ruleset, version=version, code=refused.code)
            continue
        log.info("step by itself", ruleset=ruleset, version=version, steps=[event.step for event in taken.events])
        if any(isinstance(event, Declined) for event in taken.events):
            found = await faults(connection, version, zone)
            key = f"cannot-start:{version}:{len(taken.ruleset.versions)}"
            await tell_author(connection, ruleset, version, "cannot-start", key, problem=str(found[0]) if found else "")
