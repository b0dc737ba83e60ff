"""The design's sketches, run on the servers of the installation, in a database of their own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from bench.cpu import Meter
from bench.figures import PROJECT
from bench.installation import Installation

FOLDER = PROJECT.parent / "shared" / "spikes"
DATABASE = "spike"
SERVERS = ("temporal", "postgres")
PATIENCE = 300  # seconds
CASES = re.compile(r"(\d+) cases/s filed, p50 (\d+) ms p99 (\d+) ms")
COMMANDS = re.compile(r"commands (\d+)/s p50 (\d+) p99 (\d+) ms")
INTAKE = re.compile(r"intake batch (\d+): (\d+)/s")
READER = re.compile(r"reader \[0, 1, 2, 3\]: (\d+) signals/s")


def are_here() -> bool:
    return FOLDER.is_dir()


def cases(installation: Installation, count: int, rate: int, to_close: int = 0) -> dict[str, float]:
    """cases/s, p50 and p99 (ms) of run_case.py; the same of people's commands where `to_close` cases get them.

    `cpu` is processor milliseconds per case, of everything together.
    """
    meter = Meter(installation, SERVERS)
    said = _run(installation, "run_case.py", str(count), str(rate), str(to_close))
    cost = {"cpu": sum(meter.spent().values()) / count * 1e3}
    names = ("cases/s", "cases p50", "cases p99")
    figures = dict(zip(names, map(float, _found(CASES, said)), strict=True))
    if to_close:
        names = ("commands/s", "commands p50", "commands p99")
        figures |= dict(zip(names, map(float, _found(COMMANDS, said)), strict=True))
    return figures | cost


def perception(installation: Installation) -> dict[str, float]:
    """Rows/s of ordered intake by batch size, and signals/s to decision, of perception.py."""
    said = _run(installation, "perception.py")
    figures = {f"intake {batch}": float(rate) for batch, rate in INTAKE.findall(said)[:3]}
    return figures | {"decisions": float(_found(READER, said)[0])}


def _run(installation: Installation, *words: str) -> str:
    _database(installation)
    env = os.environ | {
        "PG": installation.superuser_dsn(DATABASE),
        "T": installation.settings.temporal_address,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, *words],
        cwd=Path(FOLDER),
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.stdout or done.stderr  # it may die at its very end, with everything said


def _database(installation: Installation) -> None:
    with psycopg.connect(installation.superuser_dsn("postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _found(pattern: re.Pattern[str], said: str) -> tuple[str, ...]:
    match = pattern.search(said)
    assert match is not None, f"the spike said otherwise: {said}"
    return match.groups()
