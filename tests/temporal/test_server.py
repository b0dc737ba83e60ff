"""Where Temporal's server program comes from, and that it starts."""

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from temporal import server


def a_program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def _clean_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any Temporal."""
    monkeypatch.delenv("TEMPORAL_CLI", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_nothing_is_found_on_a_clean_machine() -> None:
    assert server.find() is None


def test_the_named_program_comes_before_path_and_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(server.cache_file())
    assert server.find() == server.cache_file()
    on_path = a_program(tmp_path / "bin" / "temporal")
    assert server.find() == on_path
    monkeypatch.setenv("TEMPORAL_CLI", str(a_program(tmp_path / "mine")))
    assert server.find() == tmp_path / "mine"


def test_a_named_program_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_CLI", "/nowhere/temporal")
    with pytest.raises(server.NoTemporal, match="/nowhere/temporal"):
        server.find()


def test_another_recipe_has_another_place_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = server.cache_file()
    for name in ("go.mod", "go.sum"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(server, "HERE", tmp_path)
    assert server.cache_file() != before


def test_where_nothing_can_be_downloaded_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_way_out(_to: Path) -> None:
        raise RuntimeError("failed to download")

    told: list[str] = []
    monkeypatch.setattr(server, "_download", no_way_out)
    monkeypatch.setattr(server, "build", lambda to, _tell: a_program(to))
    assert server.ensure(told.append) == server.cache_file()
    assert any("failed to download" in line for line in told)
    assert server.find() == server.cache_file()


def test_an_old_go_is_not_used(tmp_path: Path) -> None:
    go = a_program(tmp_path / "bin" / "go")
    go.write_text("#!/bin/sh\necho go1.21.3\n")
    assert server.go_program() is None
    go.write_text("#!/bin/sh\necho go1.26.8\n")
    assert server.go_program() == go


@pytest.mark.servers
def test_the_server_starts_and_says_when_it_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    program = server.find()
    assert program is not None, "run setup first"
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    assert not server.is_ready(program, ports[0])
    command = server.command(program, tmp_path / "temporal.db", *ports)
    with subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL) as process:
        limit = time.monotonic() + 60
        while not server.is_ready(program, ports[0]):
            assert time.monotonic() < limit
            time.sleep(0.05)
        process.terminate()
    assert (tmp_path / "temporal.db").exists()
