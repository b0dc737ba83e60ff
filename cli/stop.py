"""`linli stop NAME`: stop one process, on purpose: the supervisor leaves it stopped."""

from typing import Annotated

import typer

import settings
from cli import control
from cli.output import JsonOption, answer, people
from cli.processes import named


def register(app: typer.Typer) -> None:
    @app.command("stop")
    def stop(name: Annotated[str, typer.Argument(help="进程名，如 web")], *, as_json: JsonOption = False) -> None:
        """停止一个进程，直到 `linli start`。"""
        named(name)
        done = control.ask_about(settings.load(), "stop", name)
        answer("stop", done, as_json=as_json, show=lambda: people.print(f"已停止：{name}"))
