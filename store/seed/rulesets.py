"""The shipped rulesets, as versions in the table `rulesets`."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog
from psycopg import AsyncConnection

from domain.rulesets import Stage, Started
from rules.compiled import Compiled
from rules.load import RULESET, load_folder
from rules.problems import RulesetInvalid
from settings.model import RULESETS
from store.pool import Connection
from store.rulesets import VersionTexts, add_version, standing
from store.rulesets.steps import append, locked

log = structlog.get_logger("rulesets")
TOUCHED = "SELECT FROM ruleset_steps WHERE ruleset = %s AND by IS NOT NULL LIMIT 1"


def load_rulesets(owner_dsn: str, folder: Path = RULESETS) -> None:
    """Make what lies in `folder` the active version of each ruleset. Idempotent.

    A ruleset that somebody has taken a step of in the console is theirs: what is new in its folder stays a draft. One
    that cannot run is left out, and does not keep the others from running: the list of rulesets says what is wrong.
    """
    asyncio.run(_load(owner_dsn, folder, list(_runnable(folder))))


def _runnable(folder: Path) -> Iterator[Compiled]:
    for path in sorted(folder.glob(f"*/{RULESET}")):
        try:
            yield load_folder(path.parent)
        except RulesetInvalid as invalid:
            log.warning("ruleset cannot run", folder=str(path.parent), problems=[str(one) for one in invalid.problems])


async def _load(owner_dsn: str, folder: Path, shipped: Sequence[Compiled]) -> None:
    async with await AsyncConnection.connect(owner_dsn, autocommit=True) as connection:
        for compiled in shipped:
            definition = (folder / compiled.id / RULESET).read_text(encoding="utf-8")
            async with connection.transaction():
                await add_version(connection, VersionTexts.of(compiled, definition), author=None)
                await _put_in_force(connection, compiled)


async def _put_in_force(connection: Connection, compiled: Compiled) -> None:
    await locked(connection, compiled.id)
    before = await standing(connection, compiled.id)
    touched = await (await connection.execute(TOUCHED, (compiled.id,))).fetchone()
    if touched is None and before.versions[compiled.hash].stage is not Stage.ACTIVE:
        started = Started(version=compiled.hash, stage=Stage.ACTIVE)
        await append(connection, compiled.id, before, [started], by=None)
