"""The installation that is measured: a temporary home, everything that `linli up` starts, gone afterwards."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

import settings
from activities.giving import Reach, reach
from domain.people import Actor
from settings import Settings
from store import embedded

PATIENCE = 300  # seconds that one `linli` command may take


@dataclass(frozen=True)
class Installation:
    """A running home. `data` is what `linli up --json` said."""

    settings: Settings
    data: dict[str, Any]

    def linli(self, *words: str) -> dict[str, Any]:
        """The `data` of a command with --json; raises RuntimeError where it says no."""
        return linli(self.settings.home, *words)

    def pid(self, name: str) -> int:
        """The process that runs now under that name."""
        pids = json.loads((self.settings.run_folder / "pids.json").read_text(encoding="utf-8"))
        return int(pids[name]["pid"])

    def owner(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.settings.owner_database_url, autocommit=True, options="-c linli.scope=*")

    def superuser_dsn(self, database: str) -> str:
        return embedded.dsn(embedded.SUPERUSER, self.settings.postgres_password, self.settings.postgres_port, database)

    @asynccontextmanager
    async def reach(self) -> AsyncIterator[Reach]:
        async with reach(self.settings) as reached:
            yield reached


def linli(home: Path, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "cli.main", *words, "--json", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    said = done.stdout.strip()
    answer: dict[str, Any] = json.loads(said) if said else {"ok": False, "problems": done.stderr[-2000:]}
    if not answer["ok"]:
        raise RuntimeError(f"linli {' '.join(words)}: {answer['problems']}")
    data: dict[str, Any] = answer["data"]
    return data


@contextmanager
def installed(home: Path | None) -> Iterator[Installation]:
    """Everything up; `home` None: a temporary one, removed at the end. One that runs already is left running."""
    running = home is not None and (home / "run" / "supervisor.sock").exists()
    folder = home or Path(tempfile.mkdtemp(prefix="linli-bench-"))
    try:
        said = linli(folder, "up", "--detach")
        yield Installation(settings.load(folder), said)
    finally:
        if not running:
            linli(folder, "down")
        if home is None:
            shutil.rmtree(folder, ignore_errors=True)


async def actor(reached: Reach, person: str | UUID) -> Actor:
    """Somebody of the demo organisation by login name or id."""
    async with reached.pool.connection() as connection:
        found = await connection.execute(
            "SELECT id::text, display_name, roles, areas, unit FROM people WHERE id::text = %s OR name = %s",
            (str(person), str(person)),
        )
        row = await found.fetchone()
    assert row is not None, f"nobody is called {person}"
    return Actor(id=row[0], name=row[1], roles=frozenset(row[2]), areas=tuple(row[3]), unit=row[4])


def wait_until(holds: Any, within: float, every: float = 0.02) -> None:
    """Until `holds()`; raises TimeoutError after `within` seconds."""
    until = time.monotonic() + within
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(f"not within {within:.0f} s")
        time.sleep(every)
