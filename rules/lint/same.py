"""Whether two versions of a ruleset that differ in one condition provably do the same."""

from collections.abc import Iterator
from typing import Any

from rules.compiled import Compiled, Perceived
from rules.conditions import Condition, Not
from rules.lint.facts import Possible


def decides_the_same(one: Compiled, other: Compiled) -> bool:
    """False where it is not proven."""
    if _apart_from_conditions(one) != _apart_from_conditions(other):
        return False
    possible = Possible(one, _conditions(other))
    return _perceives_the_same(possible, one, other) and _classifies_the_same(possible, one, other)


def _apart_from_conditions(compiled: Compiled) -> Any:
    perceived = [(p.name, p.for_us, p.silent_us, p.once) for of in compiled.signals.values() for p in of.all_detections]
    form = compiled.form
    decided = [(rule.id, rule.opens) for rule in compiled.rules]
    return perceived, form.signals, form.facts, form.hours, decided, compiled.guard


def _conditions(compiled: Compiled) -> Iterator[Condition]:
    yield from (rule.condition for rule in compiled.rules if rule.condition is not None)
    for listened in compiled.signals.values():
        for perceived in listened.all_detections:
            yield from (perceived.enter, perceived.exit)


def _perceives_the_same(possible: Possible, one: Compiled, other: Compiled) -> bool:
    pairs = zip(_detections(one), _detections(other), strict=True)
    return all((a.enter == b.enter and a.exit == b.exit) or _same_bits(possible, a, b) for a, b in pairs)


def _detections(compiled: Compiled) -> list[Perceived]:
    return [perceived for listened in compiled.signals.values() for perceived in listened.all_detections]


def _same_bits(possible: Possible, one: Perceived, other: Perceived) -> bool:
    """What a signal says of a detection: it ends it, else it begins it, else it proves that it does not hold."""
    signal = possible.solver(classified=False)
    sides = []
    for perceived in (one, other):
        ends, enters = possible.holds(perceived.exit), possible.holds(perceived.enter)
        refuses = possible.holds(Not(perceived.enter))
        going_on = possible.not_(ends)
        sides.append((ends, possible.both([going_on, enters]), possible.both([going_on, refuses])))
    return all(possible.never(signal, possible.differs(a, b)) for a, b in zip(*sides, strict=True))


def _classifies_the_same(possible: Possible, one: Compiled, other: Compiled) -> bool:
    pairs = list(zip(_winners(possible, one), _winners(possible, other), strict=True))
    judged = possible.solver()
    return all(possible.never(judged, possible.differs(a, b)) for a, b in pairs)


def _winners(possible: Possible, compiled: Compiled) -> Iterator[Any]:
    """For each rule, that it is the first that holds."""
    before: list[Any] = []
    for rule in compiled.rules:
        formula = possible.holds(rule.condition)
        yield possible.both([formula, *before])
        before.append(possible.not_(formula))
