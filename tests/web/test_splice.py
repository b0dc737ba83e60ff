"""What the form changes in a ruleset's YAML: that place and no other; comments and layout stay."""

import random
from pathlib import Path

import pytest

from rules.reading import read_yaml
from settings.model import RULESETS
from web.console.rulesets.editing.applying import changed
from web.console.rulesets.editing.form import shown
from web.console.rulesets.editing.placing import NoSuchPlace
from web.console.rulesets.editing.splice import append, move, prepend, put, remove
from web.console.rulesets.editing.writing import written

SHIPPED = [path for path in sorted(RULESETS.glob("*/ruleset.yaml")) if path.stat().st_size < 8_000][:4]
TEXT = """\
ruleset: a            # the id
perceive:
  # when it begins
  over:
    enter: {r.v: {gte: 20}}   # the line
    for: 5m
classify:
  - id: first         # danger first
    then: none
  - {id: second, then: none}
tests:
  - name: one
    feed: [{at: 0s, r: {v: 1}}]
"""


def test_a_value_is_changed_and_its_comment_stays() -> None:
    made = put(TEXT, ("perceive", "over", "enter"), {"r.v": {"gt": 30}})
    assert made.kept
    assert "    enter: {r.v: {gt: 30}}   # the line\n" in made.text
    assert made.text.replace("{gt: 30}", "{gte: 20}") == TEXT


def test_what_is_missing_is_added_where_its_neighbours_stand() -> None:
    made = put(TEXT, ("perceive", "over", "label"), "超限")
    assert "    for: 5m\n    label: 超限\nclassify:" in made.text
    deep = put(TEXT, ("case", "sla", "sign"), "15m")
    assert read_yaml(deep.text, "").value["case"] == {"sla": {"sign": "15m"}}


def test_rules_change_places_with_their_comments() -> None:
    made = move(TEXT, ("classify", 0), 1)
    assert made.kept
    assert "  - {id: second, then: none}\n  - id: first         # danger first\n    then: none\ntests:" in made.text
    assert move(TEXT, ("classify", 0), -1).text == TEXT


def test_a_row_is_appended_and_taken_away_again() -> None:
    more = append(TEXT, ("tests", 0, "feed"), {"at": "6m", "r": {"v": 2}})
    assert "feed: [{at: 0s, r: {v: 1}}, {at: 6m, r: {v: 2}}]" in more.text
    assert remove(more.text, ("tests", 0, "feed", 1)).text == TEXT


def test_what_is_new_stands_first_and_the_others_keep_their_comments() -> None:
    made = prepend(TEXT, ("classify",), {"id": "new", "then": "none"})
    assert made.kept
    assert [rule["id"] for rule in read_yaml(made.text, "").value["classify"]] == ["new", "first", "second"]
    assert remove(made.text, ("classify", 0)).text == TEXT
    row = prepend(TEXT, ("tests", 0, "feed"), {"at": "0s"})
    assert "feed: [{at: 0s}, {at: 0s, r: {v: 1}}]" in row.text
    only = prepend("classify: []\n", ("classify",), {"id": "new"})
    assert read_yaml(only.text, "").value == {"classify": [{"id": "new"}]}


@pytest.mark.parametrize("path", sorted(RULESETS.glob("*/ruleset.yaml")), ids=lambda path: path.parent.name)
def test_a_new_rule_stands_first_in_whatever_ships(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    rules = read_yaml(text, path.name).value["classify"]
    made = prepend(text, ("classify", "rows") if isinstance(rules, dict) else ("classify",), {"id": "new"})
    assert made.kept
    assert made.text.count("#") == text.count("#")


def test_words_that_yaml_would_read_as_something_else_are_quoted() -> None:
    for word in ("true", "1", "a: b", "- x", "#", "", "是的", "22:30", "a, b", "第一行\n第二行", "null", "{x}"):
        made = put(TEXT, ("ruleset",), word)
        assert (read_yaml(made.text, "").value["ruleset"], made.kept) == (word, True), word


def test_a_place_that_is_gone_is_said_to_be() -> None:
    with pytest.raises(NoSuchPlace):
        append(TEXT, ("tests", 7, "feed"), {})
    assert changed(TEXT, [], "up:nowhere/9", {}) == {"wrong": "", "reason": "gone", "by": []}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_any_place_of_a_shipped_ruleset_can_be_changed_without_losing_a_comment(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    document = read_yaml(text, path.name)
    chosen = random.Random(path.name)
    for place in chosen.sample([one for one in document.lines if one], 12):
        made = put(text, place, "新 的")
        assert made.kept, place
        if isinstance(place[-1], int) or len(place) > 1:
            assert remove(text, place).kept, place
    assert read_yaml(written(document.value), "").value == document.value


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_the_form_sent_as_it_was_shown_changes_nothing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parts = shown(text)
    tests = [
        inner for one in (*parts["perceive"], *parts["rules"]) for inner in leaves(one.get("enter") or one.get("if"))
    ]
    fields = [(f"c:{one['path']}:{what}", one[what]) for one in tests for what in ("field", "op", "value")]
    fields += [(f"v:q:{one['path']}/label", one["label"]) for one in (*parts["perceive"], *parts["rules"])]
    assert changed(text, fields, "", {}) == {"text": text, "kept": True, "at": ""}


def leaves(condition: object) -> list[dict[str, str]]:
    if not isinstance(condition, dict):
        return []
    if condition["kind"] == "test":
        return [condition]
    return [inner for part in condition.get("parts", ()) for inner in leaves(part)]
