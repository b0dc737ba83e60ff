"""The JSON Schema that editors get: it takes what ships as any YAML reader reads it, and refuses what is wrong."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from rules.schema import json_schema

FOLDER = Path(__file__).parents[2] / "rulesets"
SHIPPED = sorted(path for path in FOLDER.rglob("ruleset.yaml"))
VALIDATOR = Draft202012Validator(json_schema())
EBIKE = yaml.safe_load((FOLDER / "ebike-in-elevator" / "ruleset.yaml").read_text(encoding="utf-8"))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.parent.relative_to(FOLDER)))
def test_what_ships_is_valid_as_plain_yaml_reads_it(path: Path) -> None:
    assert list(VALIDATOR.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))) == []


def changed(path: tuple[str | int, ...], value: Any) -> Any:
    document = copy.deepcopy(EBIKE)
    parent = document
    for part in path[:-1]:
        parent = parent[part]
    parent[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ruleset",), "Ebike In Elevator"),
        (("ruleset",), None),
        (("stage",), "active"),
        (("signals", "ebike", "key"), "lift"),
        (("signals", "ebike", "late"), "ten"),
        (("signals", "ebike", "late"), 10),
        (("signals", "ebike", "fields", "confidence", "type"), "float"),
        (("perceive", "riding", "for"), "60"),
        (("perceive", "riding", "enter"), []),
        (("facts", "rides_7d", "by"), "place.street"),
        (("classify",), []),
        (("classify", 0, "then", "priority"), "very"),
        (("classify", 0, "then", "handlr"), "property"),
        (("classify", 2, "then"), "nothing"),
        (("case", "escalate", 0, "at"), 80),
        (("case", "close"), "never"),
        (("tests", 0, "expect", "cases"), -1),
        (("tests", 0, "start"), "25:00"),
    ],
)
def test_what_is_wrong_is_refused(path: tuple[str | int, ...], value: Any) -> None:
    assert not VALIDATOR.is_valid(changed(path, value))
