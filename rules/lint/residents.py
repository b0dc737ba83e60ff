"""What residents wrote, carried out of the report that they wrote it in."""

from collections.abc import Iterator

from rules.compiled import Compiled
from rules.conditions import KEYWORDS, Type, comparisons_of
from rules.lint.finding import Finding
from rules.lint.words import called

REPORT = "report"  # the type of the signals that residents' reports are
FIX = "删掉；要知道附近有没有人反映，数“发生了几次”"


def residents(compiled: Compiled) -> Iterator[Finding]:
    """`latest` of a text that a resident wrote: it would stand among the facts of another case."""
    searched = _searched(compiled)
    for latest in compiled.latest:
        ref = f"{latest.signal}.{latest.field}"
        written = latest.signal_type == REPORT and latest.field in compiled.form.signals[latest.signal].fields
        if latest.kind is Type.STRING and (written or ref in searched or latest.name in searched):
            reason = f"{called(compiled, ref)}是居民写的话，取最近一次会把它带进别的案件"
            yield Finding(("facts", latest.name, "latest"), "residents-words", reason, FIX)


def _searched(compiled: Compiled) -> frozenset[str]:
    """What is looked through for keywords: nobody does that with what a device says."""
    perceived = [of for listened in compiled.signals.values() for of in listened.all_detections]
    conditions = [condition for of in perceived for condition in (of.enter, of.exit)]
    conditions += [rule.condition for rule in compiled.rules if rule.condition is not None]
    return frozenset(c.ref for condition in conditions for c in comparisons_of(condition) if c.op in KEYWORDS)
