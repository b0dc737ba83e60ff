"""The shipped rulesets, as versions in the table `rulesets`."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog
from psycopg import AsyncConnection

from domain.rulesets import Stage, Started
from rules.compile import SHANGHAI
from rules.load import RULESET, calendar_beside, catalogue_beside, of_folder, read_texts
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
    asyncio.run(_load(owner_dsn, list(_runnable(folder))))


def _runnable(folder: Path) -> Iterator[VersionTexts]:
    paths = [path.parent for path in sorted(folder.glob(f"*/{RULESET}"))]
    catalogue, calendar = catalogue_beside(folder / "any"), calendar_beside(folder / "any")
    for path in paths:
        try:
            texts = read_texts(path)
            yield VersionTexts.of(of_folder(path.name, texts, catalogue, SHANGHAI, calendar), texts[0])
        except RulesetInvalid as invalid:
            log.warning("ruleset cannot run", folder=str(path), problems=[str(one) for one in invalid.problems])


async def _load(owner_dsn: str, shipped: Sequence[VersionTexts]) -> None:
    async with await AsyncConnection.connect(owner_dsn, autocommit=True) as connection:
        for version in shipped:
            async with connection.transaction():
                await add_version(connection, version, author=None)
                await _put_in_force(connection, version)


async def _put_in_force(connection: Connection, version: VersionTexts) -> None:
    await locked(connection, version.ruleset)
    before = await standing(connection, version.ruleset)
    touched = await (await connection.execute(TOUCHED, (version.ruleset,))).fetchone()
    if touched is None and before.versions[version.hash].stage is not Stage.ACTIVE:
        started = Started(version=version.hash, stage=Stage.ACTIVE)
        await append(connection, version.ruleset, before, [started], by=None)
