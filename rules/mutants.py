"""A ruleset changed in one small place at a time: what its own tests ought to notice."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import reduce
from typing import Any

from domain.matters import AfterClose
from rules.compiled import Compiled
from rules.conditions import Comparison, Op, in_author_words
from rules.durations import in_words, parse_duration
from rules.places import WIDTH
from rules.reading import Document, Path
from rules.schema import TableForm

GONE = object()  # in place of a new value: what stood there is left out
_FIFTH = 0.2
_SMALL = 1  # numbers up to this are shares: they are written with two decimals
_ORDERS = {"gte": "gt", "gt": "gte", "lt": "lte", "lte": "lt"}
_SWAPPED = _ORDERS | {"any": "all", "all": "any", "contains_any": "contains_all", "contains_all": "contains_any"}
_NUMBERS = _ORDERS.keys() | {"eq", "ne"}
_WITH_UNIT = re.compile(r"([+-]?\d+(?:\.\d+)?)(\s*[^\d\s.].*)")


class Kind(StrEnum):
    """What was changed: a number, how things are compared or joined, a length of time; or a comparison is left out."""

    THRESHOLD = "threshold"
    OPERATOR = "operator"
    DURATION = "duration"
    COMPARISON = "comparison"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: at `path` now stands `value` (GONE: nothing); `words` say it to the author."""

    kind: Kind
    path: Path
    value: Any
    words: str

    def applied(self, document: Document) -> Document:
        changed = deepcopy(document.value)
        parent: Any = changed
        for part in self.path[:-1]:
            parent = parent[part]
        if self.value is GONE:
            del parent[self.path[-1]]
        else:
            parent[self.path[-1]] = self.value
        return Document(document.file, changed, document.lines)


def mutants_of(compiled: Compiled) -> Iterator[Mutant]:
    """Every change that is tried, in the order of the file."""
    written = compiled.document.value
    maker = _Maker(compiled)
    for name, declared in written.get("hours", {}).items():
        for word in ("from", "to"):
            yield from maker.clock(("hours", name, word), declared[word])
    for signal, declared in written["signals"].items():
        for name, derived in declared.get("derive", {}).items():
            yield from maker.length(("signals", signal, "derive", name, "over"), derived.get("over"))
    for name, declared in written["perceive"].items():
        yield from maker.condition(declared["enter"], ("perceive", name, "enter"), None)
        yield from maker.length(("perceive", name, "for"), declared.get("for"))
        if "exit" in declared:
            yield from maker.condition(declared["exit"], ("perceive", name, "exit"), None)
    for name, declared in written.get("facts", {}).items():
        yield from maker.length(("facts", name, "within"), declared.get("within"))
    yield from _of_rules(compiled, maker)
    yield from _of_cases(compiled, maker)


def _of_rules(compiled: Compiled, maker: "_Maker") -> Iterator[Mutant]:
    classify = compiled.document.value["classify"]
    if not isinstance(compiled.form.classify, TableForm):
        for index, rule in enumerate(classify):
            if "if" in rule:
                whole: Path = ("classify", index, "if")
                yield from maker.condition(rule["if"], whole, whole)
        return
    for index, row in enumerate(classify["rows"]):
        for at, (ref, cell) in enumerate(zip(classify["columns"], row["when"], strict=True)):
            path: Path = ("classify", "rows", index, "when", at)
            if isinstance(cell, dict):
                yield from maker.leaf(ref, cell, path, path, without="any")
            elif cell != "any":
                yield from maker.number(ref, "eq", cell, path)
                yield Mutant(Kind.COMPARISON, path, "any", f"去掉「{maker.words(ref, 'eq', cell)}」")


def _of_cases(compiled: Compiled, maker: "_Maker") -> Iterator[Mutant]:
    """What the words of a case mean to the next one: what covers it, what it takes up again, where a storm begins."""
    written = compiled.document.value
    forms: list[tuple[Path, Any, bool]] = [(("case",), written["case"], any(rule.reopens for rule in compiled.rules))]
    forms += [
        ((*rule.path, "then"), _at(written, (*rule.path, "then")), rule.reopens)
        for rule in compiled.rules
        if rule.opens is not None
    ]
    for path, form, reopens in forms:
        for index, correlation in enumerate(form.get("correlate", ())):
            yield from maker.correlation((*path, "correlate", index), correlation)
        if reopens:
            yield from maker.length((*path, "reopen_within"), form.get("reopen_within"))
        if form.get("after_close") == AfterClose.REOPEN:
            yield Mutant(Kind.OPERATOR, (*path, "after_close"), AfterClose.NEW.value, "after_close reopen 改成 new")
    if storm := written.get("storm"):
        most = storm["per_hour"]
        for moved in _moved(most, whole=True):
            yield Mutant(Kind.THRESHOLD, ("storm", "per_hour"), moved, f"per_hour {most} 改成 {moved}")


def _at(value: Any, path: Path) -> Any:
    return reduce(lambda inner, part: inner[part], path, value)


class _Maker:
    def __init__(self, compiled: Compiled) -> None:
        self._labels = compiled.labels
        hours = {name for name, fact in compiled.form.facts.items() if fact.hour}
        self._whole = hours | {window.name for window in compiled.windows}
        self._detections = set(compiled.form.perceive)

    def condition(self, raw: Any, path: Path, drop: Path | None) -> Iterator[Mutant]:
        """`drop` is what to delete in order to do without it; None: it cannot be done without."""
        ((name, inner),) = raw.items()
        if name in {"all", "any"}:
            several = len(inner) > 1
            if several:
                yield Mutant(Kind.OPERATOR, path, {_SWAPPED[name]: inner}, f"{name} 改成 {_SWAPPED[name]}")
            for index, part in enumerate(inner):
                below = (*path, name, index)
                yield from self.condition(part, below, below if several else drop)
        elif name == "not":
            yield from self.condition(inner, (*path, name), drop)
        else:
            yield from self.leaf(name, inner, (*path, name), drop)

    def leaf(self, ref: str, tests: Any, path: Path, drop: Path | None, without: Any = GONE) -> Iterator[Mutant]:
        """The comparisons of one thing; `without` stands at `drop` where the last of them is left out."""
        for op, value in tests.items():
            if op == "silent":
                yield from self.length((*path, op), value)
            yield from self.number(ref, op, value, (*path, op))
            swapped = _SWAPPED.get(op)
            if swapped and (op in _ORDERS or len(value) > 1):
                words = f"{self.words(ref, op, value)} 改成 {self.words(ref, swapped, value)}"
                renamed = {swapped if name == op else name: given for name, given in tests.items()}
                yield Mutant(Kind.OPERATOR, path, renamed, words)
            gone, instead = ((*path, op), GONE) if len(tests) > 1 else (drop, without)
            if gone is not None:
                yield Mutant(Kind.COMPARISON, gone, instead, f"去掉「{self.words(ref, op, value)}」")

    def number(self, ref: str, op: str, value: Any, path: Path) -> Iterator[Mutant]:
        unit = ""
        if isinstance(value, str) and (found := _WITH_UNIT.fullmatch(value)):
            unit, value = found[2], float(found[1]) if "." in found[1] else int(found[1])
        if op not in _NUMBERS or type(value) not in {int, float}:
            return
        for moved in _moved(value, whole=ref in self._whole):
            words = f"{self.words(ref, op, f'{value}{unit}')} 改成 {moved}{unit}"
            yield Mutant(Kind.THRESHOLD, path, f"{moved}{unit}" if unit else moved, words)

    def length(self, path: Path, value: Any) -> Iterator[Mutant]:
        if value is None or not parse_duration(value):
            return
        for share in (1 - _FIFTH, 1 + _FIFTH):
            moved = in_words(timedelta(seconds=round(parse_duration(value).total_seconds() * share)))
            if moved != in_words(parse_duration(value)):
                yield Mutant(Kind.DURATION, path, moved, f"{path[-1]} {value} 改成 {moved}")

    def clock(self, path: Path, value: str) -> Iterator[Mutant]:
        hour, minute = int(value[:2]), value[3:]
        for moved in (f"{(hour - 1) % 24:02}:{minute}", f"{(hour + 1) % 24:02}:{minute}"):
            yield Mutant(Kind.DURATION, path, moved, f"{path[-1]} {value} 改成 {moved}")

    def correlation(self, path: Path, form: Any) -> Iterator[Mutant]:
        """Left out; the other of mute and join; as wide as the next narrower and the next wider."""
        of, by, how = form["with"], form["by"], form["as"]
        yield Mutant(Kind.COMPARISON, path, GONE, f"去掉「{how} {of}」")
        other = "join" if how == "mute" else "mute"
        yield Mutant(Kind.OPERATOR, (*path, "as"), other, f"{how} {of} 改成 {other}")
        at = WIDTH.index(by)
        for beside in (*WIDTH[max(at - 1, 0) : at], *WIDTH[at + 1 : at + 2]):
            yield Mutant(Kind.OPERATOR, (*path, "by"), beside, f"{of} 的 by {by} 改成 {beside}")

    def words(self, ref: str, op: str, value: Any) -> str:
        label = self._labels.get(ref)
        if op == "silent":
            return f"{label or ref} 静默 {value}"
        operand = tuple(value) if isinstance(value, list) else value
        return in_author_words(Comparison(ref, Op.IS if ref in self._detections else Op(op), operand), label)


def _moved(value: float, *, whole: bool) -> list[float]:
    """The neighbouring numbers as they are written, and those a fifth away; of what is counted, the neighbours."""
    decimals = len(repr(value).partition(".")[2].rstrip("0")) if isinstance(value, float) else 0
    if not whole and abs(value) <= _SMALL:
        decimals = max(decimals, 2)
    step = 10**-decimals
    found = [value - step, value + step]
    if not whole:
        found += [value * (1 - _FIFTH), value * (1 + _FIFTH)]
    rounded = [round(number, decimals) if decimals else round(number) for number in found]
    return [number for number in dict.fromkeys(rounded) if number != value]
