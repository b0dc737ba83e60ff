"""The rulesets that ship: clean, and their own tests pass."""

from pathlib import Path

import pytest

from rules.lint import lint_folder
from rules.load import load_all
from rules.testing import run_tests

FOLDER = Path(__file__).parents[2] / "rulesets"
RULESETS = load_all(FOLDER)


@pytest.mark.parametrize("folder", [p.parent for p in sorted(FOLDER.glob("*/ruleset.yaml"))], ids=lambda p: p.name)
def test_a_ruleset_that_ships_is_clean(folder: Path) -> None:
    _, problems = lint_folder(folder)
    assert problems == ()
    assert (folder / "README.md").is_file()


@pytest.mark.parametrize(
    ("compiled", "outcome"),
    [pytest.param(c, outcome, id=f"{c.id}: {outcome.name}") for c in RULESETS for outcome in run_tests(c)],
)
def test_a_rulesets_own_test_passes(compiled: object, outcome: object) -> None:
    del compiled
    assert outcome.problems == ()  # type: ignore[attr-defined]
