"""`linli up`: everything on one machine, in the foreground or detached."""

import asyncio
import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import IO, Annotated, Any

import structlog
import typer
from rich.table import Table

import settings
from adapters.mqtt import broker
from cli import control, leftovers, state
from cli.addresses import describe
from cli.output import (
    ExitCode,
    JsonOption,
    Problem,
    Refused,
    answer,
    envelope,
    missing,
    people,
    print_json,
)
from cli.progress import Progress
from cli.supervisor import AlreadyRunning, Failed, Lock, Supervisor
from settings.model import PROJECT
from store.embedded import EmbeddedError
from temporal import server
from web import words


def register(app: typer.Typer) -> None:
    @app.command("up")
    def up(
        *,
        detach: Annotated[bool, typer.Option("--detach", "-d", help="全部就绪后返回，进程留在后台。")] = False,
        as_json: JsonOption = False,
    ) -> None:
        """启动全部服务；前台运行时 Ctrl-C 全部停止。"""
        home = settings.default_home()
        state.make(home)
        if detach:
            bring_up_detached(home, as_json=as_json)
        else:
            bring_up(home, as_json=as_json)


def bring_up(home: Path, *, as_json: bool) -> None:
    """Be the supervisor of `home` until told to end; where one runs already, only say where everything is."""
    try:
        with Lock(home):
            leftovers.end(home / "run" / "pids.json")
            supervise(home, as_json=as_json)
    except AlreadyRunning:
        data = control.running(settings.load(home))
        answer("up", data, as_json=as_json, show=lambda: show(data))
    except (Failed, EmbeddedError) as error:
        raise Refused(Problem(code="not-up", reason=str(error), fix=f"日志在 {home / 'log'}")) from error
    except (server.NoTemporal, broker.NoBroker) as error:
        raise missing("server", str(error), fix="make setup") from error


def supervise(home: Path, *, as_json: bool) -> None:
    given = state.prepare(home)
    log_to(given.log_folder / "supervisor.log")
    progress = Progress()

    def announce(data: dict[str, Any]) -> None:
        progress.hide()
        if as_json:
            print_json(envelope("up", data, ok=True))
        else:
            show(data)
            people.print("[dim]Ctrl-C 停止全部[/dim]")

    with progress.shown():
        if state.embeds_temporal():
            server.ensure(progress.note)
        supervisor = Supervisor(given, lambda accounts: describe(given, accounts), progress)
        asyncio.run(supervisor.run(announce))


def log_to(path: Path) -> None:
    """The supervisor's own log: JSON lines in its file."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(path.open("a", encoding="utf-8", buffering=1)),
        cache_logger_on_first_use=True,
    )


def bring_up_detached(home: Path, *, as_json: bool) -> None:
    """Let a foreground `linli up` run in a session of its own, and pass on what it answers."""
    given = settings.load(home)
    if (status := control.ask(given, "status")) and status["ready"]:
        answer("up", status["data"], as_json=as_json, show=lambda: show(status["data"]))
    given.log_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = [sys.executable, "-m", "cli.main", "up", "--json"]
    with (given.log_folder / "up.log").open("wb") as log:
        child = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=os.environ | {"LINLI_HOME": str(home)},
            cwd=PROJECT,
            start_new_session=True,
        )
    said = wait_for_answer(child, given)
    if not said:
        complaint = (given.log_folder / "up.log").read_text(encoding="utf-8", errors="replace")[-1000:]
        raise Refused(Problem(code="not-up", reason=f"启动失败：{complaint}", fix=f"日志在 {given.log_folder}"))
    result = json.loads(said)
    problems = [Problem(**problem) for problem in result["problems"]]
    if not result["ok"]:
        raise Refused(*problems, exit_code=ExitCode(child.wait()))
    data = result["data"]
    answer("up", data, as_json=as_json, problems=problems, show=lambda: show(data))


def wait_for_answer(child: subprocess.Popen[bytes], given: settings.Settings) -> bytes:
    """The line that the detached supervisor prints once all is ready; its steps are shown meanwhile."""
    output: IO[bytes] | None = child.stdout
    if output is None:
        return b""
    with people.status("启动") as status, output:
        while not select.select([output], [], [], 0.3)[0]:
            if step := (control.ask(given, "status") or {}).get("step"):
                status.update(step)
        return output.readline()


def show(data: dict[str, Any]) -> None:
    table = Table(title="邻里已就绪", title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, url in data["urls"].items():
        table.add_row(LABELS.get(name, name), f"[link={url}]{url}[/link]")
    people.print(table)
    if data["accounts"]:
        people.print(accounts_table(data["accounts"]))


ROLES = words.LABELS["role"]
LABELS = {
    "console": "值守台",
    "mobile": "手机端",
    "public": "居民端",
    "board": "大屏",
    "api": "接口",
    "temporal": "流程引擎",
    "wecom_inbox": "政务微信（演示）",
}


def accounts_table(accounts: list[dict[str, str]]) -> Table:
    """One account of each role; `--json` has them all."""
    first = {account["role"]: account for account in reversed(accounts)}
    title = f"演示账号（每种角色一个，共 {len(accounts)} 个）"
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("账号", "姓名", "角色", "密码"):
        table.add_column(column)
    for account in reversed(first.values()):
        table.add_row(account["name"], account["display_name"], ROLES[account["role"]], account["password"])
    return table
