"""A measured figure, the machine it was measured on, and how a run is kept and shown."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
PROJECT = RESULTS.parent.parent


@dataclass(frozen=True)
class Figure:
    """`spike` is the same figure of the design's sketch, in the same run on the same servers."""

    part: str
    name: str
    value: float
    unit: str  # "/s": more is better; "ms", "s": less is better
    spike: float | None = None
    note: str = ""
    load: float = 0.0  # the machine's load average (one minute) when the part ended

    @property
    def ratio(self) -> float | None:
        """How good ours is beside the sketch's: 1 as good, 2 twice as good."""
        if not self.spike or not self.value:
            return None
        return self.value / self.spike if self.unit == "/s" else self.spike / self.value


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest rank: `share` of the values are at most this."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def machine() -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return {
        "cpus": os.cpu_count(),
        "cpu": _cpu(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load_before": os.getloadavg(),
        "commit": commit.stdout.strip() if commit.returncode == 0 else None,
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def keep(figures: Sequence[Figure], on: dict[str, Any], began: datetime, failed: dict[str, str]) -> Path:
    """Write the run into bench/results, named by when it began (UTC)."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{began.astimezone(UTC):%Y%m%dT%H%M%SZ}.json"
    told = {
        "schema": "linli.bench/1",
        "began": began.isoformat(timespec="seconds"),
        "machine": on,
        "figures": [{**asdict(figure), "ratio": figure.ratio} for figure in figures],
        "failed": failed,
    }
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def show(figures: Sequence[Figure]) -> None:
    table = Table(title="Linli bench", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("part", "figure"):
        table.add_column(column)
    for column in ("ours", "spike", "ratio", "load"):
        table.add_column(column, justify="right")
    table.add_column("note")
    for one in figures:
        spike = f"{one.spike:,.0f} {one.unit}" if one.spike else ""
        ratio = f"{one.ratio:.2f}" if one.ratio else ""
        table.add_row(one.part, one.name, f"{_number(one)} {one.unit}", spike, ratio, f"{one.load:.1f}", one.note)
    Console(width=160).print(table)


def _number(figure: Figure) -> str:
    return f"{figure.value:,.2f}" if figure.unit == "s" else f"{figure.value:,.0f}"
