"""The ladder of escalations, and limits that contradict each other."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from domain.matters import Audience
from rules.compiled import Compiled
from rules.lint.finding import Finding
from rules.reading import Path
from rules.schema import RungForm

_HEIGHT = list(Audience)


def ladders(compiled: Compiled) -> Iterator[Finding]:
    for path, rungs in _written(compiled):
        yield from _of(path, rungs)


def _written(compiled: Compiled) -> Iterator[tuple[Path, tuple[RungForm, ...]]]:
    """Each ladder where its author wrote it: of the ruleset, of a rule, of a further case of one."""
    if compiled.form.case.escalate:
        yield ("case", "escalate"), compiled.form.case.escalate
    for rule, of in zip(compiled.rules, compiled.form.written_rules, strict=True):
        if isinstance(of.then, str):
            continue
        if of.then.escalate:
            yield (*rule.path, "then", "escalate"), of.then.escalate
        for index, child in enumerate(of.then.children):
            if child.escalate:
                yield (*rule.path, "then", "children", index, "escalate"), child.escalate


def _of(path: Path, rungs: tuple[RungForm, ...]) -> Iterator[Finding]:
    for index, rung in enumerate(rungs):
        if any(_moment(rung) == _moment(earlier) and rung.to is earlier.to for earlier in rungs[:index]):
            yield Finding((*path, index), "escalation-loop", f"同一时刻通知 {rung.to.value} 两遍", "删掉一条")
    for index, (before, rung) in enumerate(pairwise(rungs), 1):
        if _moment(rung) < _moment(before):
            yield Finding((*path, index), "deadline-order", "先到的提醒写在了后面", "按时间先后写")
    ordered = sorted(enumerate(rungs), key=lambda of: _moment(of[1]))
    for (_, before), (index, rung) in pairwise(ordered):
        if _HEIGHT.index(rung.to) < _HEIGHT.index(before.to):
            reason = f"先通知 {before.to.value}，后通知更低的 {rung.to.value}"
            yield Finding((*path, index), "escalation-loop", reason, "后一级不低于前一级")


def _moment(rung: RungForm) -> tuple[float, timedelta]:
    """When it falls due, in an order: shares of the limit first, then what comes after its end."""
    return (rung.at, timedelta(0)) if rung.at is not None else (1.0, rung.after or timedelta(0))
