"""The rulesets that ship: clean, their own tests pass, and they ask only units that there are."""

import csv
from pathlib import Path

import pytest

from rules.compiled import Compiled, Opening
from rules.lint import lint_folder
from rules.load import load_all
from rules.testing import Outcome, run_tests

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "rulesets"
RULESETS = load_all(FOLDER)
BY_ID = [pytest.param(compiled, id=compiled.id) for compiled in RULESETS]


def unit_kinds() -> set[str]:
    with (ROOT / "store" / "seed" / "demo" / "units.csv").open(encoding="utf-8", newline="") as rows:
        return {row["kind"] for row in csv.DictReader(rows)}


@pytest.mark.parametrize("folder", [p.parent for p in sorted(FOLDER.glob("*/ruleset.yaml"))], ids=lambda p: p.name)
def test_a_ruleset_that_ships_is_clean(folder: Path) -> None:
    _, problems = lint_folder(folder)
    assert problems == ()
    assert (folder / "README.md").is_file()


@pytest.mark.parametrize(
    "outcome", [pytest.param(found, id=f"{c.id}: {found.name}") for c in RULESETS for found in run_tests(c)]
)
def test_a_rulesets_own_test_passes(outcome: Outcome) -> None:
    assert outcome.problems == ()


@pytest.mark.parametrize("compiled", BY_ID)
def test_a_ruleset_asks_only_units_that_there_are(compiled: Compiled) -> None:
    openings: list[Opening] = [rule.opens for rule in compiled.rules if rule.opens]
    openings += [child for opening in openings for child in opening.children]
    asked = {kind for each in openings for kind in (each.lead, each.handler, *each.inform, *each.parties)}
    assert asked | {compiled.form.lead} <= unit_kinds()
