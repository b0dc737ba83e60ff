"""Conditions as data: `{field: {op: value}}` joined by `all`, `any`, `not`; one form for author, evaluator and engine.

A test of something that was not said is neither true nor false; a whole condition holds only where it is proven true.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from domain.signals import FieldValue
from rules.durations import in_words
from rules.reading import Path

Operand = FieldValue | tuple[FieldValue, ...] | timedelta


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
    MENTIONS_ANY = "mentions_any"
    LACKS_ALL = "lacks_all"  # not written either: `not` around `contains_any`
    LACKS_ANY = "lacks_any"  # `not` around `contains_all`
    MENTIONS_NONE = "mentions_none"  # `not` around `mentions_any`
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
    Op.MENTIONS_ANY: Op.MENTIONS_NONE,
    Op.MENTIONS_NONE: Op.MENTIONS_ANY,
}
SEARCHES = frozenset({Op.CONTAINS_ANY, Op.CONTAINS_ALL, Op.MENTIONS_ANY})
KEYWORDS = SEARCHES | {NEGATION[op] for op in SEARCHES}
WRITTEN = frozenset(op.value for op in Op) - {Op.NOT_IN} - {NEGATION[op] for op in SEARCHES}


class Type(StrEnum):
    NUMBER = "number"
    BOOLEAN = "boolean"
    STRING = "string"
    DETECTION = "detection"
    SIGNAL = "signal"


TYPE_WORDS = {
    Type.NUMBER: "数字",
    Type.BOOLEAN: "是非",
    Type.STRING: "文字",
    Type.DETECTION: "告警",
    Type.SIGNAL: "信息",
}


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
_SIGNS |= {"contains_any": "含有任一", "contains_all": "同时含有", "mentions_any": "提到任一"}


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
        return f"{name} {'提到' if test.op is Op.MENTIONS_ANY else '含有'} {seen}"
    said = "" if seen is None or seen == "" else f" {_spoken(seen)}"
    return f"{name}{said} {_SIGNS[test.op.value]} {_spoken(test.value)}"


def _spoken(value: Operand) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(map(_spoken, value))
    return str(value)


_NUMBERS = frozenset({int, float})
_LARGEST = 1e15  # beyond it neighbouring numbers run together


def of_type(value: Any, kind: Type) -> bool:
    """Whether a value from outside is what its field is declared to be; a truth is no number."""
    if kind is Type.NUMBER:
        return type(value) in _NUMBERS and -_LARGEST <= value <= _LARGEST
    return type(value) is (bool if kind is Type.BOOLEAN else str)
