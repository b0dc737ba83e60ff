"""Whatever stands in a ruleset, its author is told what is wrong: lint never fails itself, and never takes long."""

from copy import deepcopy
from functools import reduce
from pathlib import Path
from time import process_time
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.catalogue import load_catalogue
from rules.lint import lint_texts
from rules.mutants import mutants_of

FOLDER = Path(__file__).parents[2] / "rulesets"
CATALOGUE = load_catalogue(FOLDER / "catalogue.csv")
SHIPPED = {
    path.parent.name: (
        yaml.safe_load(path.read_text(encoding="utf-8")),
        (path.parent / "template.zh.j2").read_text(encoding="utf-8"),
    )
    for path in [*FOLDER.glob("*/ruleset.yaml"), *FOLDER.glob("templates/*/ruleset.yaml")]
    if path.parent.name != "citizen-report"
}
WORDS = st.sampled_from(
    ["", "x", "none", "any", "began", "5m", "0s", "99999999999d", "22:00", "24:00", "80%", "999%", "place", "gateway"]
)
PLAIN = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False) | WORDS
NAMES = st.sampled_from(["all", "any", "not", "if", "then", "silent", "eq", "gte", "in", "is", "contains_any", "phase"])
JUNK = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=4
)
Path_ = tuple[str | int, ...]


def below(value: Any, path: Path_ = ()) -> list[Path_]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for name, part in parts for found in below(part, (*path, name))]


def at(document: Any, path: Path_) -> Any:
    return reduce(lambda value, part: value[part], path, document)


class Written(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, str]:
    """The text of a ruleset that ships with one, two or three places spoilt, and its template."""
    given_document, template = SHIPPED[draw(st.sampled_from(sorted(SHIPPED)))]
    document = deepcopy(given_document)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(below(document)))
        parent, kind = at(document, path[:-1]), draw(st.sampled_from(["gone", "junk", "more", "other"]))
        if kind == "gone":
            del parent[path[-1]]
        elif kind == "more" and isinstance(parent, dict):
            parent[draw(NAMES)] = draw(JUNK)
        elif kind == "other":
            parent[path[-1]] = deepcopy(at(document, draw(st.sampled_from(below(document)))))
        else:
            parent[path[-1]] = draw(JUNK)
    return yaml.dump(document, Dumper=Written, allow_unicode=True, sort_keys=False), template


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(spoilt())
def test_lint_says_what_is_wrong_with_anything(given_texts: tuple[str, str]) -> None:
    began = process_time()
    compiled, problems = lint_texts("any", *given_texts, CATALOGUE)
    assert compiled is not None or problems
    for problem in problems:
        assert problem.line >= 1
        assert problem.reason
    if compiled is not None:
        list(mutants_of(compiled))
    assert process_time() - began < 10


def test_tests_that_would_run_for_ever_are_not_begun() -> None:
    document, template = deepcopy(SHIPPED["door-left-open"])
    item = {"at": "0s", "door": {"open": True}}
    document["tests"][-1]["feed"] = [{"repeat": 1000, "every": "1s", "of": [item]}] * 21
    document["tests"][1]["feed"] = {"repeat": 1000, "every": "3660d", "of": [item]}
    document["tests"][2]["date"] = "9999-12-31"
    last = len(document["tests"]) - 1
    compiled, problems = lint_texts("any", yaml.dump(document, Dumper=Written, allow_unicode=True), template, CATALOGUE)
    assert compiled is None
    assert [problem.field for problem in problems] == ["tests.1.feed", "tests.2.date", f"tests.{last}.feed"]
