"""Which processes are ours: written down with their start time, so that a recycled pid is never taken for one."""

import json
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from cli.child import STOP_WITHIN
from cli.processes import BY_NAME, SERVERS

CLOCK_MAY_MOVE = 2.0  # seconds by which a start time may differ after the clock was set


def write(path: Path, pids: dict[str, int]) -> None:
    """Write down the running processes of this home."""
    known = {}
    for name, pid in pids.items():
        with suppress(psutil.NoSuchProcess):
            known[name] = {"pid": pid, "started": psutil.Process(pid).create_time()}
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(known), encoding="utf-8")
    unfinished.replace(path)


def read(path: Path) -> dict[str, psutil.Process]:
    """Those of the written processes that still run."""
    if not path.exists():
        return {}
    alive = {}
    for name, known in json.loads(path.read_text(encoding="utf-8")).items():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(known["pid"])
            if abs(process.create_time() - known["started"]) < CLOCK_MAY_MOVE and runs(process):
                alive[name] = process
    return alive


def runs(process: psutil.Process) -> bool:
    """Whether it still works: a dead one may stay listed where nobody collects it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(path: Path) -> list[str]:
    """End what a killed supervisor left running: our own processes, then the servers they use; gives the names."""
    alive = read(path)
    end_all({name: process for name, process in alive.items() if name not in SERVERS})
    end_all({name: process for name, process in alive.items() if name in SERVERS})
    path.unlink(missing_ok=True)
    return list(alive)


def end_all(processes: dict[str, psutil.Process]) -> None:
    """Ask each to end, and kill what still runs after `STOP_WITHIN`."""
    for name, process in processes.items():
        with suppress(psutil.NoSuchProcess):
            process.send_signal(BY_NAME[name].stop_signal if name in BY_NAME else signal.SIGTERM)
    until = time.monotonic() + STOP_WITHIN
    while (working := [process for process in processes.values() if runs(process)]) and time.monotonic() < until:
        time.sleep(0.05)
    for process in working:
        with suppress(psutil.NoSuchProcess):
            process.kill()
