"""Conditions in the spelling of durable_rules, within what its C engine can hold.

The engine has no `$not`, no list membership, no search in texts, reads no exponent without a point, and does not
decode escapes. So `not` is pushed down, `in` is spelt out, numbers are written in full, texts and truths as plain ASCII
tokens; whether a text holds keywords is found out before, and is a fact like any other.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from domain.canonical import canonical_json
from domain.signals import FieldValue
from rules.conditions import (
    KEYWORDS,
    NEGATION,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Op,
    comparisons_of,
    without_not,
)
from rules.evaluate import truth

MOST_COMPARISONS = 60  # its stack of 64 holds what may match at once, rule by rule
MOST_OF_A_RULE = 30  # its sequences of 32
MOST_FIELDS = 252
_SIGNS = {Op.NE: "$neq", Op.GT: "$gt", Op.GTE: "$gte", Op.LT: "$lt", Op.LTE: "$lte"}
_LONGEST_TOKEN = 120


@dataclass(frozen=True, slots=True)
class EngineRules:
    """Rules as the engine reads them; `text` is empty where no rule has a condition.

    `keywords` are the searches in texts that the rules ask for.
    """

    hash: str
    text: str
    keywords: tuple[Comparison, ...] = ()

    def facts_of(self, facts: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
        """`facts`, and what was found in their texts."""
        found = {_fact_of(test): truth(test, facts).holds for test in self.keywords}
        return {**facts, **{name: holds for name, holds in found.items() if holds is not None}}


def translate(digest: str, rules: Sequence[tuple[str, Condition]]) -> EngineRules:
    spelt = {rule: {"all": [{"m": _spelt(_flat(without_not(condition)))}]} for rule, condition in rules}
    searches = (test for _, condition in rules for test in comparisons_of(condition) if test.op in KEYWORDS)
    return EngineRules(
        digest, _json(spelt) if spelt else "", tuple({_fact_of(test): test for test in searches}.values())
    )


def fact_text(facts: Mapping[str, FieldValue]) -> str:
    """Flat facts as the engine reads them, without the closing brace's company: `"a":1.0,"b":"t78"`."""
    return ",".join(f'"{_name(name)}":{_value(value)}' for name, value in facts.items())


def limits_exceeded(rules: Iterable[tuple[str, Condition]]) -> list[str]:
    """What is more than the engine can hold."""
    sizes = {rule: [leaf.ref for leaf in comparisons_of(_flat(without_not(condition)))] for rule, condition in rules}
    found = [
        f"rule {rule}: {len(read)} comparisons, each value of `in` is one; the engine holds {MOST_OF_A_RULE} in a rule"
        for rule, read in sizes.items()
        if len(read) > MOST_OF_A_RULE
    ]
    if (total := sum(map(len, sizes.values()))) > MOST_COMPARISONS:
        found.append(f"{total} comparisons, each value of `in` is one; the engine holds {MOST_COMPARISONS}")
    if (fields := len({ref for read in sizes.values() for ref in read})) > MOST_FIELDS:
        found.append(f"{fields} fields; the engine holds {MOST_FIELDS}")
    return found


def _flat(condition: Condition) -> Condition:
    """The same with membership as alternatives, and no joint of fewer than two parts."""
    match condition:
        case Comparison(ref, Op.IN, tuple(options), path):
            return _flat(AnyOf(tuple(Comparison(ref, Op.EQ, option, path) for option in options)))
        case Comparison(ref, Op.NOT_IN, tuple(options), path):
            return _flat(AllOf(tuple(Comparison(ref, Op.NE, option, path) for option in options)))
        case Comparison(op=Op.CONTAINS_ANY | Op.CONTAINS_ALL):
            return Comparison(_fact_of(condition), Op.EQ, True, condition.path)
        case Comparison(ref, Op.LACKS_ALL | Op.LACKS_ANY as op, value, path):
            return Comparison(_fact_of(Comparison(ref, NEGATION[op], value)), Op.EQ, False, path)
        case AllOf(parts) | AnyOf(parts):
            inner = tuple(map(_flat, parts))
            return inner[0] if len(inner) == 1 else type(condition)(inner)
    return condition


def _fact_of(test: Comparison) -> str:
    """The name under which the engine hears what a search found."""
    return f"{test.ref}.k{sha256(canonical_json([test.op.value, test.value]).encode()).hexdigest()[:12]}"


def _spelt(condition: Condition) -> Any:
    match condition:
        case AllOf(parts):
            return {"$and": [_spelt(part) for part in parts]}
        case AnyOf(parts):
            return {"$or": [_spelt(part) for part in parts]}
        case Comparison(ref, op, value):
            pair = {_name(ref): _Spelt(_value(value))}  # type: ignore[arg-type]
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


def _name(ref: str) -> str:
    return ref.replace(".", "__")


def _value(value: FieldValue) -> str:
    if value is True or value is False:
        return '"yes"' if value else '"no"'
    if isinstance(value, str):
        token = value.encode().hex()
        return f'"t{token}"' if len(token) <= _LONGEST_TOKEN else f'"h{sha256(value.encode()).hexdigest()}"'
    plain = format(Decimal(repr(float(value))), "f")
    return plain if "." in plain else plain + ".0"
