"""Made rules and facts for comparing rule engines, in Linli's language and in those of the others."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import rule_engine
import zen
from business_rules.actions import BaseActions, rule_action
from business_rules.engine import run_all
from business_rules.fields import FIELD_TEXT
from business_rules.variables import BaseVariables, numeric_rule_variable, string_rule_variable

from domain.signals import FieldValue
from rules.catalogue import load_catalogue
from rules.compiled import Compiled
from rules.load import CATALOGUE, from_texts
from settings.model import RULESETS

NUMBERS = [f"n{number}" for number in range(6)]
KINDS = ["door", "lift", "smoke", "water"]
HIGHEST = 100
TEMPLATE = "{% block title %}-{% endblock %}{% block text %}-{% endblock %}"
Facts = Mapping[str, FieldValue]
Hits = Callable[[Facts], set[str]]


class Rule(NamedTuple):
    """Holds where `at_least` is reached, `below` is not, and it is one of this kind: three comparisons."""

    id: str
    at_least: tuple[str, int]
    below: tuple[str, int]
    kind: str


def rules(count: int, seed: int = 1) -> list[Rule]:
    dice = random.Random(seed)
    made = []
    for number in range(count):
        one, other = dice.sample(NUMBERS, 2)
        limits = dice.randint(HIGHEST // 2, HIGHEST), dice.randint(0, HIGHEST // 2)
        made.append(Rule(f"r{number}", (one, limits[0]), (other, limits[1]), dice.choice(KINDS)))
    return made


def facts(count: int, seed: int = 2) -> list[dict[str, FieldValue]]:
    dice = random.Random(seed)
    return [
        {name: dice.randint(0, 2 * HIGHEST) / 2 for name in NUMBERS} | {"kind": dice.choice(KINDS)}
        for _ in range(count)
    ]


def as_ruleset(given: Sequence[Rule]) -> Compiled:
    """Ours; a fact `n0` is read as `s.n0`."""
    written = {
        "ruleset": "bench",
        "title": "bench",
        "lead": "urban-operations",
        "signals": {"s": {"type": "bench", "fields": dict.fromkeys(NUMBERS, "number") | {"kind": "string"}}},
        "perceive": {"said": {"enter": {"s.kind": {"ne": ""}}, "once": True}},
        "classify": [*map(_as_ours, given), {"id": "other", "then": "none"}],
        "case": {},
    }
    return from_texts("bench", json.dumps(written), TEMPLATE, load_catalogue(RULESETS / CATALOGUE))


def _as_ours(rule: Rule) -> dict[str, Any]:
    (one, least), (other, limit) = rule.at_least, rule.below
    tests = [{f"s.{one}": {"gte": least}}, {f"s.{other}": {"lt": limit}}, {"s.kind": {"eq": rule.kind}}]
    return {"id": rule.id, "if": {"all": tests}, "then": "none"}


def in_our_names(given: Facts) -> dict[str, FieldValue]:
    return {f"s.{name}": value for name, value in given.items()}


def rule_engine_of(given: Sequence[Rule]) -> Hits:
    made = [
        (
            rule.id,
            rule_engine.Rule(
                f"{rule.at_least[0]} >= {rule.at_least[1]} and {rule.below[0]} < {rule.below[1]}"
                f" and kind == '{rule.kind}'"
            ),
        )
        for rule in given
    ]
    return lambda said: {id_ for id_, rule in made if rule.matches(said)}


def business_rules_of(given: Sequence[Rule]) -> Hits:
    made = [{"conditions": {"all": _as_business(rule)}, "actions": _hit(rule)} for rule in given]

    def hits(said: Facts) -> set[str]:
        found = _Found()
        run_all(made, _Said(said), found)
        return found.ids

    return hits


def _as_business(rule: Rule) -> list[dict[str, Any]]:
    return [
        {"name": rule.at_least[0], "operator": "greater_than_or_equal_to", "value": rule.at_least[1]},
        {"name": rule.below[0], "operator": "less_than", "value": rule.below[1]},
        {"name": "kind", "operator": "equal_to", "value": rule.kind},
    ]


def _hit(rule: Rule) -> list[dict[str, Any]]:
    return [{"name": "hit", "params": {"rule": rule.id}}]


class _Said(BaseVariables):  # type: ignore[misc]
    def __init__(self, said: Facts) -> None:
        self._said = said

    @string_rule_variable  # type: ignore[untyped-decorator]
    def kind(self) -> Any:
        return self._said["kind"]


for _name in NUMBERS:
    setattr(_Said, _name, numeric_rule_variable(lambda self, name=_name: self._said[name]))


class _Found(BaseActions):  # type: ignore[misc]
    def __init__(self) -> None:
        self.ids: set[str] = set()

    @rule_action(params={"rule": FIELD_TEXT})  # type: ignore[untyped-decorator]
    def hit(self, rule: str) -> None:
        self.ids.add(rule)


@dataclass(frozen=True)
class Zen:
    """A decision table that collects the rows that hold."""

    decision: Any
    explain: bool = False

    def __call__(self, said: Facts) -> set[str]:
        found = self.decision.evaluate(said, {"trace": self.explain})["result"]
        return {row["rule"] for row in found}


def zen_of(given: Sequence[Rule], *, explain: bool = False) -> Zen:
    columns = [{"id": name, "name": name, "field": name} for name in [*NUMBERS, "kind"]]
    table = {
        "hitPolicy": "collect",
        "inputs": columns,
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": [_as_row(rule) for rule in given],
    }
    kinds = {"in": "inputNode", "table": "decisionTableNode", "out": "outputNode"}
    nodes = [{"id": id_, "name": id_, "type": kind, "position": {"x": 0, "y": 0}} for id_, kind in kinds.items()]
    nodes[1]["content"] = table
    edges = [
        {"id": f"{one}-{next_}", "sourceId": one, "targetId": next_, "type": "edge"}
        for one, next_ in (("in", "table"), ("table", "out"))
    ]
    return Zen(zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges})), explain)


def _as_row(rule: Rule) -> dict[str, str]:
    (one, least), (other, limit) = rule.at_least, rule.below
    cells = dict.fromkeys([*NUMBERS, "kind"], "") | {one: f">= {least}", other: f"< {limit}"}
    return cells | {"_id": rule.id, "kind": json.dumps(rule.kind), "rule": json.dumps(rule.id)}
