"""Conditions in a shape that the C engine can hold, and can answer in a time that does not explode.

It fires a rule once for every way in which its alternatives hold together (three in each of ten `any` within an `all`:
59,049 times), and a rule holds 31 marks of joints, two to each. Whatever is beyond becomes one fact, found out by the
plain evaluator before the engine is asked; that is exact, because no `not` stands around it any more.
"""

from math import prod

from rules.conditions import KEYWORDS, AllOf, AnyOf, Comparison, Condition, Not, Op

MOST_FIRINGS = 64
MOST_JOINTS = 15
NOT_ASKED = KEYWORDS | {Op.SILENT}
Before = dict[Condition, str]
"""What is found out before, by the name under which it is a fact; one may read those that stand before it."""


def bounded(condition: Condition, before: Before) -> Condition:
    """`condition`, free of `not`, as comparisons under `all` and `any`; what is to be found out goes to `before`."""
    return _few_joints(_few_firings(_flat(condition, before), before), before)


def size_of(condition: Condition) -> int:
    """How many comparisons a bounded condition makes."""
    return sum(map(size_of, condition.parts)) if isinstance(condition, AllOf | AnyOf) else 1


def _found(condition: Condition, before: Before) -> Comparison:
    return Comparison(before.setdefault(condition, f"?{len(before)}"), Op.EQ, True)


def _flat(condition: Condition, before: Before) -> Condition:
    match condition:
        case Comparison(ref, Op.IN, tuple(options)):
            return _joined(AnyOf(tuple(Comparison(ref, Op.EQ, option) for option in options)), before)
        case Comparison(ref, Op.NOT_IN, tuple(options)):
            return _joined(AllOf(tuple(Comparison(ref, Op.NE, option) for option in options)), before)
        case Comparison(ref, op, value):
            plain = Comparison(ref, op, value)
            return _found(plain, before) if op in NOT_ASKED else plain
        case AllOf(parts) | AnyOf(parts):
            return _joined(type(condition)(tuple(_flat(part, before) for part in parts)), before)
        case Not():
            raise AssertionError("`not` was pushed down")


def _joined(joint: AllOf | AnyOf, before: Before) -> Condition:
    """Without joints of the same kind inside one another, or of fewer than two parts."""
    parts: list[Condition] = []
    for part in joint.parts:
        parts += part.parts if isinstance(part, type(joint)) else (part,)
    if not parts:
        return _found(joint, before)
    return parts[0] if len(parts) == 1 else type(joint)(tuple(parts))


def _few_firings(condition: Condition, before: Before) -> Condition:
    if not isinstance(condition, AllOf | AnyOf):
        return condition
    parts = [_few_firings(part, before) for part in condition.parts]
    while isinstance(condition, AllOf) and prod(map(_firings, parts)) > MOST_FIRINGS:
        most = max(range(len(parts)), key=lambda place: _firings(parts[place]))
        parts[most] = _found(parts[most], before)
    return type(condition)(tuple(parts))


def _firings(condition: Condition) -> int:
    """In how many ways it may hold at once; of several values that one thing may equal it is one."""
    match condition:
        case AllOf(parts):
            return prod(map(_firings, parts))
        case AnyOf(parts):
            equal = {part.ref for part in parts if isinstance(part, Comparison) and part.op is Op.EQ}
            others = (part for part in parts if not (isinstance(part, Comparison) and part.op is Op.EQ))
            return len(equal) + sum(map(_firings, others))
    return 1


def _few_joints(condition: Condition, before: Before) -> Condition:
    while isinstance(condition, AllOf | AnyOf) and _joints(condition) > MOST_JOINTS:
        parts = list(condition.parts)
        most = max(range(len(parts)), key=lambda place: _joints(parts[place]))
        parts[most] = _found(parts[most], before)
        condition = type(condition)(tuple(parts))
    return condition


def _joints(condition: Condition) -> int:
    return 1 + sum(map(_joints, condition.parts)) if isinstance(condition, AllOf | AnyOf) else 0
