"""Decision tables, whole words and units: what authors write, and what comes of it."""

from pathlib import Path
from typing import Any

import pytest

from rules.catalogue import load_catalogue
from rules.classify import plain_hits, spoken
from rules.compile import compile_ruleset
from rules.compiled import Compiled
from rules.conditions import Comparison, Not, Op, comparisons_of
from rules.engine.compiled import EngineInside
from rules.engine.translate import split
from rules.evaluate import truth, verdict
from rules.problems import Problem, RulesetInvalid
from rules.reading import read_yaml

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "rulesets" / "catalogue.csv")
HEAD = """
ruleset: standing-water
title: 道路积水
lead: urban-operations
signals:
  level:
    type: water.level
    fields: {depth: {type: number, unit: cm, label: 水深}, street: string, kind: {type: number}}
perceive:
  deep: {enter: {level.depth: {gte: %s}}, exit: {level.depth: {lt: 5}}, label: 积水}
classify:
"""
CASE = """
case: {sla: {overall: 1d}}
"""
TEMPLATE = "{% block title %}{{ place }}{% endblock %}{% block text %}{{ rule }}{% endblock %}"
THEN = "{category: water-leak, priority: normal, tier: committee, handler: property}"
TABLE = f"""
  columns: [deep, level.depth, level.street]
  rows:
    - {{id: tunnel, when: [began, {{gte: "30 cm", lt: 200}}, {{mentions_any: [地道]}}], then: {THEN}}}
    - {{id: exact, when: [any, 27, any], then: {THEN}}}
    - {{id: counted, when: [any, any, any], then: none}}
"""
RULES = f"""
  - id: tunnel
    if:
      all:
        - {{deep: {{is: began}}}}
        - {{level.depth: {{gte: 30, lt: 200}}}}
        - {{level.street: {{mentions_any: [地道]}}}}
    then: {THEN}
  - {{id: exact, if: {{level.depth: {{eq: 27}}}}, then: {THEN}}}
  - {{id: counted, then: none}}
"""


def compiled(classify: str, begins: str = "10") -> Compiled:
    text = HEAD % begins + classify + CASE
    return compile_ruleset(read_yaml(text, "ruleset.yaml"), TEMPLATE, CATALOGUE)


def faults(classify: str, begins: str = "10") -> list[Problem]:
    with pytest.raises(RulesetInvalid) as caught:
        compiled(classify, begins)
    return list(caught.value.problems)


def line_of(classify: str, part: str) -> int:
    return next(n for n, line in enumerate((HEAD % "10" + classify).splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("facts", "hit"),
    [
        ({"deep": "began", "level.depth": 30, "level.street": "四平路 地道"}, ("tunnel",)),
        ({"deep": "began", "level.depth": 29.9, "level.street": "四平路地道"}, ()),
        ({"deep": "began", "level.depth": 200, "level.street": "四平路地道"}, ()),
        ({"level.depth": 40, "level.street": "四平路地道"}, ()),
        ({"level.depth": 27}, ("exact",)),
        ({}, ()),
    ],
)
def test_a_table_decides_as_the_same_rules_do(facts: dict[str, Any], hit: tuple[str, ...]) -> None:
    table, rules = compiled(TABLE), compiled(RULES)
    assert plain_hits(table, facts) == plain_hits(rules, facts) == hit


def test_a_row_is_explained_in_the_words_of_a_rule() -> None:
    def words(ruleset: Compiled) -> list[str]:
        conditions = [rule.condition for rule in ruleset.rules if rule.condition is not None]
        return [str(spoken(ruleset, c, {})["condition"]) for one in conditions for c in comparisons_of(one)]

    assert words(compiled(TABLE)) == words(compiled(RULES))
    assert words(compiled(TABLE))[1] == "水深 ≥ 30"


def test_a_row_without_a_cell_to_ask_always_matches() -> None:
    assert [rule.condition is None for rule in compiled(TABLE).rules] == [False, False, True]


def test_a_row_and_its_cells_know_their_place_in_the_table() -> None:
    tunnel = compiled(TABLE).rules[0]
    assert tunnel.path == ("classify", "rows", 0)
    assert tunnel.condition is not None
    assert [c.path[3:] for c in comparisons_of(tunnel.condition)] == [
        ("when", 0),
        ("when", 1, "gte"),
        ("when", 1, "lt"),
        ("when", 2, "mentions_any"),
    ]


def test_a_column_that_is_nothing_is_named_with_the_nearest() -> None:
    table = TABLE.replace("level.depth", "level.dept")
    (fault,) = faults(table)
    assert (fault.code, fault.field, fault.line) == ("unknown-name", "classify.columns.1", line_of(table, "columns"))
    assert fault.fix == "是不是要写“level.depth”？"


def test_a_cell_of_another_type_is_named_with_its_line() -> None:
    table = TABLE.replace("[any, 27, any]", "[any, deep, any]")
    (fault,) = faults(table)
    assert (fault.field, fault.line) == ("classify.rows.1.when.1", line_of(table, "id: exact"))
    assert "“deep”不能和 level.depth 比较" in fault.reason


def test_a_row_with_a_cell_too_few_is_refused() -> None:
    reasons = [fault.reason for fault in faults(TABLE.replace("[any, 27, any]", "[any, 27]"))]
    assert "行 exact 有 2 格，表有 3 列" in reasons


def test_a_misspelt_name_of_a_rule_has_a_code_and_the_nearest_name() -> None:
    (fault,) = faults(RULES.replace("{deep: {is", "{deap: {is"))
    assert (fault.code, fault.fix) == ("unknown-name", "是不是要写“deep”？")


def test_a_number_may_be_written_with_its_unit() -> None:
    enter = compiled(RULES, '"10.5 cm"').signals["level"].detections[0].enter
    assert isinstance(enter, Comparison)
    assert enter.value == 10.5


@pytest.mark.parametrize("written", ['"30 mm"', '"30mm"', '"30 Cel"'])
def test_another_unit_is_not_read(written: str) -> None:
    (fault,) = faults(RULES, written)
    assert (fault.code, fault.field) == ("unit-mismatch", "perceive.deep.enter.level.depth.gte")
    assert "level.depth 的单位是 cm" in fault.reason


def test_a_unit_for_what_has_none_is_not_read() -> None:
    (fault,) = faults(RULES.replace("{level.depth: {eq: 27}}", '{level.kind: {in: ["2 cm"]}}'))
    assert (fault.code, fault.fix) == ("unit-mismatch", "给字段写上 unit，或这里只写数字")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("三楼起火了", True),
        ("三楼　起 火 了，冒烟", True),
        ("附近的火锅店油烟太大", False),
        ("起火锅的那家店", False),
        ("", False),
    ],
)
def test_a_word_is_mentioned_only_as_a_whole(text: str, named: bool) -> None:
    asked = Comparison("t", Op.MENTIONS_ANY, ("火", "起火"))
    assert verdict(asked, {"t": text}) is named
    assert verdict(Not(asked), {"t": text}) is not named


def test_a_word_of_several_shorter_ones_is_mentioned() -> None:
    assert (
        truth(Comparison("t", Op.MENTIONS_ANY, ("飞线充电", "电瓶")), {"t": "楼下有人飞线充电，电瓶车"}).value
        == "飞线充电"
    )


def test_what_was_not_written_mentions_nothing_and_lacks_nothing() -> None:
    asked = Comparison("t", Op.MENTIONS_ANY, ("漏水",))
    assert verdict(asked, {}) is None
    assert verdict(Not(asked), {}) is None


@pytest.mark.parametrize("text", ["家里漏水了", "火锅店", None])
def test_the_engine_hears_what_was_mentioned_as_a_fact(text: str | None) -> None:
    asked = Comparison("t", Op.MENTIONS_ANY, ("漏水",))
    conditions = (("named", asked), ("not-named", Not(asked)))
    engine = EngineInside(split("words", conditions))
    facts = {} if text is None else {"t": text}
    wanted = {name for name, condition in conditions if verdict(condition, facts)}
    assert set(engine.hits(facts)) == wanted
