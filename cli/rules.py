"""`linli rules lint | codes | schema`: what a ruleset's author asks before anyone else sees it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import JsonOption, Problem, answer, bad_input, missing, people
from cli.working_days import in_force_here, told
from rules.lint import blocking, lint_folder
from rules.lint.codes import CODES, Code, severity_of
from rules.load import RULESET
from rules.problems import Problem as Fault
from rules.problems import nearest
from rules.schema import json_schema
from settings.model import RULESETS

PAGES = Path(__file__).parents[1] / "docs" / "rulesets" / "lint"
Folders = Annotated[
    list[Path] | None, typer.Argument(help="规则集目录（含 ruleset.yaml），或其上级目录；默认全部自带规则集。")
]

rules_app = typer.Typer(no_args_is_help=True, help="规则集：检查、测试、变异、编辑器用的模式。")


class Located(Problem):
    """A fault of a ruleset: `file` and `line` say where its author wrote it."""

    file: str
    line: int
    severity: str


def register(app: typer.Typer) -> None:
    app.add_typer(rules_app, name="rules")


@rules_app.command("lint")
def lint(folders: Folders = None, as_json: JsonOption = False) -> None:
    """检查规则集：每个问题给出编码、文件、行、字段和改法；提醒不影响通过。"""
    items = []
    found: list[Fault] = []
    calendar = in_force_here()
    for folder in rulesets_in(folders):
        compiled, faults = lint_folder(folder, calendar=calendar)
        items.append(
            {
                "ruleset": folder.name,
                "hash": compiled.hash if compiled else None,
                "clean": not blocking(faults),
                "problems": [located(fault).model_dump() for fault in faults],
            }
        )
        found += faults

    def show() -> None:
        for item in items:
            people.print(f"{'✓' if item['clean'] else '✗'} {item['ruleset']}", markup=False)

    warnings = len(found) - len(blocking(found))
    data = {"items": items, "next": None, "warnings": warnings, "calendar": told(calendar)}
    answer("rules.lint", data, as_json=as_json, ok=not blocking(found), problems=list(map(located, found)), show=show)


@rules_app.command("codes")
def codes(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="问题的编码，例如 gap；默认列出全部。")] = None,
    as_json: JsonOption = False,
) -> None:
    """解释检查给出的编码：为什么要紧，错误的和正确的写法。"""
    if code is not None and code not in CODES:
        raise bad_input("unknown-code", f"没有这个编码：{code}", field="code", fix=nearest(code, CODES))
    items = [_described(each, whole=code is not None) for each in CODES.values() if code in {None, each.code}]

    def show() -> None:
        for item in items:
            grave = "" if item["severity"] == "error" else "（提醒）"
            line = f"{item['code']:<18}{item['title']}{grave}"
            people.print(item["page"] or (f"{line}\n{item['why']}" if code else line), markup=False)

    answer("rules.codes", {"items": items, "next": None}, as_json=as_json, show=show)


@rules_app.command("schema")
def schema(as_json: JsonOption = False) -> None:
    """打印 ruleset.yaml 的 JSON Schema，供编辑器使用。"""
    found = json_schema()

    def show() -> None:
        print(json.dumps(found, ensure_ascii=False, indent=2))

    answer("rules.schema", found, as_json=as_json, show=show)


def rulesets_in(given: list[Path] | None) -> list[Path]:
    """The folders of rulesets among and directly below `given`."""
    found: list[Path] = []
    for folder in given or [RULESETS]:
        below = [folder] if (folder / RULESET).is_file() else sorted(p.parent for p in folder.glob(f"*/{RULESET}"))
        if not below:
            raise missing("no-ruleset", f"{folder} 里没有 {RULESET}", field="folders")
        found += below
    return [folder.resolve() for folder in found]


def located(fault: Fault) -> Located:
    title = CODES[fault.code].title if fault.code in CODES else ""
    return Located(
        code=fault.code,
        field=fault.field,
        reason=f"{fault.file}:{fault.line}: [{fault.code} {title}] {fault.reason}",
        fix=fault.fix or None,
        file=fault.file,
        line=fault.line,
        severity=severity_of(fault.code).value,
    )


def _described(code: Code, *, whole: bool) -> dict[str, Any]:
    page = PAGES / f"{code.code}.md"
    text = page.read_text(encoding="utf-8") if whole and page.is_file() else None
    return {"code": code.code, "title": code.title, "why": code.why, "severity": code.severity, "page": text}
