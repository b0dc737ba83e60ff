"""Rulesets that could open a case for each signal."""

from collections.abc import Iterator

from domain.matters import AfterClose, Closing
from rules.compiled import Compiled, Perceived, Rule
from rules.conditions import Op, comparisons_of
from rules.lint.facts import Possible
from rules.lint.finding import Finding
from rules.lint.words import called_rules

FIX = "写上一小时最多立几件（storm: {per_hour: 20}）"
_AT_LEAST = frozenset({Op.GT, Op.GTE})


def storms(compiled: Compiled, possible: Possible) -> Iterator[Finding]:
    """At most one finding: what is asked for is a line of the whole ruleset."""
    if compiled.form.storm is not None:
        return
    for listened in compiled.signals.values():
        for perceived in listened.all_detections:
            for rule in compiled.rules:
                if (
                    rule.opens is not None
                    and _each_time(compiled, perceived, rule)
                    and _may_open(possible, perceived, rule)
                ):
                    why = "每条信息都算一次" if perceived.once else "每次恢复就结案，再响又是一件"
                    reason = f"{perceived.label} {why}，规则{called_rules(rule)}每次都会立案"
                    yield Finding((*rule.path, "then"), "storm", reason, FIX)
                    return


def _each_time(compiled: Compiled, perceived: Perceived, rule: Rule) -> bool:
    """Whether nothing stands between what is said and a new case: no hold time, no count, no case that stays open."""
    tests = comparisons_of(rule.condition) if rule.condition is not None else ()
    counted = {window.name for window in compiled.windows}
    if perceived.for_us or any(test.ref in counted and test.op in _AT_LEAST for test in tests):
        return False
    policy = rule.opens.policy if rule.opens else None
    cleared = policy is not None and policy.closing is Closing.WHEN_CLEARED and policy.after_close is AfterClose.NEW
    return perceived.once or cleared


def _may_open(possible: Possible, perceived: Perceived, rule: Rule) -> bool:
    return not possible.never(possible.solver(), possible.began(perceived.name), possible.holds(rule.condition))
