"""Imports of the catalogue and of the list of duties: what a file would change, and what it would break."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rules.catalogue import Catalogue, Category, cells_of
from rules.category_codes import CodeForms, form_cells
from rules.differences import Difference, difference
from rules.duties import Duties
from rules.duties import cells_of as duty_cells
from rules.exchange import CODES_SHEET, read_catalogue_file, read_duties_file
from rules.findings import FILE, FOLDER, read_findings
from rules.load import RULESET, from_texts
from rules.problems import Problem, RulesetInvalid
from rules.reading import read_yaml
from rules.tables import Cells
from settings.model import RULESETS
from store.catalogue import InForce, current, kinds_of_units, put_catalogue, put_duties
from store.pool import Connection

Put = Callable[[Connection, UUID, str], Awaitable[bool]]
RUNNING = """
    SELECT id, definition, template FROM rulesets WHERE stage IN ('active', 'canary', 'shadow') ORDER BY id, stage"""
Texts = tuple[str, str, str]


@dataclass(frozen=True)
class Proposal:
    """What a file would change of what is in force.

    `base`: the version it was compared with. `broken`: why it must not come in. `put(connection, by, note)` brings it
    in; False: it changes nothing; raises ChangedMeanwhile.
    """

    difference: Difference
    base: str
    broken: tuple[Problem, ...]
    put: Put


async def propose_catalogue(connection: Connection, data: bytes, file: str, zone: ZoneInfo) -> Proposal:
    """Raises RulesetInvalid with line and column for what cannot be read."""
    now = await current(connection)
    catalogue, forms = await asyncio.to_thread(read_catalogue_file, data, file, now.forms)

    async def put(connection: Connection, by: UUID, note: str) -> bool:
        return await put_catalogue(connection, catalogue, forms, by, base=now.catalogue_hash, note=note)

    changes = difference(_catalogue_rows(now.catalogue, now.forms), _catalogue_rows(catalogue, forms))
    broken = await broken_by(connection, catalogue, now, zone)
    return Proposal(changes, now.catalogue_hash, broken, put)


async def propose_duties(connection: Connection, data: bytes, file: str, zone: ZoneInfo) -> Proposal:
    """As `propose_catalogue`, of the list of duties."""
    del zone
    now = await current(connection)
    kinds = await kinds_of_units(connection)
    duties = await asyncio.to_thread(read_duties_file, data, file, now.catalogue, kinds)

    async def put(connection: Connection, by: UUID, note: str) -> bool:
        return await put_duties(connection, duties, by, base=now.duties_hash, note=note)

    return Proposal(difference(_duty_rows(now.duties), _duty_rows(duties)), now.duties_hash, (), put)


def _catalogue_rows(catalogue: Catalogue, forms: CodeForms) -> dict[str, Cells]:
    coding = {f"{CODES_SHEET}/{name}": form_cells(name, form) for name, form in forms.items()}
    return {code: cells_of(category) for code, category in catalogue.items()} | coding


def _duty_rows(duties: Duties) -> dict[str, Cells]:
    return {duty.key: duty_cells(duty) for duty in duties.items}


async def broken_by(connection: Connection, catalogue: Catalogue, now: InForce, zone: ZoneInfo) -> tuple[Problem, ...]:
    """What runs with the catalogue of `now` and would not with `catalogue`: a category gone, a floor fallen below."""
    running = await (await connection.execute(RUNNING)).fetchall()
    gone = {code: category for code, category in now.catalogue.items() if code not in catalogue}
    duties = [
        Problem("权责清单", 1, "category", f"{duty.unit_kind} 的职责{_uses(gone[duty.category])}")
        for duty in now.duties.items
        if duty.category in gone
    ]
    return (
        *await asyncio.to_thread(_rulesets, running, catalogue, now.catalogue, zone),
        *_patrol(catalogue, gone),
        *duties,
    )


def _rulesets(running: Sequence[Texts], after: Catalogue, before: Catalogue, zone: ZoneInfo) -> list[Problem]:
    problems = []
    for name, definition, template in running:
        gone = sorted(_categories_in(name, definition) & before.keys() - after.keys())
        problems += [Problem(name, 1, "category", f"规则{_uses(before[code])}") for code in gone]
        broken = [] if gone else _faults(name, definition, template, after, zone)
        known = _faults(name, definition, template, before, zone) if broken else ()
        problems += [_below(name, fault) for fault in broken if fault not in known]
    return problems


def _patrol(after: Catalogue, gone: Catalogue) -> list[Problem]:
    try:
        read_findings((RULESETS / FOLDER / FILE).read_text(encoding="utf-8"), after)
    except RulesetInvalid as invalid:
        named = {fault: gone.get(fault.field.rpartition(".")[2]) for fault in invalid.problems}
        return [
            Problem(FOLDER, fault.line, "category", f"巡查清单{_uses(category)}") if category else _below(FOLDER, fault)
            for fault, category in named.items()
        ]
    return []


def _uses(category: Category) -> str:
    return f"用到类别 {category.code}（{category.label_zh}），新目录里没有"


def _below(name: str, fault: Problem) -> Problem:
    return Problem(name, fault.line, fault.field, f"第 {fault.line} 行 {fault.field} 不符合新目录：{fault.reason}")


def _faults(name: str, definition: str, template: str, catalogue: Catalogue, zone: ZoneInfo) -> Sequence[Problem]:
    try:
        from_texts(name, definition, template, catalogue, zone)
    except RulesetInvalid as invalid:
        return invalid.problems
    return ()


async def rulesets_using(connection: Connection) -> dict[str, list[str]]:
    """The rulesets in force that open cases of each category, by its code."""
    found: dict[str, list[str]] = {}
    for name, definition, _ in await (await connection.execute(RUNNING)).fetchall():
        for code in _categories_in(name, definition):
            if name not in found.setdefault(code, []):
                found[code].append(name)
    return found


@lru_cache(maxsize=256)
def _categories_in(name: str, definition: str) -> frozenset[str]:
    """Every category that the text names, wherever in it."""
    try:
        return frozenset(_named(read_yaml(definition, f"{name}/{RULESET}").value))
    except RulesetInvalid:
        return frozenset()


def _named(value: Any) -> list[str]:
    if isinstance(value, list):
        return [code for part in value for code in _named(part)]
    if not isinstance(value, dict):
        return []
    own = [value["category"]] if isinstance(value.get("category"), str) else []
    return own + [code for part in value.values() for code in _named(part)]
