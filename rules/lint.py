"""What can be proven of a ruleset without running it, and whether its own tests reach every rule."""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from domain.matters import Closing
from rules.compile import SHANGHAI
from rules.compiled import Compiled, Rule
from rules.conditions import AllOf, Comparison, Condition, Op, comparisons_of
from rules.durations import in_words
from rules.history import MOST_EPISODES
from rules.load import load_folder
from rules.places import WIDEST_IN_A_PARTITION, WIDTH, wider_than_a_partition
from rules.problems import Problem, RulesetInvalid
from rules.reading import Path as Field
from rules.testing import run_tests
from rules.views import as_micros

SEARCHES = frozenset({Op.CONTAINS_ANY, Op.CONTAINS_ALL})
Finding = tuple[Field, str, str, str]  # path, code, reason, fix


def lint_folder(folder: Path, zone: ZoneInfo = SHANGHAI) -> tuple[Compiled | None, tuple[Problem, ...]]:
    """The ruleset in `folder` (None where it cannot run) and everything that is wrong with it."""
    try:
        compiled = load_folder(folder, zone)
    except RulesetInvalid as invalid:
        return None, invalid.problems
    return compiled, lint(compiled)


def lint(compiled: Compiled) -> tuple[Problem, ...]:
    findings = [*_rules(compiled), *_widths(compiled), *_times(compiled), *_unused(compiled), *_tested(compiled)]
    document = compiled.document
    return tuple(document.problem(path, reason, fix, code) for path, code, reason, fix in findings)


def _rules(compiled: Compiled) -> Iterator[Finding]:
    rules = compiled.rules
    if rules[-1].condition is not None:
        fix = "end with {id: counted, then: none}"
        yield ("classify", len(rules) - 1), "gap", "the last rule must always match", fix
    always = next((index for index, rule in enumerate(rules) if rule.condition is None), len(rules))
    for index, rule in enumerate(rules):
        path: Field = ("classify", index)
        if index > always:
            yield path, "unreachable", f"rule {rule.id} stands after {rules[always].id}, which always matches", ""
        if any(rule.id == earlier.id for earlier in rules[:index]):
            yield (*path, "id"), "twice", f"rule id {rule.id} is given twice", ""
        same = [
            earlier.id for earlier in rules[:index] if _as_written(compiled, earlier) == _as_written(compiled, rule)
        ]
        if same and rule.condition is not None:
            yield (*path, "if"), "unreachable", f"the same condition as rule {same[0]}, which comes first", ""
        hidden = [e.id for e in rules[:index] if _finds_all_of(e.condition, rule.condition)]
        if hidden and not same:
            reason = f"whatever holds its keywords holds one of rule {hidden[0]}, which comes first"
            yield (*path, "if"), "unreachable", reason, "put it before, or drop the keyword there"
        if isinstance(rule.condition, AllOf):
            parts = rule.condition.parts
            began = {part.ref for part in parts if isinstance(part, Comparison) and part.op is Op.IS}
            if len(began) > 1:
                reason = f"never holds: {' and '.join(sorted(began))} are judged one at a time"
                yield (*path, "if"), "unreachable", reason, "join them with any, or count one as a fact"


def _as_written(compiled: Compiled, rule: Rule) -> object:
    return reduce(lambda value, part: value[part], rule.path, cast("Any", compiled.document.value)).get("if")


def _finds_all_of(earlier: Condition | None, later: Condition | None) -> bool:
    """Whether `earlier`, which asks for nothing but one of its keywords, holds wherever `later` does."""
    if not isinstance(earlier, Comparison) or earlier.op is not Op.CONTAINS_ANY:
        return False

    def found(word: object) -> bool:
        return any(str(known) in str(word) for known in _words(earlier))

    for part in later.parts if isinstance(later, AllOf) else (later,):
        if isinstance(part, Comparison) and part.ref == earlier.ref and part.op in SEARCHES:
            several = all if part.op is Op.CONTAINS_ANY else any
            if several(map(found, _words(part))):
                return True
    return False


def _words(test: Comparison) -> tuple[object, ...]:
    return test.value if isinstance(test.value, tuple) else ()


def _widths(compiled: Compiled) -> Iterator[Finding]:
    fix = f"at most {WIDEST_IN_A_PARTITION}; what is wider belongs to the correlation of cases"
    for name, declared in compiled.form.signals.items():
        if wider_than_a_partition(declared.key):
            yield ("signals", name, "key"), "wide", f"{declared.key} is wider than a partition", fix
    for name, fact in compiled.form.facts.items():
        if fact.by is not None and wider_than_a_partition(fact.by):
            yield ("facts", name, "by"), "wide", f"{fact.by} is wider than a partition", fix
    narrowest = min(WIDTH.index(listened.key) for listened in compiled.signals.values())
    for index, rule in enumerate(compiled.rules):
        opens = rule.opens
        if opens is None:
            continue
        path: Field = ("classify", index, "then")
        if wider_than_a_partition(opens.dedupe):
            yield (*path, "dedupe"), "wide", f"{opens.dedupe} is wider than a partition", fix
        if opens.policy.closing is Closing.WHEN_CLEARED and WIDTH.index(opens.dedupe) > max(narrowest, 1):
            reason = f"one device that clears would close the case of all in {opens.dedupe}"
            yield (*path, "close"), "closes-too-much", reason, "dedupe: place, or another way to close"


def _times(compiled: Compiled) -> Iterator[Finding]:
    form = compiled.form
    for listened in compiled.signals.values():
        late = in_words(form.signals[listened.name].late)
        for perceived in listened.detections:
            path: Field = ("perceive", perceived.name)
            if perceived.silent_us is not None and perceived.silent_us < listened.late_us:
                yield (*path, "exit"), "too-short", f"silent is shorter than late ({late})", ""
            if 0 < perceived.for_us < listened.late_us:
                yield (*path, "for"), "too-short", f"for is shorter than late ({late})", ""
    for name, fact in form.facts.items():
        if fact.within is not None and as_micros(fact.within) < compiled.late_us:
            yield ("facts", name, "within"), "too-short", "within is shorter than late", ""
    counted = {window.name for window in compiled.windows}
    for rule in compiled.rules:
        for read in () if rule.condition is None else comparisons_of(rule.condition):
            if read.ref in counted and isinstance(read.value, int | float) and read.value > MOST_EPISODES:
                yield read.path, "too-many", f"at most {MOST_EPISODES} are remembered", ""


def _unused(compiled: Compiled) -> Iterator[Finding]:
    read = {c.ref for rule in compiled.rules if rule.condition is not None for c in comparisons_of(rule.condition)}
    counted = {window.of for window in compiled.windows if window.name in read}
    shown = compiled.template_text
    for name in compiled.form.facts:
        if name not in read and f"facts.{name}" not in shown:
            yield ("facts", name), "unused", f"no rule reads {name}", ""
    for listened in compiled.signals.values():
        if not listened.all_detections:
            yield ("signals", listened.name), "unused", f"no detection reads {listened.name}", ""
    if all(rule.condition is not None for rule in compiled.rules[:-1]) and compiled.rules[-1].opens is None:
        for name in compiled.form.perceive:
            if name not in read | counted:
                yield ("perceive", name), "unused", f"no rule reads {name}", ""


def _tested(compiled: Compiled) -> Iterator[Finding]:
    outcomes = run_tests(compiled)
    for index, outcome in enumerate(outcomes):
        if not outcome.passed:
            yield ("tests", index), "test-fails", f"{outcome.name}: {'; '.join(outcome.problems)}", ""
    for index, rule in enumerate(compiled.rules):
        if not any(rule.id in outcome.hits for outcome in outcomes):
            yield ("classify", index), "untested", f"no test hits rule {rule.id}", ""
        elif all(rule.id in outcome.hits for outcome in outcomes):
            yield ("classify", index), "untested", f"no test misses rule {rule.id}", ""
