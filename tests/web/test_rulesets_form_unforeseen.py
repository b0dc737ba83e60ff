"""What reaches a ruleset's YAML that no control of the form offered, came twice, or cannot be written down."""

from typing import Any

import pytest

from rules.reading import read_yaml
from web.console.rulesets.editing.applying import changed
from web.console.rulesets.editing.beside import Beside
from web.console.rulesets.editing.form import shown

TEXT = """\
ruleset: wet            # the id
signals:
  water:                # in the basement
    type: water.level
    fields: {depth: number, said: string}
    derive:
      speed: {rate: depth, over: 10m, label: said}
perceive:
  flooded: {enter: {water.depth: {gte: 7}}, exit: {water.depth: {lt: 2}}}
  asked: {enter: {water.said: {contains_any: [help me, "a,b"]}}, once: true}
facts:
  often: {count: flooded, within: 7d, by: place}
classify:
  - id: deep            # rare
    if: {all: [{flooded: {is: began}}, {water.depth: {gte: 50}}]}
    then: {category: flooding, priority: urgent, tier: grid, handler: property}
case:
  escalate: [{at: 80%, to: holder}]   # the ladder
"""
LIMIT = "c:perceive/flooded/enter"
TABLE = TEXT[: TEXT.index("classify")] + (
    "classify:\n"
    "  columns: [water.said, water.depth]\n"
    "  rows:\n"
    "    - {id: deep, when: [{in: [help me, b]}, any], then: none}   # the row\n"
)


def one_test(place: str, field: str, op: str, value: str) -> list[tuple[str, str]]:
    return [(f"{place}:field", field), (f"{place}:op", op), (f"{place}:value", value)]


def reason(sent: list[tuple[str, str]], do: str = "") -> str:
    made = changed(TEXT, sent, do, {})
    return str(made.get("reason", made))


@pytest.mark.parametrize(("given", "number"), [("0.00001", 1e-05), ("1e30", 1e30), ("-2e-7", -2e-07), ("12", 12)])
def test_a_number_stays_a_number_however_small_or_large(given: str, number: float) -> None:
    made = changed(TEXT, one_test(LIMIT, "water.depth", "gte", given), "", {})
    limit = read_yaml(made["text"], "").value["perceive"]["flooded"]["enter"]["water.depth"]["gte"]
    assert (made["kept"], limit, type(limit)) == (True, number, type(number))


@pytest.mark.parametrize("given", ["nan", "inf", "-Infinity", "1e999", "1_000", "seven"])
def test_what_is_no_number_to_an_author_is_refused_beside_its_control(given: str) -> None:
    made = changed(TEXT, one_test(LIMIT, "water.depth", "gte", given), "", {})
    assert (made["wrong"], made["reason"]) == (f"{LIMIT}:value", "number")


@pytest.mark.parametrize(
    "label", ["a\x7fb", "a\x85b", "a\u2028b", "a\ufeffb", "a\ufffeb", "\x1b[31m", "a: {b}\n- c", "😀"]
)
def test_signs_that_yaml_would_refuse_are_written_so_that_it_reads_them(label: str) -> None:
    made = changed(TEXT, [("v:q:signals/water/label", label)], "", {})
    assert made["kept"]
    assert read_yaml(made["text"], "").value["signals"]["water"]["label"] == label


@pytest.mark.parametrize("label", ["a\x00b", "x" * 300_000])
def test_what_would_make_the_whole_unreadable_is_refused(label: str) -> None:
    assert reason([("v:q:signals/water/label", label)]) == "unwritable"


@pytest.mark.parametrize("place", ["a/" * 39 + "b", "a/" * 5000 + "b", "9" * 5000, "facts/24/label", "", "/", ":"])
def test_a_place_that_no_ruleset_has_changes_nothing(place: str) -> None:
    made = changed(TEXT, [(f"v:s:{place}", "x")], "", {})
    assert "text" not in made or read_yaml(made["text"], "")
    assert changed(TEXT, [], f"remove:{place}", {})["reason"] == "gone"


@pytest.mark.parametrize(
    "place",
    ["case/escalate/1", "classify/0/if/all/2", "classify/1", "facts/gone", "signals/gone", "signals/water/derive/gone"],
)
def test_what_is_gone_already_takes_nothing_else_with_it(place: str) -> None:
    assert reason([], f"remove:{place}") == "gone"


def test_a_label_that_is_called_like_a_field_does_not_need_it() -> None:
    free = TEXT.replace("water.said: {contains_any", "water.depth: {contains_any")
    assert changed(free, [], "remove:signals/water/fields/said", {})["kept"]
    assert ("derived", "said") in changed(free, [], "remove:signals/water/fields/depth", {})["by"]


def test_words_with_blanks_stay_whole_until_somebody_changes_them() -> None:
    sent = one_test("c:perceive/asked/enter", "water.said", "contains_any", "help me、a,b")
    assert changed(TEXT, sent, "", {})["text"] == TEXT
    cell = [("d:classify/rows/0/when/0:op", "in"), ("d:classify/rows/0/when/0:value", "help me、b")]
    assert changed(TABLE, cell, "", {})["text"] == TABLE
    other = [cell[0], (cell[1][0], "c、d")]
    rows = read_yaml(changed(TABLE, other, "", {})["text"], "").value["classify"]["rows"]
    assert rows[0]["when"] == [{"in": ["c", "d"]}, "any"]


def test_a_step_written_in_another_way_stays_until_somebody_changes_it() -> None:
    text = TEXT.replace("at: 80%", "at: 0.8")
    sent = {"kind": "at", "value": "0.8", "to": "holder"}
    step = [(f"g:case/escalate/0:{what}", said) for what, said in sent.items()]
    assert changed(text, step, "", {})["text"] == text
    later = read_yaml(changed(text, [*step, (step[1][0], "90")], "", {})["text"], "").value
    assert later["case"]["escalate"] == [{"at": "90%", "to": "holder"}]


def test_a_name_that_no_control_can_carry_is_shown_with_its_line() -> None:
    text = TEXT.replace("facts:\n", "facts:\n  a/b: {hour: began}\n  24: {hour: began}\n").replace(
        "{depth:", "{'a:b': number, depth:"
    )
    parts = shown(text)
    assert [(one["text"], one["line"]) for one in parts["left"]] == [
        ("facts: 24", 13),
        ("facts: a/b", 12),
        ("signals: a:b", 5),
    ]
    assert [one["name"] for one in parts["facts"]] == ["often"]


def test_a_ruleset_too_long_for_the_form_is_left_to_the_yaml() -> None:
    many = "".join(f"  at{n}: {{enter: {{water.depth: {{gte: {n}}}}}, once: true}}\n" for n in range(700))
    assert shown(TEXT.replace("facts:\n", f"{many}facts:\n")) == {"readable": False, "line": 0, "reason": ""}


def test_thousands_of_findings_are_placed_at_once() -> None:
    found: list[dict[str, Any]] = [
        {"file": "ruleset.yaml", "field": f"tests.0.feed.{n}.at", "reason": ""} for n in range(20_000)
    ]
    beside = Beside([*found, {"file": "template.zh.j2", "field": "-", "reason": ""}])
    assert sum(len(beside.take(f"tests/0/feed/{n}/at")) for n in range(20_000)) == len(found)
    assert (beside.take("tests/0"), len(beside.of_template()), beside.of_template()) == ([], 1, [])
