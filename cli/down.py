"""`linli down`: stop exactly the processes that `linli up` of this home started."""

import typer

import settings
from cli import control, leftovers
from cli.output import JsonOption, answer, people


def register(app: typer.Typer) -> None:
    @app.command("down")
    def down(*, as_json: JsonOption = False) -> None:
        """停止本目录启动的全部进程，不动别的。"""
        given = settings.load()
        if told := control.ask(given, "down"):
            control.wait_for_end(given)
            stopped = told["stopped"]
        else:
            stopped = leftovers.end(given.run_folder / "pids.json")
        message = "已停止：" + "、".join(stopped) if stopped else "没有在运行"
        answer("down", {"stopped": stopped}, as_json=as_json, show=lambda: people.print(message))
