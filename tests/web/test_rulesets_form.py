"""What the buttons of the form do to a ruleset's YAML: nothing is lost, and what others need stays."""

import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from rules.reading import read_yaml
from settings.model import RULESETS
from web.console.rulesets.editing.applying import changed
from web.console.rulesets.editing.beside import Beside, part_of
from web.console.rulesets.editing.buttons import BUTTONS
from web.console.rulesets.editing.form import shown
from web.console.rulesets.editing.writing import written

SHIPPED = sorted(RULESETS.glob("*/ruleset.yaml"))
TEXT = """\
ruleset: wet            # the id
signals:
  water:                # in the basement
    type: water.level
    label: 水位计
    fields: {depth: number, pump: boolean}
perceive:
  flooded: {label: 积水, enter: {water.depth: {gte: 7}}, exit: {water.depth: {lt: 2}}}
classify:
  # danger first
  - id: deep            # rare
    if: {all: [{flooded: {is: began}}, {water.depth: {gte: 50}}]}
    then: {category: flooding, priority: urgent, tier: grid, handler: property}
  - {id: other, then: none}
case:
  dedupe: place
  escalate: [{at: 80%, to: holder}]   # the ladder
tests:
  - {name: 深, feed: [{at: 0s, water: {depth: 60}}], expect: {cases: 1, rule: deep}}
"""


def after(do: str, sent: dict[str, str] | None = None, text: str = TEXT, **new: Any) -> tuple[str, Any, str]:
    """Text, value and part after a button; every comment must be there still."""
    made = changed(text, list((sent or {}).items()), do, new)
    assert made.get("kept"), made
    for line in text.splitlines():
        if "#" in line:
            assert f"#{line.partition('#')[2]}" in made["text"]
    return made["text"], read_yaml(made["text"], "").value, made["at"]


def refused(do: str, **new: Any) -> tuple[str, Any]:
    made = changed(TEXT, [], do, new)
    return made["reason"], made["by"]


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("v:q:perceive/flooded/for", "5 分钟", "5m"),
        ("v:q:perceive/flooded/for", "1小时30分", "1h30m"),
        ("v:q:perceive/flooded/for", "一会儿", "一会儿"),
        ("v:q:case/sla/sign", "15 分钟", "15m"),
        ("v:q:perceive/flooded/label", "5 分钟", "5 分钟"),
    ],
)
def test_a_length_of_time_may_be_typed_in_words(field: str, typed: str, kept: str) -> None:
    _, value, _ = after("", {field: typed})
    for part in field.rpartition(":")[2].split("/"):
        value = value[part]
    assert value == kept


def test_a_signal_comes_with_the_fields_that_are_known_of_its_type() -> None:
    fields = {"on": {"type": "boolean", "label": "运行", "unit": ""}}
    _, value, part = after("signal:", type="pump.state", label="水泵", fields=fields)
    made = {"type": "pump.state", "key": "device", "late": "10s", "label": "水泵"}
    assert value["signals"]["pump_state"] == {**made, "fields": {"on": {"type": "boolean", "label": "运行"}}}
    assert part == "signal-pump_state"
    assert refused("signal:", other="Pump State!") == ("type", [])


def test_a_field_is_added_named_given_a_unit_and_taken_away() -> None:
    _, value, _ = after("field:signals/water", name="ph", type="number", unit="", label="酸碱度")
    assert value["signals"]["water"]["fields"]["ph"] == {"type": "number", "label": "酸碱度"}
    assert refused("field:signals/water", name="depth")[0] == "taken"
    assert refused("field:signals/water", name="水深")[0] == "name"
    sent = {"v:q:signals/water/fields/depth/unit": "cm", "v:q:signals/water/fields/depth/label": "水深"}
    _, value, _ = after("", sent)
    assert value["signals"]["water"]["fields"]["depth"] == {"type": "number", "unit": "cm", "label": "水深"}
    _, value, _ = after("remove:signals/water/fields/pump")
    assert list(value["signals"]["water"]["fields"]) == ["depth"]


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("span", {"enter": {"water.depth": {"gte": 1}}, "exit": {"water.depth": {"lt": 1}}}),
        ("once", {"enter": {"water.depth": {"gte": 1}}, "once": True}),
        ("silence", {"enter": {"water": {"silent": "26h"}}}),
    ],
)
def test_a_detection_of_each_kind_is_added(kind: str, made: dict[str, Any]) -> None:
    _, value, part = after("detection:", of="water", kind=kind, label="新的")
    name = part.removeprefix("perceive-")
    assert value["perceive"][name] == {"label": "新的", **made}


def test_a_detection_becomes_one_of_another_kind_and_back() -> None:
    once, value, _ = after("", {"k:perceive/flooded": "once"})
    assert value["perceive"]["flooded"] == {"label": "积水", "enter": {"water.depth": {"gte": 7}}, "once": True}
    _, value, _ = after("", {"k:perceive/flooded": "span"}, once)
    assert value["perceive"]["flooded"]["exit"] == {"water.depth": {"lt": 7}}
    _, value, _ = after("", {"k:perceive/flooded": "silence"})
    assert value["perceive"]["flooded"] == {"label": "积水", "enter": {"water": {"silent": "26h"}}}


@pytest.mark.parametrize(
    ("what", "made"),
    [
        ("count:flooded", {"count": "flooded", "within": "7d", "by": "place.building"}),
        ("distinct:flooded", {"distinct": "flooded", "within": "1d", "by": "place.building"}),
        ("latest:water.depth", {"latest": "water.depth", "within": "1d", "by": "place.building"}),
        ("hour:", {"hour": "began"}),
    ],
)
def test_a_fact_of_each_kind_is_added_and_becomes_another(what: str, made: dict[str, str]) -> None:
    text, value, part = after("fact:", what=what)
    name = part.removeprefix("fact-")
    assert value["facts"] == {name: made}
    assert list(value)[list(value).index("classify") - 1] == "facts"
    other = "hour:" if what != "hour:" else "distinct:flooded"
    _, value, _ = after("", {f"k:facts/{name}": other}, text)
    wanted = {"hour": "began"} if other == "hour:" else {"distinct": "flooded", "within": "1d", "by": "place.building"}
    assert value["facts"][name] == wanted
    _, value, _ = after(f"remove:facts/{name}", text=text)
    assert "facts" not in value


def test_a_derived_number_is_added_and_worked_out_in_another_way() -> None:
    text, value, _ = after("derived:signals/water")
    assert value["signals"]["water"]["derive"] == {"depth_derived": {"rate": "depth", "over": "10m", "per": "1m"}}
    _, value, _ = after("", {"k:signals/water/derive/depth_derived": "baseline"}, text)
    assert value["signals"]["water"]["derive"]["depth_derived"] == {"baseline": "depth"}
    _, value, _ = after("remove:signals/water/derive/depth_derived", text=text)
    assert "derive" not in value["signals"]["water"]


def test_what_others_need_stays_and_they_are_named() -> None:
    assert refused("remove:perceive/flooded") == ("used", [("rule", "deep")])
    assert refused("remove:signals/water/fields/depth")[1] == [("detection", "积水"), ("rule", "deep"), ("test", "深")]
    text, _, _ = after("signal:", type="pump.state")
    assert changed(text, [], "remove:signals/pump_state", {})["kept"]
    text, _, part = after("detection:", of="water", kind="once")
    assert changed(text, [], f"remove:perceive/{part.removeprefix('perceive-')}", {})["kept"]


def test_steps_units_children_and_other_cases_are_added_and_taken_away() -> None:
    text, value, _ = after("rung:case")
    assert value["case"]["escalate"] == [{"at": "80%", "to": "holder"}, {"after": "30m", "to": "brain"}]
    sent = {"g:case/escalate/1:kind": "at", "g:case/escalate/1:value": "30m", "g:case/escalate/1:to": "brain"}
    _, value, _ = after("", sent, text)
    assert value["case"]["escalate"][1] == {"at": "100%", "to": "brain"}
    _, value, _ = after("unit:classify/0/then/inform")
    assert value["classify"][0]["then"]["inform"] == ["committee"]
    text, value, _ = after("child:classify/0/then")
    assert value["classify"][0]["then"]["children"] == [
        {"category": "flooding", "matter": "part-1", "handler": "property"}
    ]
    _, value, _ = after("remove:classify/0/then/children/0", text=text)
    assert "children" not in value["classify"][0]["then"]
    text, value, _ = after("correlation:case", **{"with": "power-outage"})
    assert value["case"]["correlate"] == [{"with": "power-outage", "by": "place.building", "as": "mute"}]
    _, value, _ = after("", {"v:q:case/sla/sign": "15m"}, text)
    assert value["case"]["sla"] == {"sign": "15m"}
    ticked = changed(text, [("v:l:case/evidence/handle", ""), ("v:l:case/evidence/handle", "note")], "", {})["text"]
    assert read_yaml(ticked, "").value["case"]["evidence"] == {"handle": ["note"]}
    unticked = changed(ticked, [("v:l:case/evidence/handle", "")], "", {})["text"]
    assert unticked == text


def test_what_is_emptied_takes_what_it_alone_filled_with_it() -> None:
    text, value, _ = after("", {"v:n:storm/per_hour": "20"})
    assert value["storm"] == {"per_hour": 20}
    assert changed(text, [("v:n:storm/per_hour", "")], "", {})["text"] == TEXT


def test_rules_become_a_table_that_is_changed_and_becomes_rules_again() -> None:
    text, value, part = after("table:")
    assert (part, value["classify"]["columns"]) == ("table", ["flooded", "water.depth"])
    assert [row["when"] for row in value["classify"]["rows"]] == [["began", {"gte": 50}], ["any", "any"]]
    assert after("rules:", text=text)[0] == TEXT
    wider, value, _ = after("column:", text=text)
    assert [len(row["when"]) for row in value["classify"]["rows"]] == [3, 3]
    sent = {"k:classify/columns/2": "water.pump"}
    wider, value, _ = after("", sent, wider)
    sent = {
        "d:classify/rows/0/when/2:op": "false",
        "d:classify/rows/0/when/1:op": "lt",
        "d:classify/rows/0/when/1:value": "9",
    }
    wider, value, _ = after("", sent, wider)
    assert value["classify"]["rows"][0]["when"] == ["began", {"lt": 9}, False]
    moved, value, _ = after("left:classify/columns/2", text=wider)
    assert value["classify"]["columns"] == ["flooded", "water.pump", "water.depth"]
    _, value, _ = after("without-column:classify/columns/1", text=moved)
    assert value["classify"]["rows"][0]["when"] == ["began", {"lt": 9}]
    more, value, _ = after("row:", text=text)
    assert value["classify"]["rows"][0]["when"] == ["began", "any"]
    _, value, _ = after("down:classify/rows/0", text=more)
    assert [row["id"] for row in value["classify"]["rows"]] == ["deep", "rule-1", "other"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_every_shipped_ruleset_is_a_table_and_rules_again_to_the_letter(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if shown(text)["table"]:
        assert changed(text, [], "rules:", {})["kept"]
        return
    if not shown(text)["tabular"]:
        assert changed(text, [], "table:", {})["reason"] == "gone"
        return
    table = changed(text, [], "table:", {})
    back = changed(table["text"], [], "rules:", {})
    assert (table["kept"], back["kept"], back["text"] == text) == (True, True, True)


def test_conditions_are_joined_nested_and_reversed() -> None:
    joined, value, _ = after("or:classify/0/if/all/1")
    assert list(value["classify"][0]["if"]["all"][1]) == ["any"]
    _, value, _ = after("remove:classify/0/if/all/1/any/1", text=joined)
    assert value["classify"][0]["if"] == read_yaml(TEXT, "").value["classify"][0]["if"]
    _, value, _ = after("not:classify/0/if/all/0")
    assert value["classify"][0]["if"]["all"][0] == {"not": {"flooded": {"is": "began"}}}
    sent = {
        f"c:classify/0/if/all/0:{what}": said
        for what, said in (("field", "water.depth"), ("op", "is"), ("value", "began"))
    }
    _, value, _ = after("", sent)
    assert value["classify"][0]["if"]["all"][0] == {"water.depth": {"gte": 1}}


def test_a_test_is_fed_by_the_signal_that_is_chosen_or_only_time_passes() -> None:
    _, value, _ = after("fed:tests/0/feed/water")
    assert value["tests"][0]["feed"][1] == {"at": "10m", "water": {"depth": 60}}
    _, value, _ = after("fed:tests/0/feed/-")
    assert value["tests"][0]["feed"][1] == {"at": "10m"}
    _, value, _ = after("fed:tests/0/feed/closed")
    assert value["tests"][0]["feed"][1] == {"at": "10m", "closed": "wet"}


def test_what_has_no_field_is_shown_with_its_line() -> None:
    text = TEXT.replace("{water.depth: {gte: 7}}", "{water.depth: {gte: 7, lt: 90}}").replace(
        "深, feed", "深, mood: good, feed"
    )
    parts = shown(text)
    assert parts["perceive"][0]["enter"]["line"] == 8
    assert parts["tests"][0]["left"] == [{"kind": "odd", "path": "tests/0/mood", "text": "mood: good", "line": 19}]


def test_a_finding_stands_once_beside_the_control_that_it_names() -> None:
    beside = Beside(
        [
            {"file": "ruleset.yaml", "field": "perceive.over.enter.r.v.gte"},
            {"file": "ruleset.yaml", "field": "perceive.overflow"},
        ]
    )
    assert [one["field"] for one in beside.take("perceive/over/enter")] == ["perceive.over.enter.r.v.gte"]
    assert beside.take("perceive/over") == []
    assert part_of("classify.rows.2.when.0") == "rule-2"
    assert (part_of("facts.x"), part_of("storm.per_hour"), part_of("lead")) == ("fact-x", "case", "about")


def test_whatever_the_yaml_says_the_form_is_drawn_and_its_buttons_answer() -> None:
    chosen = random.Random(6)
    document = read_yaml(TEXT, "")
    paths = [path for path in document.lines if path]
    for _ in range(120):
        value: Any = deepcopy(document.value)
        path = chosen.choice(paths)
        here = value
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = chosen.choice([None, 5, [], {}, "x", [1], {"a": 1}, True, [[]], {"a": {"b": [{}]}}, ""])
        text = written(value)
        assert shown(text)["readable"]
        do = f"{chosen.choice(list(BUTTONS))}:{'/'.join(map(str, chosen.choice(paths)))}"
        made = changed(text, [], do, {"of": "water", "kind": "span", "what": "count:flooded"})
        assert made.keys() >= {"text"} or made["reason"] in {"gone", "used", "last", "type", "name", "taken"}, (
            do,
            text,
        )
