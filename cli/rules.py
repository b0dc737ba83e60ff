"""`linli rules lint | test | schema`: what a ruleset's author asks before anyone else sees it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.output import JsonOption, Problem, answer, missing, people
from rules.lint import lint_folder
from rules.load import CATALOGUE, RULESET, load_folder
from rules.problems import Problem as Fault
from rules.problems import RulesetInvalid
from rules.schema import json_schema
from rules.testing import run_tests
from settings.model import RULESETS

Folders = Annotated[
    list[Path] | None, typer.Argument(help="规则集目录（含 ruleset.yaml），或其上级目录；默认全部自带规则集。")
]

rules_app = typer.Typer(no_args_is_help=True, help="规则集：检查、测试、编辑器用的模式。")


def register(app: typer.Typer) -> None:
    app.add_typer(rules_app, name="rules")


@rules_app.command("lint")
def lint(folders: Folders = None, as_json: JsonOption = False) -> None:
    """检查规则集：每个问题给出文件、行、字段和改法。"""
    items = []
    problems: list[Problem] = []
    for folder in _rulesets(folders):
        compiled, faults = lint_folder(folder)
        items.append(
            {
                "ruleset": folder.name,
                "hash": compiled.hash if compiled else None,
                "clean": not faults,
                "problems": [_located(fault) for fault in faults],
            }
        )
        problems += map(_problem, faults)

    def show() -> None:
        for item in items:
            people.print(f"{'✓' if item['clean'] else '✗'} {item['ruleset']}", markup=False)

    data = {"items": items, "next": None}
    answer("rules.lint", data, as_json=as_json, ok=not problems, problems=problems, show=show)


@rules_app.command("test")
def run(folders: Folders = None, as_json: JsonOption = False) -> None:
    """运行规则集自带的测试。"""
    items = []
    problems: list[Problem] = []
    for folder in _rulesets(folders):
        try:
            compiled = load_folder(folder)
        except RulesetInvalid as invalid:
            problems += map(_problem, invalid.problems)
            continue
        for outcome in run_tests(compiled):
            items.append(
                {
                    "ruleset": compiled.id,
                    "test": outcome.name,
                    "passed": outcome.passed,
                    "cases": sorted(outcome.cases),
                    "rules": list(outcome.hits),
                }
            )
            problems += [
                Problem(code="test-fails", field=f"{compiled.id}: {outcome.name}", reason=reason)
                for reason in outcome.problems
            ]

    def show() -> None:
        for item in items:
            people.print(f"{'✓' if item['passed'] else '✗'} {item['ruleset']}: {item['test']}", markup=False)

    data = {"items": items, "next": None}
    answer("rules.test", data, as_json=as_json, ok=not problems, problems=problems, show=show)


@rules_app.command("schema")
def schema(as_json: JsonOption = False) -> None:
    """打印 ruleset.yaml 的 JSON Schema，供编辑器使用。"""
    found = json_schema()

    def show() -> None:
        print(json.dumps(found, ensure_ascii=False, indent=2))

    answer("rules.schema", found, as_json=as_json, show=show)


def _rulesets(given: list[Path] | None) -> list[Path]:
    found: list[Path] = []
    for folder in given or [RULESETS]:
        below = [folder] if (folder / RULESET).is_file() else sorted(p.parent for p in folder.glob(f"*/{RULESET}"))
        if not below:
            raise missing("no-ruleset", f"{folder} 里没有 {RULESET}", field="folders")
        found += below
    for parent in {folder.resolve().parent for folder in found}:
        if not (parent / CATALOGUE).is_file():
            raise missing(
                "no-catalogue", f"{parent} 里没有 {CATALOGUE}", field="folders", fix="把分类目录放在规则集旁边"
            )
    return found


def _problem(fault: Fault) -> Problem:
    reason = f"{fault.file}:{fault.line}: {fault.reason}"
    return Problem(code=fault.code, field=fault.field, reason=reason, fix=fault.fix or None)


def _located(fault: Fault) -> dict[str, str | int]:
    names = ("code", "file", "line", "field", "reason", "fix")
    return {name: getattr(fault, name) for name in names}
