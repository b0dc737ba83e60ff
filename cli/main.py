"""The `linli` command: its sub-commands are the modules of this folder that have a `register`."""

import os
import pkgutil
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cli.leaving import leave
from cli.output import ExitCode, Problem, Refused, bad_input, envelope, print_json, show_problems
from settings import UnreadableState

HERE = Path(__file__).parent


def application(words: list[str]) -> typer.Typer:
    """The commands. Where the first word names a module here, only it and `<word>_*` are imported: faster."""
    app = typer.Typer(name="linli", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @app.callback()
    def linli(
        home: Annotated[
            Path | None, typer.Option("--home", help="数据目录，默认 $LINLI_HOME；可写在任何位置。")
        ] = None,
    ) -> None:
        """邻里：社区治理的规则引擎工单与案件系统。"""
        del home  # taken by `take_home`, wherever it stands

    for register in registrations(words):
        register(app)
    return app


def registrations(words: list[str]) -> list[Callable[[typer.Typer], None]]:
    names = sorted(module.name for module in pkgutil.iter_modules([str(HERE)]) if module.name != "main")
    wanted = next((word for word in words if not word.startswith("-")), "").replace("-", "_")
    if wanted in names:
        names = [name for name in names if name == wanted or name.startswith(f"{wanted}_")]
    modules = [import_module(f"cli.{name}") for name in names]
    return [module.register for module in modules if hasattr(module, "register")]


def take_home(words: list[str]) -> list[str]:
    """The command line without `--home PATH`, which is put into the environment, for our children too."""
    rest: list[str] = []
    given = iter(words)
    for word in given:
        if word == "--home":
            if not (home := next(given, "")):
                return [*rest, word, *given]  # refused by name, like an unknown option
            os.environ["LINLI_HOME"] = home
        elif word.startswith("--home="):
            os.environ["LINLI_HOME"] = word.removeprefix("--home=")
        elif word == "--":
            return [*rest, word, *given]
        else:
            rest.append(word)
    return rest


def usage_problem(error: typer.TyperException) -> Problem:
    parameter = getattr(error, "param", None)
    field = getattr(error, "option_name", None) or (parameter.name if parameter else None)
    context = getattr(error, "ctx", None)
    help_of = context.command_path if context else "linli"
    return Problem(code="usage", field=field, reason=error.format_message(), fix=f"{help_of} --help")


def settings_problem(detail: ErrorDetails) -> Problem:
    name = ".".join(str(part) for part in detail["loc"])
    return Problem(code="setting", field=name, reason=detail["msg"], fix=f"LINLI_{name.upper()} 或 linli.json")


def refusal(error: Exception) -> Refused:
    """Any error as the answer that the contract promises."""
    match error:
        case Refused():
            return error
        case typer.TyperException():
            return Refused(usage_problem(error), exit_code=ExitCode(error.exit_code))
        case UnreadableState():
            problem = Problem(code="state-file", reason=str(error), fix="从备份恢复，或换一个 LINLI_HOME")
            return Refused(problem, exit_code=ExitCode.BAD_INPUT)
        case ValidationError() if error.title == "Settings":
            problems = [settings_problem(detail) for detail in error.errors(include_url=False)]
            return Refused(*problems, exit_code=ExitCode.BAD_INPUT)
        case _:
            traceback.print_exception(error)
            return Refused(Problem(code="unexpected", reason=f"{type(error).__name__}: {error}"))


def command_of(app: typer.Typer, words: list[str]) -> str:
    """The name of the command for its schema: the leading words that are commands or groups, dotted."""
    spoken = [word for word in words if not word.startswith("-")]
    if not spoken:
        return "linli"
    groups = {group.name for group in app.registered_groups}
    return ".".join(spoken[:2] if spoken[0] in groups else spoken[:1])


def readable(word: str) -> None:
    """Raises Refused for what is no text in the terminal's encoding."""
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise bad_input("not-text", f"参数不是 UTF-8 文字：{word!a}") from error


def run(words: list[str]) -> int:
    """Run one command line; gives the exit code."""
    words = take_home(words)
    app = application(words)
    try:
        for word in words:
            readable(word)
        return int(app(args=words, prog_name="linli", standalone_mode=False) or 0)
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:  # noqa: BLE001 - scripts get their JSON whatever happens
        refused = refusal(error)
    if "--json" in words:
        print_json(envelope(command_of(app, words), refused.data, ok=False, problems=refused.problems))
    else:
        show_problems(refused.problems)
    return int(refused.exit_code)


def main() -> NoReturn:
    leave(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
