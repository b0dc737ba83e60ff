"""What work costs in processor time: it says the same on a busy machine, where rates per second do not."""

import os
from collections.abc import Iterable

import psutil

from bench.installation import Installation


class Meter:
    """Processor seconds of named processes of the installation and of this one, since it was made."""

    def __init__(self, installation: Installation, names: Iterable[str]) -> None:
        self._trees = {name: psutil.Process(installation.pid(name)) for name in names}
        self._began = {name: _tree(process) for name, process in self._trees.items()}
        self._own = _own()

    def spent(self) -> dict[str, float]:
        """By name; `bench` is this process with the children that ended."""
        spent = {name: _tree(process) - self._began[name] for name, process in self._trees.items()}
        return spent | {"bench": _own() - self._own}


def _tree(process: psutil.Process) -> float:
    """With its children, those that ended too."""
    times = process.cpu_times()
    seconds: float = times.user + times.system + times.children_user + times.children_system
    for child in process.children(recursive=True):
        try:
            of_child = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += of_child.user + of_child.system
    return seconds


def _own() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def in_words(spent: dict[str, float], count: int) -> str:
    """How it is shared out, in milliseconds per piece of work."""
    return ", ".join(f"{name} {seconds / count * 1e3:.2f}" for name, seconds in spent.items())
