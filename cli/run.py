"""`linli run NAME`: one process in the foreground, as the supervisor, a container or systemd starts it.

`python -m cli.run NAME` is the same without loading the other commands.
"""

import os
import pwd
import sys
from typing import Annotated

import typer

import settings
from cli.leaving import leave
from cli.logs import configure_logs
from cli.output import Refused, show_problems
from cli.processes import OURS, Start, named


def run(name: str) -> None:
    """Become process `name`: our own code runs here, another program takes our place (and our pid)."""
    process = named(name)
    given = settings.load()
    os.environ["LINLI_HOME"] = str(given.home)
    if name in OURS:
        configure_logs()
        OURS[name](given)
    else:
        become(process.start(given))


def become(start: Start) -> None:
    os.chdir(start.folder)
    if start.user is not None:
        account = pwd.getpwnam(start.user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    os.execv(start.words[0], start.words)  # noqa: S606 - the words are ours


def register(app: typer.Typer) -> None:
    @app.command("run", hidden=True)
    def linli_run(name: Annotated[str, typer.Argument(help="进程名")]) -> None:
        """在前台运行一个进程。"""
        run(name)


if __name__ == "__main__":
    try:
        run(sys.argv[1])
    except Refused as refused:
        show_problems(refused.problems)
        leave(refused.exit_code)
    leave(0)
