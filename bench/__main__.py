"""`python -m bench [--only NAME]… [--home PATH]`: measure, print, and keep the run in bench/results."""

import argparse
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import backtest, cases, commands, decisions, evaluations, kill, live, pages, signals, spikes
from bench.figures import Figure, keep, machine, show
from bench.installation import Installation, installed

Sketch = dict[str, float]
console = Console(stderr=True)


def _perception(installation: Installation) -> Sketch:
    return spikes.perception(installation) if spikes.are_here() else {}


def _cases(installation: Installation, count: int, rate: int, to_close: int = 0) -> Sketch:
    return spikes.cases(installation, count, rate, to_close) if spikes.are_here() else {}


async def measure_signals(installation: Installation) -> list[Figure]:
    return await signals.measure(installation, _perception(installation))


async def measure_decisions(installation: Installation) -> list[Figure]:
    return await decisions.measure(installation, _perception(installation))


async def measure_cases(installation: Installation) -> list[Figure]:
    return await cases.measure(installation, _cases(installation, 2000, 0), _cases(installation, 1000, 50))


async def measure_commands(installation: Installation) -> list[Figure]:
    return await commands.measure(installation, _cases(installation, commands.CASES, 0, commands.CASES))


PARTS: dict[str, Callable[[Installation], Awaitable[list[Figure]]]] = {
    "pages": pages.measure,  # first: what the others leave behind would fill its lists
    "decisions": measure_decisions,  # before signals: what those say now would make its backlog late
    "signals": measure_signals,
    "cases": measure_cases,
    "commands": measure_commands,
    "live": live.measure,
    "backtest": backtest.measure,
    "kill": kill.measure,
    "evaluations": evaluations.measure,
}


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--home", type=Path, help="measure this home instead of a temporary one")
    given = parser.parse_args(words)
    began, on = datetime.now(UTC), machine()
    figures: list[Figure] = []
    failed: dict[str, str] = {}
    with installed(given.home) as installation:
        for name in given.only or PARTS:
            console.print(f"{name} …")
            try:
                measured = asyncio.run(_measured(name, installation))
            except Exception as error:  # noqa: BLE001 - the other parts still count
                traceback.print_exception(error)
                failed[name] = f"{type(error).__name__}: {error}"
                continue
            figures += measured
    show(figures)
    console.print(f"kept in {keep(figures, on, began, failed)}")
    return 1 if failed else 0


async def _measured(name: str, installation: Installation) -> list[Figure]:
    found = await PARTS[name](installation)
    load = os.getloadavg()[0]
    return [replace(figure, load=round(load, 2)) for figure in found]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
