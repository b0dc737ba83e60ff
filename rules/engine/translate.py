"""Conditions in the spelling of durable_rules, within what its C engine can hold.

The engine has no `$not`, no list membership, no search in texts, reads no exponent without a point, does not decode
escapes, and takes a fact called `sid` for its own. So `not` is pushed down, `in` is spelt out, numbers are written in
full, texts and truths as plain ASCII tokens, and facts get names of ours. Whether a text holds keywords, and what else
the engine cannot ask (`rules.engine.bounded`), is found out before, and is a fact like any other.

What one engine ruleset cannot hold is split over several: rules know nothing of each other.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from domain.signals import FieldValue
from rules.conditions import AllOf, AnyOf, Comparison, Condition, Not, Op, without_not
from rules.engine.bounded import Before, bounded, size_of
from rules.evaluate import verdict

MOST_COMPARISONS = 60  # its stack of 64 holds what may match at once
_SIGNS = {Op.NE: "$neq", Op.GT: "$gt", Op.GTE: "$gte", Op.LT: "$lt", Op.LTE: "$lte"}
_LONGEST_TOKEN = 120
Rules = Sequence[tuple[str, Condition]]


@dataclass(frozen=True, slots=True)
class EngineRules:
    """Rules of the version `hash`, as many as one engine ruleset holds, which knows them by `key`.

    `rules` are they as the plain evaluator reads them, `names` what the engine calls the facts they read, `before`
    what is found out before it is asked, in this order.
    """

    hash: str
    key: str
    text: str
    rules: tuple[tuple[str, Condition], ...]
    names: Mapping[str, str]
    before: tuple[tuple[str, Condition], ...]

    def spelt(self, facts: Mapping[str, FieldValue]) -> str:
        """What the rules read of flat, typed facts, as the engine reads it, without braces: `"f0":1.0,"f1":"t78"`."""
        if self.before:
            facts = dict(facts)
            for found, condition in self.before:
                if verdict(condition, facts) is True:
                    facts[found] = True
        return ",".join(
            [f'"{name}":{_value(value)}' for ref, name in self.names.items() if (value := facts.get(ref)) is not None]
        )


class TooLarge(NamedTuple):
    """A rule that makes more comparisons than an engine ruleset holds; each value of `in` is one."""

    rule: str
    comparisons: int
    limit: int = MOST_COMPARISONS


def too_large(rules: Rules) -> list[TooLarge]:
    sizes = ((rule, _size(condition)) for rule, condition in rules)
    return [TooLarge(rule, size) for rule, size in sizes if size > MOST_COMPARISONS]


def split(digest: str, rules: Rules) -> tuple[EngineRules, ...]:
    """The rules of the version `digest`, none of them too large, in as few engine rulesets as hold them in order."""
    parts: list[_Part] = []
    for rule, condition in rules:
        size = _size(condition)
        if not parts or parts[-1].size + size > MOST_COMPARISONS or rule in dict(parts[-1].rules):
            parts.append(_Part())
        parts[-1].size += size
        parts[-1].rules.append((rule, condition))
    return tuple(part.translated(digest, f"{digest}.{number}") for number, part in enumerate(parts))


def _size(condition: Condition) -> int:
    return size_of(bounded(without_not(condition), {}))


@dataclass
class _Part:
    """An engine ruleset that is being filled."""

    size: int = 0
    rules: list[tuple[str, Condition]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def translated(self, digest: str, key: str) -> EngineRules:
        before: Before = {}
        shaped = [(rule, bounded(without_not(condition), before)) for rule, condition in self.rules]
        text = _json({rule: {"all": [{"m": self._spelt(condition)}]} for rule, condition in shaped})
        found = tuple((name, condition) for condition, name in before.items())
        return EngineRules(digest, key, text, tuple(self.rules), self.names, found)

    def _spelt(self, condition: Condition) -> Any:
        match condition:
            case AllOf(parts):
                return {"$and": [self._spelt(part) for part in parts]}
            case AnyOf(parts):
                return {"$or": [self._spelt(part) for part in parts]}
            case Comparison(ref, op, value):
                name = self.names.setdefault(ref, f"f{len(self.names)}")
                pair = {name: _Spelt(_value(value))}  # type: ignore[arg-type]
                return {_SIGNS[op]: pair} if op in _SIGNS else pair
            case Not():
                raise AssertionError("`not` was pushed down")


class _Spelt(str):
    """A value that is JSON already."""

    __slots__ = ()


def _json(value: Any) -> str:
    if isinstance(value, _Spelt):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_json(part)}" for name, part in value.items()) + "}"
    return "[" + ",".join(map(_json, value)) + "]"


def _value(value: FieldValue) -> str:
    if value is True or value is False:
        return '"yes"' if value else '"no"'
    if isinstance(value, str):
        token = value.encode("utf-8", "surrogatepass").hex()
        long = len(token) > _LONGEST_TOKEN
        return f'"h{sha256(bytes.fromhex(token)).hexdigest()}"' if long else f'"t{token}"'
    plain = repr(float(value))
    if "e" not in plain:
        return plain
    plain = format(Decimal(plain), "f")
    return plain if "." in plain else plain + ".0"
