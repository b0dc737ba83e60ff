"""What two people agreed on begins at the time they set."""

from zoneinfo import ZoneInfo

import structlog
from psycopg import OperationalError

from activities.lasting import Failures
from domain.people import BY_RULE
from domain.rulesets import Declined, Refused, Start
from rules.problems import Problem
from store.pool import Connection
from store.rulesets import due_starts, faults, keep_faults, take, tell_author

log = structlog.get_logger("rulesets")


async def start_due(connection: Connection, zone: ZoneInfo, failures: Failures) -> None:
    """Start what is due. One that fails is tried again at the next round, and its author hears of it once."""
    for ruleset, version in await due_starts(connection):
        with failures.passed_over("a version does not start", ruleset=ruleset, version=version):
            try:
                await _start(connection, ruleset, version, zone)
            except OperationalError:  # the store is away, or busy
                raise
            except Exception as error:
                await _cannot_start(connection, ruleset, version, error)
                raise


async def _start(connection: Connection, ruleset: str, version: str, zone: ZoneInfo) -> None:
    """What has become faulty since it was approved is refused, and its author told."""

    async def problems(version: str) -> int:
        return len(await faults(connection, version, zone))

    try:
        taken = await take(connection, ruleset, Start(version=version), BY_RULE, problems=problems)
    except Refused as refused:  # withdrawn or refused at this moment
        log.info("does not start", ruleset=ruleset, version=version, code=refused.code)
        return
    log.info("step by itself", ruleset=ruleset, version=version, steps=[event.step for event in taken.events])
    if any(isinstance(event, Declined) for event in taken.events):
        found = await faults(connection, version, zone)
        key = f"cannot-start:{version}:{len(taken.ruleset.versions)}"
        await tell_author(connection, ruleset, version, "cannot-start", key, problem=str(found[0]) if found else "")


async def _cannot_start(connection: Connection, ruleset: str, version: str, error: Exception) -> None:
    """It failed in a way that lint does not know."""
    kind = type(error).__name__
    problem = Problem(ruleset, 1, "-", f"启用时出错：{kind}")
    key = f"cannot-start:{version}:{kind}"
    if await tell_author(connection, ruleset, version, "cannot-start", key, problem=problem.reason):
        await keep_faults(connection, version, [problem])
