"""`linli start NAME`: start one process that was stopped, and wait until it is ready."""

from typing import Annotated

import typer

import settings
from cli import control
from cli.output import JsonOption, answer, people
from cli.processes import named


def register(app: typer.Typer) -> None:
    @app.command("start")
    def start(name: Annotated[str, typer.Argument(help="进程名，如 web")], *, as_json: JsonOption = False) -> None:
        """启动一个停下的进程，就绪后返回。"""
        named(name)
        done = control.ask_about(settings.load(), "start", name)
        answer("start", done, as_json=as_json, show=lambda: people.print(f"已启动：{name}"))
