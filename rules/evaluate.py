"""The plain evaluator: what a condition says of flat facts. The engine must never differ from it."""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.signals import FieldValue
from rules.conditions import KEYWORDS, AllOf, AnyOf, Comparison, Condition, Not, Op, Type, of_type, without_not
from rules.hours import PREFIX
from rules.texts import found_in, mentioned_in

Facts = Mapping[str, FieldValue]
Holds = Callable[[Facts], bool]
_COMPARE: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.IS: operator.eq,
    Op.NE: operator.ne,
    Op.GT: operator.gt,
    Op.GTE: operator.ge,
    Op.LT: operator.lt,
    Op.LTE: operator.le,
    Op.IN: lambda value, options: value in options,
    Op.NOT_IN: lambda value, options: value not in options,
    Op.CONTAINS_ANY: lambda text, words: bool(found_in(text, words)),
    Op.CONTAINS_ALL: lambda text, words: found_in(text, words) == words,
    Op.LACKS_ALL: lambda text, words: not found_in(text, words),
    Op.LACKS_ANY: lambda text, words: found_in(text, words) != words,
    Op.MENTIONS_ANY: lambda text, words: bool(mentioned_in(text, words)),
    Op.MENTIONS_NONE: lambda text, words: not mentioned_in(text, words),
}


@dataclass(frozen=True, slots=True)
class Truth:
    """One comparison, what it saw (of a text: the keywords found), and whether it held; None: it was not said."""

    comparison: Comparison
    value: FieldValue | None
    holds: bool | None


def truth(test: Comparison, facts: Facts) -> Truth:
    value = facts.get(test.ref)
    if value is None or test.op is Op.SILENT:
        return Truth(test, value, None)
    holds = _COMPARE[test.op](value, test.value)
    if test.op in KEYWORDS and isinstance(test.value, tuple):
        search = mentioned_in if test.op in {Op.MENTIONS_ANY, Op.MENTIONS_NONE} else found_in
        return Truth(test, "、".join(search(str(value), map(str, test.value))), holds)
    return Truth(test, value, holds)


def verdict(condition: Condition, facts: Facts) -> bool | None:
    """True or False where it is proven, None where something it needs was not said (Kleene)."""
    match condition:
        case Comparison():
            return truth(condition, facts).holds
        case Not(part):
            inner = verdict(part, facts)
            return None if inner is None else not inner
        case AllOf(parts) | AnyOf(parts):
            deciding = isinstance(condition, AnyOf)
            found = [verdict(part, facts) for part in parts]
            if deciding in found:
                return deciding
            return None if None in found else not deciding


def typed(facts: Mapping[str, Any], types: Mapping[str, Type]) -> dict[str, FieldValue]:
    """What of `facts` is known and of its declared type; a detection's fact is the word `began`."""
    found = {}
    for name, value in facts.items():
        kind = types.get(name)
        if kind is not None and of_type(value, Type.STRING if kind is Type.DETECTION else kind):
            found[name] = value
    return found


def hits_of(conditions: Iterable[tuple[str, Condition]], facts: Facts) -> tuple[str, ...]:
    """The ids whose condition is proven true, in order."""
    return tuple(name for name, condition in conditions if verdict(condition, facts) is True)


def compiled_to_closure(condition: Condition, types: Mapping[str, Type], negated: bool = False) -> Holds:
    """A fast form of "proven true" (or, `negated`, "proven false") over a signal's raw fields; checks their types."""
    return _closure(without_not(condition, negated), types)


def _closure(condition: Condition, types: Mapping[str, Type]) -> Holds:
    match condition:
        case Comparison():
            return _comparison_closure(condition, types[condition.ref])
        case AllOf(parts) | AnyOf(parts):
            inner = tuple(_closure(part, types) for part in parts)
            if len(inner) == 1:
                return inner[0]
            return _all_of(inner) if isinstance(condition, AllOf) else _any_of(inner)
        case Not():
            raise AssertionError("`not` was pushed down")


def _all_of(parts: tuple[Holds, ...]) -> Holds:
    def holds(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs three times as much here
            if not part(facts):
                return False
        return True

    return holds


def _any_of(parts: tuple[Holds, ...]) -> Holds:
    def holds(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110 - as above
            if part(facts):
                return True
        return False

    return holds


def _comparison_closure(test: Comparison, kind: Type) -> Holds:
    if test.op is Op.SILENT:
        return lambda _facts: False
    compare, expected = _COMPARE[test.op], test.value
    name = test.ref if test.ref.startswith(PREFIX) else test.ref.partition(".")[2] or test.ref

    def holds(facts: Facts) -> bool:
        value = facts.get(name)
        return value is not None and of_type(value, kind) and compare(value, expected)

    return holds
