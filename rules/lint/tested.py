"""Whether a ruleset's own tests pass, and whether they reach every rule."""

from collections.abc import Iterator, Sequence

from rules.compiled import Compiled
from rules.lint.finding import Finding
from rules.lint.words import called_rules
from rules.testing import Outcome


def tested(compiled: Compiled, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    for index, outcome in enumerate(outcomes):
        if not outcome.passed:
            yield Finding(("tests", index), "test-fails", f"{outcome.name}：{'；'.join(map(str, outcome.problems))}")
    for rule in compiled.rules:
        if not any(rule.id in outcome.hits for outcome in outcomes):
            yield Finding(rule.path, "untested", f"没有测试命中规则{called_rules(rule)}", "加一个会命中它的测试")
        elif all(rule.id in outcome.hits for outcome in outcomes):
            yield Finding(rule.path, "untested", f"没有测试不命中规则{called_rules(rule)}", "加一个不会命中它的测试")
