"""What a killed supervisor leaves running is ended by pid, and nothing else is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import leftovers


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def test_a_process_of_ours_is_ended(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    leftovers.write(tmp_path / "pids.json", {"web": sleeper.pid})
    assert leftovers.end(tmp_path / "pids.json") == ["web"]
    assert sleeper.wait(60) != 0
    assert leftovers.end(tmp_path / "pids.json") == []


def test_a_stranger_with_a_recycled_pid_is_left_alone(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    pids = tmp_path / "pids.json"
    leftovers.write(pids, {"web": sleeper.pid})
    known = json.loads(pids.read_text())
    known["web"]["started"] -= 3600
    pids.write_text(json.dumps(known))
    assert leftovers.end(pids) == []
    assert sleeper.poll() is None


def test_without_a_file_there_is_nothing_to_end(tmp_path: Path) -> None:
    assert leftovers.end(tmp_path / "pids.json") == []
