"""What may be true of a detection when it is judged, as formulas that z3 reasons about.

What was not said makes no comparison true. Detections are judged one at a time. A text that holds a long word holds
every part of it. A counted detection counts itself. Where the formulas say less than what really holds, proofs are
missed, never wrong: an example is handed out only after the plain evaluator has agreed to it.
"""

from collections.abc import Iterable
from typing import Any

import z3

from domain.signals import FieldValue
from rules.compiled import Compiled
from rules.conditions import KEYWORDS, AllOf, AnyOf, Comparison, Condition, Not, Op, Type, comparisons_of, without_not
from rules.texts import normalised

PHASES = ("none", "start", "update", "end")
MOST_MILLISECONDS = 100  # of one question: what takes longer is not proven
HOURS, MINUTES_OF_DAY = "hours", 1440
SEPARATOR = "，"
_MENTIONED = frozenset({Op.MENTIONS_ANY, Op.MENTIONS_NONE})
_NONE_OF = frozenset({Op.LACKS_ALL, Op.MENTIONS_NONE})
_SIGNS: dict[Op, Any] = {
    Op.EQ: lambda a, b: a == b,
    Op.NE: lambda a, b: a != b,
    Op.GT: lambda a, b: a > b,
    Op.GTE: lambda a, b: a >= b,
    Op.LT: lambda a, b: a < b,
    Op.LTE: lambda a, b: a <= b,
}


class Possible:
    """The facts that may be, for one ruleset. One thread at a time may ask."""

    def __init__(self, compiled: Compiled, conditions: Iterable[Condition] = ()) -> None:
        """`conditions` are those asked about besides the ruleset's own."""
        self.compiled = compiled
        self._context = z3.Context()
        self._names = list(compiled.form.perceive)
        self._which = z3.Int("which", self._context)
        self._minute = z3.Int("minute", self._context)
        self._counts = {window.name: window for window in compiled.windows}
        self._hours = {name for name, fact in compiled.form.facts.items() if fact.hour}
        self._values: dict[str, Any] = {}
        self._searches: dict[str, Any] = {}
        self._formulas: dict[tuple[str, Op, Any], Any] = {}
        read = [*_conditions(compiled), *conditions]
        tests = [test for condition in read for test in comparisons_of(condition)]
        self._choices = _choices(tests)
        self._words = _words(tests)
        self._axioms = [*self._of_texts(), *self._of_counts(), self._minute >= 0, self._minute < MINUTES_OF_DAY]
        self._classified = [self._which >= 0, self._which < len(self._names), *self._of_detections()]

    def solver(self, *, classified: bool = True) -> Any:
        """An empty solver that knows what may be of a detection (`classified`), or of a single signal."""
        found = z3.Solver(ctx=self._context)
        found.set("timeout", MOST_MILLISECONDS)
        found.add(*self._axioms)
        if classified:
            found.add(*self._classified)
        return found

    def holds(self, condition: Condition | None) -> Any:
        """The formula that `condition` is proven true; None always is."""
        return self._true if condition is None else self._formula(without_not(condition))

    def never(self, solver: Any, *formulas: Any) -> bool:
        """Whether it is proven that these never hold together."""
        return bool(solver.check(*formulas) == z3.unsat)

    def example(self, solver: Any, *formulas: Any) -> dict[str, FieldValue] | None:
        """As few facts as it takes for all of these to hold; None where there are none, or none were found in time."""
        if solver.check(*formulas) != z3.sat:
            return None
        model, without = solver.model(), [self._true]
        for atom in (*self._searches.values(), *map(self._said, self._values)):
            is_used = z3.is_true(model.eval(atom)) and not z3.is_true(atom)
            if is_used and solver.check(*formulas, *without, z3.Not(atom)) == z3.sat:
                model = solver.model()
                without.append(z3.Not(atom))
        return self._facts(model)

    def not_(self, formula: Any) -> Any:
        return z3.Not(formula)

    def differs(self, one: Any, other: Any) -> Any:
        """The formula that exactly one of the two holds."""
        return z3.Xor(one, other)

    def either(self, formulas: Iterable[Any]) -> Any:
        return z3.Or(z3.BoolVal(False, self._context), *formulas)

    def both(self, formulas: Iterable[Any]) -> Any:
        return z3.And(self._true, *formulas)

    def began(self, detection: str) -> Any:
        return self._which == self._names.index(detection)

    @property
    def _true(self) -> Any:
        return z3.BoolVal(True, self._context)

    def _formula(self, condition: Condition) -> Any:
        match condition:
            case AllOf(parts):
                return self.both(map(self._formula, parts))
            case AnyOf(parts):
                return self.either(map(self._formula, parts))
            case Comparison():
                key = (condition.ref, condition.op, condition.value)
                if key not in self._formulas:
                    self._formulas[key] = self._comparison(condition)
                return self._formulas[key]
            case Not():
                raise AssertionError("`not` was pushed down")

    def _comparison(self, test: Comparison) -> Any:
        if test.op is Op.SILENT:
            return z3.BoolVal(False, self._context)
        if test.op is Op.IS:
            return self.began(test.ref)
        return z3.And(self._said(test.ref), self._asked(test))

    def _asked(self, test: Comparison) -> Any:
        if test.op in KEYWORDS:
            found = [self._word(test.ref, str(word), test.op in _MENTIONED) for word in _options(test)]
            if test.op in {Op.CONTAINS_ANY, Op.MENTIONS_ANY}:
                return self.either(found)
            if test.op is Op.CONTAINS_ALL:
                return self.both(found)
            return z3.Not(self.either(found) if test.op in _NONE_OF else self.both(found))
        value = self._value(test.ref)
        if test.op in {Op.IN, Op.NOT_IN}:
            inside = self.either(value == self._literal(test.ref, option) for option in _options(test))
            return inside if test.op is Op.IN else z3.Not(inside)
        return _SIGNS[test.op](value, self._literal(test.ref, test.value))

    def _type(self, ref: str) -> Type:
        if ref.startswith(f"{HOURS}."):
            return Type.BOOLEAN
        return self.compiled.types.get(ref, Type.NUMBER)

    def _value(self, ref: str) -> Any:
        if ref not in self._values:
            self._values[ref] = self._fresh(ref)
        return self._values[ref]

    def _fresh(self, ref: str) -> Any:
        if ref in self._hours:
            return self._minute / 60
        if ref in self._counts:
            return z3.Int(ref, self._context)
        kind = self._type(ref)
        if kind is Type.BOOLEAN:
            return z3.Bool(ref, self._context)
        return z3.Int(f"choice {ref}", self._context) if kind is Type.STRING else z3.Real(ref, self._context)

    def _literal(self, ref: str, value: Any) -> Any:
        kind = self._type(ref)
        if kind is Type.BOOLEAN:
            return z3.BoolVal(value, self._context)
        if kind is Type.STRING:
            return z3.IntVal(self._choices[ref].index(value), self._context)
        return z3.RealVal(repr(value), self._context)

    def _said(self, ref: str) -> Any:
        if ref in self._counts or ref in self._hours or ref.startswith(f"{HOURS}."):
            return self._true
        return z3.Bool(f"said {ref}", self._context)

    def _word(self, ref: str, word: str, mentioned: bool = False) -> Any:
        name = f"{'mentions' if mentioned else 'holds'} {ref} {word}"
        if name not in self._searches:
            self._searches[name] = z3.Bool(name, self._context)
        return self._searches[name]

    def _of_texts(self) -> Iterable[Any]:
        """Which words of a text imply others; which value of a field is which text."""
        for ref, options in self._choices.items():
            value = self._value(ref)
            most = len(options) - (ref.endswith(".phase") and set(PHASES) <= set(options))
            yield z3.And(value >= 0, value <= most)
            for index, option in enumerate(options):
                for word in self._words.get(ref, ()):
                    here = self._word(ref, word)
                    yield z3.Implies(value == index, here if word in normalised(option) else z3.Not(here))
        for ref, words in self._words.items():
            for word, mentioned in words.items():
                if mentioned:
                    yield z3.Implies(self._word(ref, word, mentioned=True), self._word(ref, word))
                for part in words:
                    if part in word and part != word:
                        yield z3.Implies(self._word(ref, word), self._word(ref, part))

    def _of_counts(self) -> Iterable[Any]:
        for name, window in self._counts.items():
            value = self._value(name)
            yield value >= 0
            if window.of in self.compiled.form.perceive:
                yield z3.Implies(self.began(window.of), value >= 1)
        for name, declared in self.compiled.form.hours.items():
            begins, ends = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (declared.from_, declared.to))
            after, before = self._minute >= begins, self._minute < ends
            inside = z3.And(after, before) if begins < ends else z3.Or(after, before)
            value = self._value(f"{HOURS}.{name}")
            yield value == inside if declared.days == "all" else z3.Implies(value, inside)

    def _of_detections(self) -> Iterable[Any]:
        """What began held, by the words of its own signal: of the others nothing is said."""
        for listened in self.compiled.signals.values():
            phase = f"{listened.name}.phase"
            for perceived in listened.all_detections:
                began = self.began(perceived.name)
                if not self.compiled.form.perceive[perceived.name].by_silence:
                    ends = z3.Not(self.holds(perceived.exit))
                    yield z3.Implies(began, z3.And(self.holds(perceived.enter), ends, self._said(phase)))
                for ref in self.compiled.types:
                    signal, dot, _ = ref.partition(".")
                    if dot and signal not in {listened.name, HOURS}:
                        yield z3.Implies(began, z3.Not(self._said(ref)))

    def _facts(self, model: Any) -> dict[str, FieldValue]:
        found: dict[str, FieldValue] = {}
        for ref in self._values:
            if z3.is_true(model.eval(self._said(ref), model_completion=True)):
                found[ref] = self._spoken(ref, model.eval(self._value(ref), model_completion=True), model)
        for ref in self._words.keys() - found.keys():
            if z3.is_true(model.eval(self._said(ref), model_completion=True)):
                found[ref] = self._text(ref, model)
        which = model.eval(self._which, model_completion=True).as_long()
        if 0 <= which < len(self._names):
            found[self._names[which]] = "began"
        return found

    def _spoken(self, ref: str, value: Any, model: Any) -> FieldValue:
        kind = self._type(ref)
        if kind is Type.BOOLEAN:
            return bool(z3.is_true(value))
        if kind is Type.STRING:
            index, options = value.as_long(), self._choices[ref]
            return options[index] if index < len(options) else self._text(ref, model)
        if z3.is_int_value(value):
            return int(value.as_long())
        number = float(value.as_fraction())
        return int(number) if number.is_integer() else number

    def _text(self, ref: str, model: Any) -> str:
        """A text with the words that it must have and no other."""
        words = self._words.get(ref, {})
        kept = [w for w in words if z3.is_true(model.eval(self._word(ref, w), model_completion=True))]
        longest = [word for word in kept if not any(word in other for other in kept if other != word)]
        return SEPARATOR.join(longest) or "…"


def _conditions(compiled: Compiled) -> Iterable[Condition]:
    yield from (rule.condition for rule in compiled.rules if rule.condition is not None)
    for listened in compiled.signals.values():
        for perceived in listened.all_detections:
            yield from (perceived.enter, perceived.exit)


def _options(test: Comparison) -> tuple[FieldValue, ...]:
    return test.value if isinstance(test.value, tuple) else (test.value,)  # type: ignore[return-value]


def _choices(tests: Iterable[Comparison]) -> dict[str, list[str]]:
    """The texts that each field is compared with, as a whole."""
    found: dict[str, dict[str, None]] = {}
    for test in tests:
        if test.op in KEYWORDS or test.op is Op.IS:
            continue
        if texts := [value for value in _options(test) if isinstance(value, str)]:
            first = PHASES if test.ref.endswith(".phase") else ()
            found.setdefault(test.ref, dict.fromkeys(first)).update(dict.fromkeys(texts))
    return {ref: list(texts) for ref, texts in found.items()}


def _words(tests: Iterable[Comparison]) -> dict[str, dict[str, bool]]:
    """The words that each text is searched for, and whether as words of their own."""
    found: dict[str, dict[str, bool]] = {}
    for test in tests:
        if test.op in KEYWORDS:
            words = found.setdefault(test.ref, {})
            for word in _options(test):
                words[str(word)] = words.get(str(word), False) or test.op in _MENTIONED
    return found
