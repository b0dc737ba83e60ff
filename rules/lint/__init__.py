"""What can be proven of a ruleset without running it, and whether its own tests reach every rule."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from domain.calendars import Calendar
from rules.catalogue import Catalogue
from rules.compile import SHANGHAI
from rules.compiled import Compiled
from rules.lint.codes import Severity, severity_of
from rules.lint.finding import Finding
from rules.lint.ladders import ladders
from rules.lint.names import names
from rules.lint.residents import residents
from rules.lint.tested import tested
from rules.lint.times import times
from rules.lint.units import units
from rules.lint.widths import widths
from rules.load import duties_beside, from_texts, load_folder
from rules.problems import Problem, RulesetInvalid
from rules.testing import Outcome, run_tests

__all__ = ["blocking", "lint", "lint_folder", "lint_texts"]

_PROVING = Lock()  # z3 is not made for several threads


def lint_folder(
    folder: Path, zone: ZoneInfo = SHANGHAI, calendar: Calendar | None = None
) -> tuple[Compiled | None, tuple[Problem, ...]]:
    """The ruleset in `folder` (None where it cannot run) and everything that is wrong with it.

    Kinds of units are those that the list of duties beside it names. `calendar` as in `rules.load.load_folder`.
    """
    try:
        compiled = load_folder(folder, zone, calendar)
        duties = duties_beside(folder)
    except RulesetInvalid as invalid:
        return None, invalid.problems
    return compiled, lint(compiled, {duty.unit_kind for duty in duties.items})


def lint_texts(
    name: str,
    yaml_text: str,
    template: str,
    catalogue: Catalogue,
    zone: ZoneInfo = SHANGHAI,
    calendar: Calendar | None = None,
    unit_kinds: AbstractSet[str] = frozenset(),
) -> tuple[Compiled | None, tuple[Problem, ...]]:
    """As `lint_folder`, of what stands in an editor; `name` stands in the messages."""
    try:
        compiled = from_texts(name, yaml_text, template, catalogue, zone, calendar)
    except RulesetInvalid as invalid:
        return None, invalid.problems
    return compiled, lint(compiled, unit_kinds)


def lint(
    compiled: Compiled, unit_kinds: AbstractSet[str] = frozenset(), outcomes: Sequence[Outcome] | None = None
) -> tuple[Problem, ...]:
    """Every fault and warning, in the order of the file.

    `unit_kinds` are those there are; empty: it is not known. `outcomes` of its tests, where they have been run.
    """
    outcomes = run_tests(compiled) if outcomes is None else outcomes
    findings = [*names(compiled), *units(compiled, unit_kinds), *widths(compiled), *times(compiled), *ladders(compiled)]
    findings += [*residents(compiled), *_proven(compiled, outcomes)]
    findings += [each for each in tested(compiled, outcomes) if not _explained(each, findings)]
    problems = [compiled.document.problem(path, reason, fix, code) for path, code, reason, fix in findings]
    return tuple(sorted(problems, key=lambda problem: problem.line))


def _explained(finding: Finding, others: Sequence[Finding]) -> bool:
    """What is never reached cannot be hit by a test."""
    lost = (other.path for other in others if other.code == "unreachable")
    return finding.code == "untested" and any(path[: len(finding.path)] == finding.path for path in lost)


def blocking(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Those that keep a version from becoming active."""
    return tuple(problem for problem in problems if severity_of(problem.code) is Severity.ERROR)


def _proven(compiled: Compiled, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    from rules.lint.facts import Possible  # noqa: PLC0415 - z3 takes a tenth of a second to load
    from rules.lint.hysteresis import hysteresis  # noqa: PLC0415 - as above
    from rules.lint.reach import reach  # noqa: PLC0415 - as above
    from rules.lint.storms import storms  # noqa: PLC0415 - as above

    with _PROVING:
        possible = Possible(compiled)
        yield from reach(compiled, possible, outcomes)
        yield from hysteresis(compiled, possible)
        yield from storms(compiled, possible)
