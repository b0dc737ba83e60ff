"""Conditions as authors write them, read into `rules.conditions`; each fault is told with what would mend it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from rules.conditions import (
    ALWAYS,
    KEYWORDS,
    NEVER,
    SEARCHES,
    TYPE_WORDS,
    WRITTEN,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Op,
    Operand,
    Type,
    of_type,
)
from rules.durations import parse_duration
from rules.problems import nearest, quoted
from rules.reading import Path
from rules.texts import normalised

ALLOWED = {
    Type.NUMBER: frozenset({Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE, Op.IN}),
    Type.BOOLEAN: frozenset({Op.EQ, Op.NE}),
    Type.STRING: frozenset({Op.EQ, Op.NE, Op.IN}) | SEARCHES,
    Type.DETECTION: frozenset({Op.IS}),
    Type.SIGNAL: frozenset({Op.SILENT}),
}
_EXAMPLE = {Type.NUMBER: "数字", Type.BOOLEAN: "true 或 false", Type.STRING: "文字"}


class Complain(Protocol):
    """Hears what is wrong at `path`: the reason, what would mend it, and the code to search for."""

    def __call__(self, path: Path, reason: str, fix: str = "", code: str = "invalid") -> None: ...


def parse(
    raw: Any, path: Path, types: Mapping[str, Type], complain: Complain, units: Mapping[str, str] | None = None
) -> Condition:
    """The condition that `raw` says; what is wrong goes to `complain`. `units` are those of the numbers that have one.

    A number may be written with its unit (`30 cm`); another unit is not turned into it, but complained of.
    """
    return _Reader(types, units or {}, complain).condition(raw, path)


def parse_cell(
    ref: str, raw: Any, path: Path, types: Mapping[str, Type], complain: Complain, units: Mapping[str, str]
) -> Condition:
    """A cell of a decision table in the column `ref`, which is a known name: `any`, a value, or `{op: value}`."""
    if raw == "any":
        return ALWAYS
    reader = _Reader(types, units, complain)
    if isinstance(raw, dict):
        return reader.comparisons(ref, raw, path)
    return reader.comparison(ref, Op.IS if types[ref] is Type.DETECTION else Op.EQ, raw, path)


@dataclass(frozen=True, slots=True)
class _Reader:
    types: Mapping[str, Type]
    units: Mapping[str, str]
    complain: Complain

    def condition(self, raw: Any, path: Path) -> Condition:
        if not isinstance(raw, dict) or not raw:
            self.complain(path, "应为一个条件", "如 {signal.field: {gte: 0.8}}，或 all / any / not")
            return NEVER
        if len(raw) > 1:
            self.complain(path, "应为一个条件，这里写了几个", "几个条件用 all: [..., ...] 或 any: [..., ...] 连起来")
            return NEVER
        ((name, inner),) = raw.items()
        below = (*path, name)
        if name == "not":
            return Not(self.condition(inner, below))
        if name in {"all", "any"}:
            return self._joined(name, inner, below)
        if name not in self.types:
            self.complain(below, f"没有“{name}”这个名字", nearest(name, self.types), "unknown-name")
            return NEVER
        return self.comparisons(name, inner, below)

    def _joined(self, name: str, raw: Any, path: Path) -> Condition:
        if not isinstance(raw, list) or not raw:
            self.complain(path, "应为一列条件：[..., ...]")
            return NEVER
        parts = tuple(self.condition(part, (*path, index)) for index, part in enumerate(raw))
        return AllOf(parts) if name == "all" else AnyOf(parts)

    def comparisons(self, ref: str, raw: Any, path: Path) -> Condition:
        kind = self.types[ref]
        if not isinstance(raw, dict) or not raw:
            self.complain(path, "应写成 {比较: 值}", "可以比较：" + "、".join(sorted(ALLOWED[kind])))
            return NEVER
        found: list[Condition] = []
        for op, value in raw.items():
            where = (*path, op)
            if op not in WRITTEN or Op(op) not in ALLOWED[kind]:
                fix = _NO_PATTERNS if op in _PATTERNS else nearest(op, ALLOWED[kind])
                self.complain(where, f"{TYPE_WORDS[kind]}不能用“{op}”比较", fix, "unknown-name")
                continue
            found.append(self.comparison(ref, Op(op), value, where))
        return found[0] if len(found) == 1 else AllOf(tuple(found)) if found else NEVER

    def comparison(self, ref: str, op: Op, raw: Any, path: Path) -> Condition:
        """One comparison, or never where `raw` cannot be compared with `ref`."""
        kind = self.types[ref]
        value = self._without_unit(ref, raw, path) if kind is Type.NUMBER else raw
        if value is None and raw is not None:
            return NEVER
        operand = _operand(op, value, kind)
        if operand is None:
            self.complain(path, f"{quoted(raw)}不能和 {ref} 比较", _expected(op, kind))
            return NEVER
        return Comparison(ref, op, operand, path)

    def _without_unit(self, ref: str, raw: Any, path: Path) -> Any:
        """A number, or a list of them, as numbers of the unit of `ref`; None where another unit was written."""
        if isinstance(raw, list) and None not in raw:
            parts = [self._without_unit(ref, part, path) for part in raw]
            return None if None in parts else parts
        written = _WITH_UNIT.fullmatch(raw) if isinstance(raw, str) else None
        if written is None:
            return raw
        own = self.units.get(ref, "")
        if written["unit"] != own:
            has = f"的单位是 {own}" if own else "没有写单位"
            fix = f"换算成 {own} 再写" if own else "给字段写上 unit，或这里只写数字"
            self.complain(path, f"“{raw}”的单位是 {written['unit']}，{ref} {has}", fix, "unit-mismatch")
            return None
        return float(written["number"]) if "." in written["number"] else int(written["number"])


_PATTERNS = frozenset({"match", "matches", "regex", "regexp", "pattern", "like"})
_NO_PATTERNS = "没有正则表达式：用 contains_any、contains_all 或 mentions_any 写出词来"
_WITH_UNIT = re.compile(r"(?P<number>[+-]?\d{1,15}(?:\.\d{1,15})?)\s*(?P<unit>[^\s\d.,+-].{0,19})")


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
        return "应为 began"
    if op is Op.SILENT:
        return "应为时长，如 2m"
    several = op is Op.IN or op in KEYWORDS
    return f"应为一列{_EXAMPLE[kind]}" if several else f"应为{_EXAMPLE[kind]}"
