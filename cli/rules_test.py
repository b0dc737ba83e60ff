"""`linli rules test`: a ruleset's own tests, told as pytest tells them; and what no test reaches."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from time import perf_counter
from typing import Annotated, Any

import typer

from cli.output import JsonOption, Problem, answer, people
from cli.rules import Folders, located, rules_app, rulesets_in
from cli.working_days import in_force_here, told
from rules.compiled import Compiled
from rules.coverage import Coverage, coverage
from rules.load import load_folder
from rules.problems import RulesetInvalid
from rules.testing import Outcome, run_test


@dataclass(frozen=True)
class Ran:
    """One ruleset's tests."""

    compiled: Compiled
    outcomes: tuple[Outcome, ...]
    seconds: tuple[float, ...]
    reached: Coverage

    def line(self, index: int) -> int:
        return self.compiled.document.line_of(("tests", index))


def register(app: typer.Typer) -> None:
    del app  # `cli.rules` has put the group there
    rules_app.command("test")(run)


def run(
    folders: Folders = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="每个测试一行。")] = False,
    as_json: JsonOption = False,
) -> None:
    """运行规则集自带的测试；没有测试命中的规则也算不通过。"""
    ran: list[Ran] = []
    problems: list[Problem] = []
    calendar = in_force_here()
    for folder in rulesets_in(folders):
        try:
            ran.append(_ran(load_folder(folder, calendar=calendar)))
        except RulesetInvalid as invalid:
            problems += map(located, invalid.problems)
    refused = len(problems)
    problems += [problem for one in ran for problem in (*_failed(one), *_unhit(one))]
    data = {
        "items": [item for one in ran for item in _items(one)],
        "next": None,
        "unhit": [{"ruleset": one.compiled.id, "rule": rule} for one in ran for rule in one.reached.unhit],
        "unmissed": [{"ruleset": one.compiled.id, "rule": rule} for one in ran for rule in one.reached.unmissed],
        "coverage": [_covered(one) for one in ran],
        "calendar": told(calendar),
    }

    def show() -> None:
        _show(ran, verbose=verbose)

    if as_json or refused:
        answer("rules.test", data, as_json=as_json, ok=not problems, problems=problems, show=show)
    answer("rules.test", data, as_json=False, ok=not problems, show=show)


def _ran(compiled: Compiled) -> Ran:
    outcomes, seconds = [], []
    for example in compiled.form.tests:
        began = perf_counter()
        outcomes.append(run_test(compiled, example))
        seconds.append(perf_counter() - began)
    return Ran(compiled, tuple(outcomes), tuple(seconds), coverage(compiled, outcomes))


def _items(one: Ran) -> list[dict[str, Any]]:
    return [
        {
            "ruleset": one.compiled.id,
            "test": outcome.name,
            "line": one.line(index),
            "passed": outcome.passed,
            "cases": sorted(matter.dedupe_key for matter in outcome.cases),
            "rules": list(outcome.hits),
            "seconds": round(one.seconds[index], 4),
        }
        for index, outcome in enumerate(one.outcomes)
    ]


def _covered(one: Ran) -> dict[str, Any]:
    reached = one.reached
    return {
        "ruleset": one.compiled.id,
        "comparisons": len(reached.comparisons),
        "seen_both_ways": len(reached.comparisons) - len(reached.one_sided),
        "one_sided": [
            {"line": seen.line, "words": seen.words, "true": seen.true, "false": seen.false}
            for seen in reached.one_sided
        ],
        "unreached": [asdict(each) for each in reached.unreached],
    }


def _failed(one: Ran) -> list[Problem]:
    return [
        Problem(code="test-fails", field=f"{one.compiled.id}: {outcome.name}", reason=str(difference))
        for outcome in one.outcomes
        for difference in outcome.problems
    ]


def _unhit(one: Ran) -> list[Problem]:
    fix = "加一个会命中它的测试"
    return [
        Problem(code="untested", field=f"{one.compiled.id}: {rule}", reason=f"没有测试命中规则 {rule}", fix=fix)
        for rule in one.reached.unhit
    ]


def _show(ran: Sequence[Ran], *, verbose: bool) -> None:
    for one in ran:
        file = one.compiled.document.file
        if verbose:
            for index, outcome in enumerate(one.outcomes):
                said = "PASSED" if outcome.passed else "FAILED"
                people.print(f"{file}:{one.line(index)}::{outcome.name} {said}", markup=False)
        else:
            dots = "".join("." if outcome.passed else "F" for outcome in one.outcomes)
            people.print(f"{file} {dots}", markup=False)
    failed = [(one, index, o) for one in ran for index, o in enumerate(one.outcomes) if not o.passed]
    if failed:
        people.print(_rule("FAILURES", "="), style="red")
    for one, index, outcome in failed:
        people.print(_rule(outcome.name, "_"), style="red", markup=False)
        people.print(f"{one.compiled.document.file}:{one.line(index)}", markup=False)
        for name, wanted, found in outcome.problems:
            people.print(f"- {name}: {wanted}", style="green", markup=False)
            people.print(f"+ {name}: {found}", style="red", markup=False)
    for ruleset, unhit in groupby(
        ((one.compiled.id, rule) for one in ran for rule in one.reached.unhit), lambda r: r[0]
    ):
        people.print(f"没有测试命中：{ruleset} {'、'.join(rule for _, rule in unhit)}", style="red", markup=False)
    for one in ran:
        for each in one.reached.unreached:
            file = one.compiled.document.file
            people.print(f"没有测试用到：{file}:{each.line} {each.words}", style="yellow", markup=False)
    _summary(ran, len(failed))


def _summary(ran: Sequence[Ran], failed: int) -> None:
    count, unhit = sum(len(one.outcomes) for one in ran), sum(len(one.reached.unhit) for one in ran)
    parts = [f"{failed} failed"] if failed else []
    parts += [f"{count - failed} passed"]
    parts += [f"{unhit} rules unhit"] if unhit else []
    seconds = sum(sum(one.seconds) for one in ran)
    style = "red" if failed or unhit else "green"
    people.print(_rule(f"{', '.join(parts)} in {seconds:.2f}s", "="), style=style)


def _rule(text: str, line: str) -> str:
    return f" {text} ".center(80, line)
