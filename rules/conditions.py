"""Conditions as data: `{field: {op: value}}` joined by `all`, `any`, `not`; one form for author, evaluator and engine.

A test of something that was not said is neither true nor false; a whole condition holds only where it is proven true.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from domain.signals import FieldValue
from rules.durations import in_words, parse_duration
from rules.problems import nearest
from rules.reading import Path
from rules.texts import normalised

Operand = FieldValue | tuple[FieldValue, ...] | timedelta
Complain = Callable[[Path, str, str], None]


class Op(StrEnum):
    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NOT_IN = "not_in"  # not written by authors: what is left of `not` around `in`
    CONTAINS_ANY = "contains_any"
    CONTAINS_ALL = "contains_all"
    LACKS_ALL = "lacks_all"  # not written either: `not` around `contains_any`
    LACKS_ANY = "lacks_any"  # `not` around `contains_all`
    IS = "is"
    SILENT = "silent"


NEGATION = {
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.GT: Op.LTE,
    Op.LTE: Op.GT,
    Op.LT: Op.GTE,
    Op.GTE: Op.LT,
    Op.IN: Op.NOT_IN,
    Op.NOT_IN: Op.IN,
    Op.CONTAINS_ANY: Op.LACKS_ALL,
    Op.LACKS_ALL: Op.CONTAINS_ANY,
    Op.CONTAINS_ALL: Op.LACKS_ANY,
    Op.LACKS_ANY: Op.CONTAINS_ALL,
}
KEYWORDS = frozenset({Op.CONTAINS_ANY, Op.CONTAINS_ALL, Op.LACKS_ALL, Op.LACKS_ANY})
WRITTEN = frozenset(op.value for op in Op) - {Op.NOT_IN.value, Op.LACKS_ALL.value, Op.LACKS_ANY.value}


class Type(StrEnum):
    NUMBER = "number"
    BOOLEAN = "boolean"
    STRING = "string"
    DETECTION = "detection"
    SIGNAL = "signal"


ALLOWED = {
    Type.NUMBER: frozenset({Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE, Op.IN}),
    Type.BOOLEAN: frozenset({Op.EQ, Op.NE}),
    Type.STRING: frozenset({Op.EQ, Op.NE, Op.IN, Op.CONTAINS_ANY, Op.CONTAINS_ALL}),
    Type.DETECTION: frozenset({Op.IS}),
    Type.SIGNAL: frozenset({Op.SILENT}),
}
_EXAMPLE = {Type.NUMBER: "a number", Type.BOOLEAN: "true or false", Type.STRING: "a text"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of one named thing; `path` is where its author wrote it."""

    ref: str
    op: Op
    value: Operand
    path: Path = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Comparison | AllOf | AnyOf | Not
ALWAYS = AllOf(())
NEVER = AnyOf(())


def comparisons_of(condition: Condition) -> Iterator[Comparison]:
    """Every comparison in it, in the author's order."""
    match condition:
        case Comparison():
            yield condition
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from comparisons_of(part)
        case Not(part):
            yield from comparisons_of(part)


def without_not(condition: Condition, negated: bool = False) -> Condition:
    """The same condition with `not` pushed down into the comparisons.

    A comparison of what was not said stays false on either side, so this holds exactly where `condition` is proven
    true (or, `negated`, proven false).
    """
    match condition:
        case Not(part):
            return without_not(part, not negated)
        case AllOf(parts) | AnyOf(parts):
            inner = tuple(without_not(part, negated) for part in parts)
            return AnyOf(inner) if isinstance(condition, AllOf) == negated else AllOf(inner)
        case Comparison(ref, op, value, path):
            if not negated:
                return condition
            return NEVER if op not in NEGATION else Comparison(ref, NEGATION[op], value, path)


_SIGNS = {"eq": "=", "ne": "≠", "gt": ">", "gte": "≥", "lt": "<", "lte": "≤", "in": "属于", "not_in": "不属于"}
_SIGNS |= {"contains_any": "含有任一", "contains_all": "同时含有"}


def in_author_words(test: Comparison, label: str | None = None, seen: FieldValue | None = None) -> str:
    """`置信度 ≥ 0.8`, or, where it is known what was `seen`, `置信度 0.41 ≥ 0.8`.

    Of a text `seen` are the keywords that were found in it: `诉求内容 含有 漏水`.
    """
    name = label or test.ref
    if test.op is Op.IS:
        return f"{name} 开始"
    if isinstance(test.value, timedelta):
        return f"{name} 静默 {in_words(test.value)}"
    if test.op in KEYWORDS and seen:
        return f"{name} 含有 {seen}"
    said = "" if seen is None or seen == "" else f" {_spoken(seen)}"
    return f"{name}{said} {_SIGNS[test.op.value]} {_spoken(test.value)}"


def _spoken(value: Operand) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(map(_spoken, value))
    return str(value)


def parse(raw: Any, path: Path, types: dict[str, Type], complain: Complain) -> Condition:
    """The condition that `raw` says; what is wrong goes to `complain(path, reason, fix)`."""
    if not isinstance(raw, dict) or not raw:
        complain(path, "expected a condition", "such as {signal.field: {gte: 0.8}}, or all / any / not")
        return NEVER
    if len(raw) > 1:
        complain(path, "expected one condition", "join several with all: [..., ...] or any: [..., ...]")
        return NEVER
    ((name, inner),) = raw.items()
    below = (*path, name)
    if name == "not":
        return Not(parse(inner, below, types, complain))
    if name in {"all", "any"}:
        return _joined(name, inner, below, types, complain)
    if name not in types:
        complain(below, f"unknown name {name!r}", nearest(name, types))
        return NEVER
    return _comparisons(name, inner, below, types[name], complain)


def _joined(name: str, raw: Any, path: Path, types: dict[str, Type], complain: Complain) -> Condition:
    if not isinstance(raw, list) or not raw:
        complain(path, "expected a list of conditions", "")
        return NEVER
    parts = tuple(parse(part, (*path, index), types, complain) for index, part in enumerate(raw))
    return AllOf(parts) if name == "all" else AnyOf(parts)


def _comparisons(ref: str, raw: Any, path: Path, kind: Type, complain: Complain) -> Condition:
    if not isinstance(raw, dict) or not raw:
        complain(path, "expected {op: value}", "ops: " + ", ".join(sorted(ALLOWED[kind])))
        return NEVER
    found: list[Condition] = []
    for op, value in raw.items():
        where = (*path, op)
        if op not in WRITTEN or Op(op) not in ALLOWED[kind]:
            complain(where, f"{op!r} cannot be asked of a {kind.value}", nearest(op, ALLOWED[kind]))
            continue
        operand = _operand(Op(op), value, kind)
        if operand is None:
            complain(where, f"{value!r} cannot be compared with {ref}", _expected(Op(op), kind))
            continue
        found.append(Comparison(ref, Op(op), operand, where))
    return found[0] if len(found) == 1 else AllOf(tuple(found)) if found else NEVER


def _operand(op: Op, value: Any, kind: Type) -> Operand | None:
    if op is Op.IS:
        return "began" if value == "began" else None
    if op is Op.SILENT:
        try:
            return parse_duration(value)
        except ValueError:
            return None
    if op is Op.IN:
        fits = isinstance(value, list) and value and all(of_type(part, kind) for part in value)
        return tuple(value) if fits else None
    if op in KEYWORDS:
        words = [normalised(part) for part in value if isinstance(part, str)] if isinstance(value, list) else []
        return tuple(words) if words and all(words) and len(words) == len(value) else None
    return value if of_type(value, kind) else None


def _expected(op: Op, kind: Type) -> str:
    if op is Op.IS:
        return "expected began"
    if op is Op.SILENT:
        return "expected a length of time such as 2m"
    several = op is Op.IN or op in KEYWORDS
    return f"expected a list, each {_EXAMPLE[kind]}" if several else f"expected {_EXAMPLE[kind]}"


_NUMBERS = frozenset({int, float})
_LARGEST = 1e15  # beyond it neighbouring numbers run together


def of_type(value: Any, kind: Type) -> bool:
    """Whether a value from outside is what its field is declared to be; a truth is no number."""
    if kind is Type.NUMBER:
        return type(value) in _NUMBERS and -_LARGEST <= value <= _LARGEST
    return type(value) is (bool if kind is Type.BOOLEAN else str)
