"""The versions in force, ready to run, and the names of places that their titles use."""

import asyncio
from dataclasses import dataclass, replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog
from psycopg.rows import class_row

from domain.calendars import Calendar
from domain.rulesets import Stage
from rules.catalogue import Catalogue
from rules.compiled import Compiled
from rules.load import from_texts
from rules.problems import Problem, RulesetInvalid
from store import calendars
from store.catalogue import current_catalogue
from store.pool import Connection
from store.rulesets.folders import in_json
from store.rulesets.news import tell_author
from store.rulesets.soundness import keep_faults

FOUND = """
    SELECT id, hash, stage, areas, definition, template, faults::text AS faults FROM rulesets
    WHERE stage IN ('active', 'canary', 'shadow') ORDER BY id, stage"""
CLEAR = "UPDATE rulesets SET faults = NULL WHERE hash = %s"
log = structlog.get_logger("rulesets")


@dataclass(frozen=True)
class Running:
    """A version in force; a canary decides in `areas` only."""

    compiled: Compiled
    stage: Stage = Stage.ACTIVE
    areas: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What makes it the same as another."""
        return self.compiled.hash, self.stage.value, self.areas


@dataclass(frozen=True)
class InForce:
    """Everything that runs, and the catalogue and the working days (None: the shipped ones) it was compiled with."""

    running: tuple[Running, ...]
    catalogue: Catalogue
    calendar: Calendar | None

    @property
    def active(self) -> tuple[Compiled, ...]:
        return tuple(one.compiled for one in self.running if one.stage is Stage.ACTIVE)


class Row(NamedTuple):
    id: str
    hash: str
    stage: str
    areas: list[str]
    definition: str
    template: str
    faults: str | None


async def active_rulesets(connection: Connection, zone: ZoneInfo) -> tuple[Compiled, ...]:
    """The active version of each ruleset."""
    return (await in_force(connection, zone)).active


async def in_force(connection: Connection, zone: ZoneInfo, before: InForce | None = None) -> InForce:
    """What is in force; what cannot run is left out, and its author is told once.

    `before` spares compiling again what was in force already.
    """
    catalogue = await current_catalogue(connection)
    calendar = await calendars.working_days(connection)
    known: dict[str, Compiled] = {}
    if before is not None and (before.catalogue, before.calendar) == (catalogue, calendar):
        known = {one.compiled.hash: one.compiled for one in before.running}
    async with connection.cursor(row_factory=class_row(Row)) as cursor:
        rows = await (await cursor.execute(FOUND)).fetchall()
    found = [await _running(connection, row, known.get(row.hash), (catalogue, zone, calendar)) for row in rows]
    return InForce(tuple(one for one in found if one is not None), catalogue, calendar)


async def place_names(connection: Connection) -> dict[str, str]:
    """What people call each place: 双阳二村 12 号 2 单元, from the community down."""
    found = await connection.execute("SELECT path, label FROM areas")
    return dict(await found.fetchall())


async def _running(
    connection: Connection, row: Row, known: Compiled | None, beside: tuple[Catalogue, ZoneInfo, Calendar | None]
) -> Running | None:
    """Beside the active version, one has a perception state of its own. None: it cannot run."""
    texts = (row.id, row.definition, row.template)
    try:
        compiled = known if known is not None else await asyncio.to_thread(from_texts, *texts, *beside)
    except RulesetInvalid as invalid:
        await _tell(connection, row, invalid)
        return None
    except Exception as error:  # whatever one version holds, the others run
        log.exception("ruleset cannot be compiled", ruleset=row.id, hash=row.hash)
        reason = f"编译时出错：{type(error).__name__}"
        await _tell(connection, row, RulesetInvalid([Problem(row.id, 1, "-", reason)]))
        return None
    if row.faults is not None:
        await connection.execute(CLEAR, (row.hash,))
    state_id = row.id if row.stage == Stage.ACTIVE else f"{row.id}@{row.hash[:12]}"
    return Running(replace(compiled, state_id=state_id), Stage(row.stage), tuple(row.areas))


async def _tell(connection: Connection, row: Row, invalid: RulesetInvalid) -> None:
    if in_json(invalid.problems) == row.faults:
        return
    log.error("ruleset cannot run", ruleset=row.id, hash=row.hash, problems=[str(one) for one in invalid.problems])
    await keep_faults(connection, row.hash, invalid.problems)
    first = str(invalid.problems[0]) if invalid.problems else ""
    await tell_author(connection, row.id, row.hash, "cannot-run", f"cannot-run:{row.hash}", problem=first)
