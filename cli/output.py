"""What `linli` says to scripts and to people (DESIGN §13).

With `--json` a command prints one object on stdout,
`{"schema": "linli.<command>/1", "ok": …, "data": …, "problems": [{"code", "field", "reason", "fix"}]}`;
everything else goes to stderr. Exit codes: 0 true, 1 false, 2 bad input, 3 something missing.
"""

import json
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Annotated, Any, NoReturn

import typer
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_jsonable_python
from rich.console import Console

JsonOption = Annotated[bool, typer.Option("--json", help="一个 JSON 对象写到标准输出，供脚本读取。")]

people = Console(stderr=True, highlight=False, soft_wrap=True)  # progress, explanations, errors: what people read


class ExitCode(IntEnum):
    TRUE = 0
    FALSE = 1
    BAD_INPUT = 2
    MISSING = 3


class Problem(BaseModel):
    """What is wrong (`reason`), where (`field`), and what to do about it (`fix`)."""

    model_config = ConfigDict(frozen=True)

    code: str
    reason: str
    field: str | None = None
    fix: str | None = None


class Refused(Exception):
    """Raised anywhere below a command: the command ends with these problems and this exit code."""

    def __init__(self, *problems: Problem, exit_code: ExitCode = ExitCode.FALSE, data: Any = None) -> None:
        super().__init__("; ".join(problem.reason for problem in problems))
        self.problems = problems
        self.exit_code = exit_code
        self.data = data


def bad_input(code: str, reason: str, *, field: str | None = None, fix: str | None = None) -> Refused:
    return Refused(Problem(code=code, reason=reason, field=field, fix=fix), exit_code=ExitCode.BAD_INPUT)


def missing(code: str, reason: str, *, field: str | None = None, fix: str | None = None) -> Refused:
    return Refused(Problem(code=code, reason=reason, field=field, fix=fix), exit_code=ExitCode.MISSING)


def envelope(command: str, data: Any, *, ok: bool, problems: Sequence[Problem] = ()) -> dict[str, Any]:
    return {
        "schema": f"linli.{command}/1",
        "ok": ok,
        "data": to_jsonable_python(data),
        "problems": [problem.model_dump() for problem in problems],
    }


def print_json(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def show_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        where = f"{problem.field}：" if problem.field else ""
        people.print(f"✗ {where}{problem.reason}", style="red", markup=False)
        if problem.fix:
            people.print(f"  → {problem.fix}", markup=False)


def answer(
    command: str,
    data: Any,
    *,
    as_json: bool,
    ok: bool = True,
    problems: Sequence[Problem] = (),
    show: Callable[[], None] | None = None,
) -> NoReturn:
    """End a command with its answer: JSON for scripts, `show()` for people.

    `command` is its name without `linli`, words joined by a dot (`rules.lint`). The exit code is 0 where `ok`, else 1.
    """
    if as_json:
        print_json(envelope(command, data, ok=ok, problems=problems))
    else:
        if show is not None:
            show()
        show_problems(problems)
    raise typer.Exit(ExitCode.TRUE if ok else ExitCode.FALSE)
