"""Where a form may be written in two ways, only the faults of the one that was begun are named."""

import pytest
from authors import FOLDER, THEN, a_ruleset, written
from jsonschema import Draft202012Validator

from rules.problems import Problem, RulesetInvalid
from rules.reading import read_yaml
from rules.schema import json_schema

DOOR = """
signals: {door: {type: door, fields: {open: boolean}}}
perceive: {left: {enter: {door.open: {eq: true}}, exit: {door.open: {eq: false}}}}
"""


def faults(text: str = DOOR, **given: str) -> list[tuple[str, str]]:
    with pytest.raises(RulesetInvalid) as invalid:
        a_ruleset(text, **given)
    problems: tuple[Problem, ...] = invalid.value.problems
    return [(problem.field, problem.reason) for problem in problems]


def test_a_list_of_rules_is_not_blamed_for_being_no_table() -> None:
    assert [field for field, _ in faults(classify=f"[{{id: always, iff: {{}}, then: {THEN}}}]")] == ["classify.0.iff"]


def test_a_table_is_not_blamed_for_being_no_list() -> None:
    table = "{columns: [left], rows: [{id: always, wenn: [any], then: none}]}"
    assert {field for field, _ in faults(classify=table)} == {"classify.rows.0.when", "classify.rows.0.wenn"}


def test_what_to_do_is_not_blamed_for_being_no_single_word() -> None:
    broken = THEN.replace("handler", "handlr")
    found = {field for field, _ in faults(classify=f"[{{id: always, then: {broken}}}]")}
    assert found == {"classify.0.then.handler", "classify.0.then.handlr"}


def test_a_single_word_is_not_blamed_for_being_no_case() -> None:
    assert [field for field, _ in faults(classify="[{id: always, then: nothing}]")] == ["classify.0.then"]


def test_a_feed_is_blamed_as_what_it_was_begun_as() -> None:
    given = "tests: [{name: a, feed: [{at: 0s, repeat: 3, evry: 1d, of: []}], expect: {cases: 0}}]"
    found = {field for field, _ in faults(f"{DOOR}{given}")}
    assert found == {"tests.0.feed.0.every", "tests.0.feed.0.evry"}


def test_an_empty_list_is_called_so() -> None:
    assert faults(classify="[]") == [("classify", "不能空着")]
    assert not Draft202012Validator(json_schema()).is_valid(read_yaml(written(DOOR, "[]"), "r").value)


def test_the_printed_schema_is_one_and_takes_every_ruleset_that_ships() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for path in FOLDER.glob("*/ruleset.yaml"):
        validator.validate(read_yaml(path.read_text(encoding="utf-8"), path.name).value)


def test_a_table_is_taken_by_the_schema_too() -> None:
    validator = Draft202012Validator(json_schema())
    table = "{columns: [left], rows: [{id: always, when: [any], then: none}]}"
    assert validator.is_valid(read_yaml(written(DOOR, table), "r").value)
    assert not validator.is_valid(read_yaml(written(DOOR, table.replace("columns", "colums")), "r").value)
