"""`linli up` as scripts use it: everything comes up, what is killed comes back, and `down` ends exactly that."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from rooms import in_memory

from cli.output import ExitCode
from cli.processes import BY_NAME, SERVERS

pytestmark = pytest.mark.servers
OURS = tuple(name for name in BY_NAME if name not in SERVERS)


class Home:
    """One installation under test, spoken to by its command only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        outside = ("LINLI_", "TEMPORAL_ADDRESS")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(outside)}
        self.environment["LINLI_HOME"] = str(path)

    def says(self, *words: str, exit_code: int = ExitCode.TRUE) -> Any:
        command = [sys.executable, "-m", "cli.main", *words, "--json"]
        told = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=280)
        assert told.returncode == exit_code, told.stdout + told.stderr
        answer = json.loads(told.stdout)
        assert answer["ok"] is (exit_code == ExitCode.TRUE)
        return answer["data"] if answer["ok"] else answer["problems"]

    def pids(self) -> dict[str, int]:
        pids: dict[str, int] = self.says("up", "--detach")["pids"]
        return pids


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    yield from installed()


@pytest.fixture
def other() -> Iterator[Home]:
    yield from installed()


def installed() -> Iterator[Home]:
    """Not in pytest's own folder: every start of pytest closes that to other users, as one of which Postgres runs."""
    with tempfile.TemporaryDirectory(prefix="linli-test-", dir=in_memory()) as folder:
        made = Home(Path(folder) / "home")
        made.says("up", "--detach")
        yield made
        made.says("down")


def runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def until_back(home: Home, name: str, before: int) -> int:
    limit = time.monotonic() + 60
    while (now := home.pids().get(name)) in (None, before):
        assert time.monotonic() < limit, f"{name} did not come back"
    assert now is not None
    return now


def test_up_says_where_everything_is(home: Home) -> None:
    data = home.says("up", "--detach")
    assert set(data["pids"]) == set(BY_NAME)
    assert all(runs(pid) for pid in data["pids"].values())
    assert {"console", "mobile", "api", "temporal"} <= set(data["urls"])
    assert {"name", "role", "password"} <= set(data["accounts"][0])
    assert set(data["broker"]) == {"host", "port", "username", "password"}
    urllib.request.urlopen(data["urls"]["console"], timeout=60).close()
    for dsn, user in ((data["dsn"], "linli_app"), (data["owner_dsn"], "linli_owner")):
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (user,)


def test_a_second_up_finds_the_first(home: Home) -> None:
    assert home.says("up")["pids"] == home.pids()


@pytest.mark.parametrize("names", [*([name] for name in SERVERS), OURS], ids=[*SERVERS, "ours"])
def test_what_is_killed_comes_back(home: Home, names: Sequence[str]) -> None:
    """A server under the feet of those that use it; then all of these at once."""
    before = home.pids()
    for name in names:
        os.kill(before[name], signal.SIGKILL)
    for name in names:
        assert runs(until_back(home, name, before[name]))
        home.says("start", name)  # returns once it is ready


def test_what_is_stopped_stays_stopped_until_it_is_started(home: Home) -> None:
    home.says("stop", "broker")
    time.sleep(1)
    assert "broker" not in home.pids()
    assert any(problem["field"] == "broker" for problem in home.says("doctor", exit_code=ExitCode.FALSE))
    assert runs(home.says("start", "broker")["pid"])
    home.says("doctor")


def test_an_unknown_process_is_bad_input(home: Home) -> None:
    problems = home.says("stop", "webb", exit_code=ExitCode.BAD_INPUT)
    assert problems[0]["field"] == "name"


def test_a_killed_supervisor_is_replaced_with_its_processes(home: Home) -> None:
    before = home.says("up", "--detach")
    os.kill(before["supervisor"], signal.SIGKILL)
    while runs(before["supervisor"]):
        time.sleep(0.01)
    after = home.says("up", "--detach")
    assert not any(runs(pid) for pid in before["pids"].values())
    assert after["urls"] == before["urls"]
    assert after["dsn"] == before["dsn"]


def test_two_homes_do_not_disturb_each_other(home: Home, other: Home) -> None:
    ours, theirs = home.says("up", "--detach"), other.says("up", "--detach")
    assert not set(ours["pids"].values()) & set(theirs["pids"].values())
    assert ours["urls"]["console"] != theirs["urls"]["console"]
    assert set(other.says("down")["stopped"]) == set(theirs["pids"])
    assert not any(runs(pid) for pid in theirs["pids"].values())
    assert home.pids() == ours["pids"]


def test_down_ends_exactly_its_processes_and_a_new_start_is_the_same(home: Home) -> None:
    before = home.says("up", "--detach")
    assert set(home.says("down")["stopped"]) == set(before["pids"])
    assert not any(runs(pid) for pid in before["pids"].values())
    assert home.says("down")["stopped"] == []
    assert home.says("up", "--detach")["dsn"] == before["dsn"]


def test_without_an_installation_there_is_nothing_to_stop(tmp_path: Path) -> None:
    problems = Home(tmp_path / "none").says("stop", "web", exit_code=ExitCode.MISSING)
    assert problems[0]["code"] == "not-running"
