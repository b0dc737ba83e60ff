"""A whole Linli in a home of its own, started and asked the way its users do: by `linli`, HTTP, MQTT and SQL."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psycopg
from lxml import html
from rooms import in_memory

from cli import state
from settings.model import STATE_FILE

UP_SECONDS = 280


class Installation:
    """`linli up` in `home`; `environment` reaches every process."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self._environment = {**os.environ, "LINLI_HOME": str(home), **environment}
        self.data: dict[str, Any] = {}

    def up(self) -> "Installation":
        self.data = self.linli("up", "--detach", timeout=UP_SECONDS)["data"]
        return self

    def down(self) -> None:
        self.linli("down")

    def run(self, *words: str, timeout: float = 300) -> tuple[int, dict[str, Any]]:
        """One command with --json: its exit code and its answer."""
        code, answer, _ = self._run(*words, timeout=timeout)
        return code, answer

    def linli(self, *words: str, timeout: float = 300) -> dict[str, Any]:
        """The same, where it must succeed."""
        code, answer, muttered = self._run(*words, timeout=timeout)
        said = json.dumps(answer, ensure_ascii=False)[:3000]
        assert code == 0, f"{self.logs()}\nlinli {' '.join(words)} exited with {code}: {said}\n{muttered}"
        return answer

    def _run(self, *words: str, timeout: float) -> tuple[int, dict[str, Any], str]:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *words, "--json"],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.stdout, f"{self.logs()}\nlinli {' '.join(words)} said nothing:\n{done.stderr}"
        return done.returncode, json.loads(done.stdout), done.stderr

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        """A command that goes on; its progress can be read line by line from stderr."""
        return subprocess.Popen(
            [sys.executable, "-m", "cli.main", *words, "--json"],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def now() -> float:
        return time.time()

    @staticmethod
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text)

    @staticmethod
    def read(answer: str) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(answer)
        return parsed

    def pid(self, name: str) -> int:
        """Of the running process; waits while it is being started again."""
        return int(self.until(lambda: self.linli("up", "--detach")["data"]["pids"].get(name)))

    def kill(self, name: str) -> int:
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def sql(self, statement: str, *given: object, owner: bool = False) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.data["owner_dsn" if owner else "dsn"], autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), given or None)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def browser(self, role: str | None = None, *, name: str | None = None) -> Iterator[httpx.Client]:
        """A logged-in HTTP client for an account, by role or by name."""
        account = next(
            account
            for account in self.data["accounts"]
            if (role is None or account["role"] == role) and (name is None or name in account.values())
        )
        base = self.data["urls"]["console"].rsplit("/", 1)[0]
        with httpx.Client(base_url=base, follow_redirects=True, timeout=20) as client:
            page = html.fromstring(client.get("/login").text)
            fields = dict(page.xpath("//form[.//input[@name='password']]")[0].form_values())
            client.post("/login", data=fields | {"name": account["name"], "password": account["password"]})
            client.headers["X-CSRF-Token"] = client.get("/api/v1/session").json()["csrf"]
            yield client

    def until(self, what: Callable[[], Any], within: float = 180) -> Any:
        """Ask again until the answer is true; the answer."""
        ends = time.monotonic() + within
        while not (answer := what()):
            assert time.monotonic() < ends, f"{self.logs()}\nnot within {within} s"
            time.sleep(0.2)
        return answer

    def stage(self, case_id: str) -> str:
        ((stage,),) = self.sql("SELECT stage FROM cases WHERE id = %s", case_id)
        return str(stage)

    def holder(self, case_id: str) -> str | None:
        """The login name of whoever has the case; None: nobody yet."""
        found = self.sql("SELECT p.name FROM cases c JOIN people p ON p.id = c.person WHERE c.id = %s", case_id)
        return str(found[0][0]) if found else None

    def phones(self) -> list[dict[str, Any]]:
        """What lies on the phones of the demo, newest first."""
        answered = httpx.get(f"{self.data['urls']['wecom_inbox']}inbox.json", timeout=20)
        items: list[dict[str, Any]] = answered.raise_for_status().json()["items"]
        return items

    def logs(self) -> str:
        """The last lines of every process, for a failing test."""
        files = sorted((self.home / "log").glob("*.log")) if (self.home / "log").exists() else []
        tails = (f"--- {file.name}\n" + "\n".join(_tail(file)) for file in files)
        return "\n".join(tails)


@contextmanager
def an_installation(*, clock_rate: float = 1, **environment: str) -> Iterator[Installation]:
    """One that runs for as long as the block; its cases' clocks run `clock_rate` times as fast.

    Not in pytest's own folder: every start of pytest closes that to other users, as one of which Postgres runs.
    """
    with TemporaryDirectory(prefix="linli-test-", dir=in_memory()) as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        state.write(home / STATE_FILE, {"clock_rate": clock_rate})
        try:
            yield Installation(home, **environment).up()
        finally:
            Installation(home).down()


def _tail(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
