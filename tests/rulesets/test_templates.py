"""The templates that authors begin with: sound as they lie there, and with any answers that the form lets in."""

from pathlib import Path
from typing import Any

import pytest

from rules.catalogue import as_csv, load_catalogue
from settings.model import RULESETS
from web.console.rulesets.creating.answers import answers_of, ruleset_id
from web.console.rulesets.creating.shapes import SHAPES, Shape, puts_of
from web.console.rulesets.creating.sources import Source
from web.problems import Problem
from web.workbench.tasks import check, filled, mutated

TEMPLATES = RULESETS / "templates"
CATALOGUE = as_csv(load_catalogue(RULESETS / "catalogue.csv").values())
OTHER_ANSWERS = {
    "threshold": "-5.5",
    "hold": "0",
    "count": "4",
    "within": "1 小时",
    "silent": "20分钟",
    "keywords": "油烟",
    "from": "20:30",
    "to": "07:15",
    "days": "rest",
    "by": "place.community",
    "category": "facility-damage",
    "handler": "grid",
    "priority": "low",
}


def texts(folder: Path) -> tuple[str, str]:
    return tuple((folder / name).read_text(encoding="utf-8") for name in ("ruleset.yaml", "template.zh.j2"))  # type: ignore[return-value]


def looked_through(name: str, definition: str, template: str) -> dict[str, Any]:
    given = {"name": name, "yaml": definition, "template": template, "catalogue": CATALOGUE}
    return check(given, "Asia/Shanghai")


def complaints(found: dict[str, Any]) -> list[Any]:
    failed = [(one["name"], one["problems"]) for one in found["tests"] if not one["passed"]]
    return [*found["problems"], *failed, *found["missed"]]


def test_every_shape_has_its_template_and_no_template_is_a_ruleset_in_force() -> None:
    assert {folder.name for folder in TEMPLATES.iterdir()} == SHAPES.keys()
    assert not list(RULESETS.glob("templates/ruleset.yaml"))
    for folder in TEMPLATES.iterdir():
        assert (folder / "README.md").is_file()


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.id)
def test_a_template_is_sound_as_it_lies_there(shape: Shape) -> None:
    definition, template = texts(TEMPLATES / shape.id)
    found = looked_through(shape.id, definition, template)
    assert (complaints(found), found["id"]) == ([], shape.id)
    assert any(case["rule"] == shape.rule for one in found["tests"] for case in one["cases"])


@pytest.mark.parametrize("other", [{}, OTHER_ANSWERS], ids=["usual", "other"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.id)
def test_with_an_authors_answers_it_is_sound_too(shape: Shape, other: dict[str, str]) -> None:
    kind = shape.kind
    heard = Source("a.b", "zz" if kind != "any" else "", kind, "某设备", "某值", "K" if kind == "number" else "")
    given = {"title": "试一试", "source": heard.value, **shape.usual, **other}
    answers = answers_of(shape, given, [heard])
    rename = [shape.field, answers["field"]] if shape.field != answers["field"] else []
    made = filled(*texts(TEMPLATES / shape.id), rename, puts_of(shape, "try-it", answers))
    found = looked_through("try-it", *made)
    assert (complaints(found), found["id"], found["title"]) == ([], "try-it", "试一试")
    cases = [case for case in found["tests"][0]["cases"] if case["rule"] == shape.rule]
    assert [(case["handler"], case["priority"]) for case in cases] == [(given["handler"], given["priority"])]


@pytest.mark.parametrize("line", ["20", "0.8", "130", "-5.5"])
def test_where_a_reading_is_over_again_is_watched_by_a_test_whatever_the_line(line: str) -> None:
    shape = SHAPES["threshold"]
    heard = Source("a.b", "water_depth", "number", "某设备", "某值", "cm")
    given = {"title": "试一试", "source": heard.value, **shape.usual, "threshold": line}
    made = filled(*texts(TEMPLATES / shape.id), [], puts_of(shape, "try-it", answers_of(shape, given, [heard])))
    definition, template = made
    asked = {"name": "try-it", "yaml": definition, "template": template, "catalogue": CATALOGUE}
    unnoticed = mutated(asked, "Asia/Shanghai")
    assert [one["words"] for one in unnoticed if ".exit." in one["field"] or ".for" in one["field"]] == []


@pytest.mark.parametrize("given", ["", "New", "new", "why", "faults", "a_b", "1a", "-a", "a" * 61, "a--b"])
def test_an_id_that_no_address_can_have_is_refused(given: str) -> None:
    with pytest.raises(Problem):
        ruleset_id(given)
