"""Examples of docs/rulesets: a section of YAML, or a template, in place of the base's own."""

import re
from pathlib import Path

from rules.catalogue import load_catalogue
from rules.lint import lint_texts

ROOT = Path(__file__).parents[1]
LINT_PAGES = ROOT / "docs" / "rulesets" / "lint"
CATALOGUE = load_catalogue(ROOT / "rulesets" / "catalogue.csv")
FENCE = re.compile(r"```(yaml|jinja)\n(.*?)```", re.DOTALL)
_BASE = (LINT_PAGES / "base.yaml").read_text(encoding="utf-8")
_TEMPLATE = (LINT_PAGES / "base.zh.j2").read_text(encoding="utf-8")
_SECTION = re.compile(r"^(?=[a-z]+:)", re.MULTILINE)


def codes_of(kind: str, example: str) -> set[str]:
    """The codes of the base with the example's sections in place of its own."""
    template = example if kind == "jinja" else _TEMPLATE
    given = _SECTION.split(example) if kind == "yaml" else []
    named = {section.partition(":")[0] for section in given if section.strip()}
    kept = [section for section in _SECTION.split(_BASE) if section.partition(":")[0] not in named]
    _, problems = lint_texts("cellar-water", "".join([*kept, *given]), template, CATALOGUE)
    return {problem.code for problem in problems}
