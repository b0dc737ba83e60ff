"""Proofs over `perceive`: what begins must be able to begin, to hold, and to end."""

from collections.abc import Iterator

from rules.compiled import Compiled, Perceived
from rules.conditions import NEVER, AllOf, AnyOf, Comparison, Condition, Not, comparisons_of, without_not
from rules.lint.facts import Possible
from rules.lint.finding import Finding
from rules.lint.words import in_words


def hysteresis(compiled: Compiled, possible: Possible) -> Iterator[Finding]:
    for listened in compiled.signals.values():
        for perceived in listened.all_detections:
            if not compiled.form.perceive[perceived.name].by_silence:
                yield from _of(compiled, possible, perceived)


def _of(compiled: Compiled, possible: Possible, perceived: Perceived) -> Iterator[Finding]:
    path = ("perceive", perceived.name)
    signal = possible.solver(classified=False)
    enter, ends = possible.holds(perceived.enter), possible.holds(perceived.exit)
    if possible.never(signal, enter):
        yield Finding((*path, "enter"), "unreachable", f"{perceived.label}：开始条件永远不成立", "改开始条件")
        return
    if perceived.once:
        return
    if possible.never(signal, enter, possible.not_(ends)):
        reason = f"{perceived.label}：凡是开始条件成立，结束条件也成立，永远不会开始"
        yield Finding((*path, "exit"), "hysteresis", reason, "结束条件要与开始条件错开")
    elif perceived.silent_us is None and possible.never(signal, ends):
        reason = f"{perceived.label}：结束条件永远不成立，开始以后不会结束"
        yield Finding((*path, "exit"), "hysteresis", reason, "改结束条件，或写多久没有消息也算结束")
    else:
        shared = _shared(perceived)
        facts = possible.example(signal, enter, possible.holds(_only(without_not(perceived.exit), shared)))
        if shared and facts is not None:
            said = {name: value for name, value in facts.items() if name in shared}
            reason = f"{perceived.label}：开始和结束的条件会同时成立，例如：{in_words(compiled, said)}"
            yield Finding((*path, "exit"), "hysteresis", reason, "结束的界限要比开始的更靠正常一侧")


def _shared(perceived: Perceived) -> set[str]:
    """What both conditions read; only there can they contradict each other."""
    begins = {test.ref for test in comparisons_of(perceived.enter)}
    return begins & {test.ref for test in comparisons_of(perceived.exit)}


def _only(condition: Condition, refs: set[str]) -> Condition:
    """`condition`, with what it asks of anything but `refs` taken as not so."""
    match condition:
        case AllOf(parts):
            return AllOf(tuple(_only(part, refs) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_only(part, refs) for part in parts))
        case Comparison(ref):
            return condition if ref in refs else NEVER
        case Not():
            raise AssertionError("`not` was pushed down")
