"""Asks the supervisor of a home, over its socket."""

import json
import time
from collections.abc import Callable
from socket import AF_UNIX, socket
from typing import Any

from cli.output import Problem, Refused, missing
from cli.supervisor import AlreadyRunning, Lock
from settings import Settings

END_WITHIN = 60.0  # seconds
READY_WITHIN = 180.0


def ask(settings: Settings, do: str, name: str = "") -> dict[str, Any] | None:
    """The supervisor's answer; None where none runs for this home."""
    with socket(AF_UNIX) as line:
        try:
            line.connect(str(settings.socket("supervisor")))
            line.sendall(json.dumps({"do": do, "name": name}).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer = answers.readline()
        except OSError:
            return None
    return json.loads(answer) if answer else None


def ask_about(settings: Settings, do: str, name: str) -> dict[str, Any]:
    """The answer about one process; raises Refused where there is no supervisor or it cannot do it."""
    answer = ask(settings, do, name)
    if answer is None:
        raise missing("not-running", f"{settings.home} 没有在运行", fix="linli up --detach")
    if error := answer.get("error"):
        raise Refused(Problem(code=f"cannot-{do}", field="name", reason=error))
    return answer


def running(settings: Settings) -> dict[str, Any]:
    """The data of the installation that runs already, once it is ready."""
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        answer = ask(settings, "status")
        if answer is not None and answer["ready"]:
            data: dict[str, Any] = answer["data"]
            return data
        time.sleep(0.2)
    raise Refused(Problem(code="not-ready", reason="另一个 linli up 正在启动，但一直没有就绪", fix="linli down"))


def wait_for_end(settings: Settings) -> None:
    """Until the supervisor of this home has ended."""
    until = time.monotonic() + END_WITHIN
    while _is_held(lambda: Lock(settings.home)):
        if time.monotonic() > until:
            raise Refused(Problem(code="does-not-end", reason=f"监督进程 {END_WITHIN:.0f} 秒内没有结束"))
        time.sleep(0.05)


def _is_held(lock: Callable[[], Lock]) -> bool:
    try:
        with lock():
            return False
    except AlreadyRunning:
        return True
