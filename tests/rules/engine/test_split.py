"""What one engine ruleset cannot hold is split; only a single rule can be too large, and its author is told which."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from rules.catalogue import load_catalogue
from rules.classify import plain_hits
from rules.compiled import Compiled
from rules.engine.bounded import MOST_FIRINGS
from rules.engine.compiled import EngineInside
from rules.engine.translate import MOST_COMPARISONS
from rules.load import CATALOGUE, from_texts
from rules.problems import RulesetInvalid
from settings.model import RULESETS

TEMPLATE = "{% block title %}-{% endblock %}{% block text %}-{% endblock %}"
FIELDS = {"level": "number", "level__max": "number", "open": "boolean", "kind": "string"}


def compiled(*conditions: Mapping[str, Any], **signals: Any) -> Compiled:
    """A ruleset with one rule per condition, `r0` and on."""
    rules = [{"id": f"r{number}", "if": condition, "then": "none"} for number, condition in enumerate(conditions)]
    written = {
        "ruleset": "bench",
        "title": "bench",
        "lead": "urban-operations",
        "signals": {"s": {"type": "bench", "fields": FIELDS}} | signals,
        "perceive": {"sid": {"enter": {"s.open": {"eq": True}}, "once": True}},
        "classify": rules,
        "case": {},
    }
    return from_texts("bench", json.dumps(written), TEMPLATE, load_catalogue(RULESETS / CATALOGUE))


def levels(*above: int) -> dict[str, Any]:
    return {"all": [{"s.level": {"gt": level}} for level in above]}


def hits(of: Compiled, **facts: Any) -> list[str]:
    engine = EngineInside(of.engine)
    try:
        return sorted(engine.hits({name.replace("_of_", "."): value for name, value in facts.items()}))
    finally:
        engine.close()


def test_a_small_ruleset_is_one_engine_ruleset() -> None:
    assert len(compiled(levels(1), levels(2, 3)).engine) == 1


def test_rules_without_a_condition_need_no_engine() -> None:
    found = compiled(levels(1))
    assert [rule for part in found.engine for rule, _ in part.rules] == ["r0"]


def test_forty_rules_of_five_comparisons_are_split_and_lose_no_hit() -> None:
    found = compiled(*(levels(*range(number, number + 5)) for number in range(40)))
    sizes = [len(part.rules) for part in found.engine]
    assert sizes == [12, 12, 12, 4]
    assert len({part.key for part in found.engine}) == len(sizes)
    assert {part.hash for part in found.engine} == {found.hash}
    assert hits(found, s_of_level=30) == sorted(f"r{number}" for number in range(26))


def test_a_rule_that_just_fits_is_held_and_one_more_comparison_is_a_fault_that_names_it() -> None:
    assert hits(compiled(levels(*range(MOST_COMPARISONS))), s_of_level=60) == ["r0"]
    with pytest.raises(RulesetInvalid) as refused:
        compiled(levels(1), levels(*range(MOST_COMPARISONS + 1)))
    (problem,) = refused.value.problems
    assert problem.code == "engine-limit"
    assert problem.field == "classify.1.if"
    assert {"r1", "61", "60"} <= set(problem.reason.replace(",", "").split())


def test_each_value_of_a_list_counts() -> None:
    with pytest.raises(RulesetInvalid, match="61 个比较"):
        compiled({"s.level": {"in": list(range(61))}})


def test_names_that_mean_something_to_the_engine_or_look_alike_do_not_mix() -> None:
    fields = {"max": "number"}
    found = compiled(
        {"sid": {"is": "began"}},
        {"s.level__max": {"eq": 1}},
        {"s__level.max": {"eq": 2}},
        s__level={"type": "other", "fields": fields},
    )
    assert hits(found, sid="began", s_of_level__max=1) == ["r0", "r1"]
    assert hits(found, s__level_of_max=2) == ["r2"]
    assert hits(found, s_of_level__max=2, s__level_of_max=1) == []


@pytest.mark.parametrize(("wide", "deep"), [(2, 16), (3, 10), (5, 12)])
def test_alternatives_that_all_hold_do_not_take_the_engine_ages(wide: int, deep: int) -> None:
    """Ten `any` of three, all true: the engine would fire 59,049 times; beyond 15 joints it would refuse the rule."""
    any_of = {"any": [{"s.level": {"gt": -level}} for level in range(wide)]}
    found = compiled({"all": [any_of] * deep})
    (part,) = found.engine
    assert wide ** part.text.count('"$or"') <= MOST_FIRINGS
    assert hits(found, s_of_level=5) == ["r0"] == list(plain_hits(found, {"s.level": 5}))


def test_more_joints_than_the_engine_holds_are_no_fault() -> None:
    """An `any` of twenty `all`: the engine holds fifteen joints in a rule."""
    found = compiled({"any": [levels(10 * number, 10 * number + 1) for number in range(20)]})
    assert hits(found, s_of_level=2) == ["r0"]
    assert hits(found, s_of_level=1) == []
