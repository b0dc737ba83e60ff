"""Rulesets from their folders, or from the texts of a stored version."""

from pathlib import Path
from zoneinfo import ZoneInfo

from rules.catalogue import Catalogue, load_catalogue
from rules.compile import SHANGHAI, compile_ruleset
from rules.compiled import Compiled
from rules.problems import Problem, RulesetInvalid
from rules.reading import read_yaml

RULESET, TEMPLATE, CATALOGUE = "ruleset.yaml", "template.zh.j2", "catalogue.csv"


def load_folder(folder: Path, zone: ZoneInfo = SHANGHAI) -> Compiled:
    """The ruleset in `folder`, with the catalogue beside it; raises RulesetInvalid."""
    return _loaded(folder, load_catalogue(folder.parent / CATALOGUE), zone)


def load_all(folder: Path, zone: ZoneInfo = SHANGHAI) -> tuple[Compiled, ...]:
    """Every ruleset below `folder`, by id; raises RulesetInvalid with the faults of all."""
    catalogue = load_catalogue(folder / CATALOGUE)
    found: list[Compiled] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob(f"*/{RULESET}")):
        try:
            found.append(_loaded(path.parent, catalogue, zone))
        except RulesetInvalid as invalid:
            problems += invalid.problems
    if problems:
        raise RulesetInvalid(problems)
    return tuple(found)


def from_texts(name: str, yaml_text: str, template: str, catalogue: Catalogue, zone: ZoneInfo = SHANGHAI) -> Compiled:
    """A version by its texts; `name` stands in the messages."""
    return compile_ruleset(read_yaml(yaml_text, f"{name}/{RULESET}"), template, catalogue, zone)


def _loaded(folder: Path, catalogue: Catalogue, zone: ZoneInfo) -> Compiled:
    template = folder / TEMPLATE
    if not template.is_file():
        raise RulesetInvalid([Problem(f"{folder.name}/{TEMPLATE}", 1, "-", "is missing")])
    texts = ((folder / RULESET).read_text(encoding="utf-8"), template.read_text(encoding="utf-8"))
    compiled = from_texts(folder.name, *texts, catalogue, zone)
    if compiled.id != folder.name:
        problem = compiled.document.problem(("ruleset",), f"{compiled.id!r} stands in the folder {folder.name!r}")
        raise RulesetInvalid([problem])
    return compiled
