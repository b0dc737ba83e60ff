"""The servers that tests start, each by its process."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import free_port

from temporal import server


def temporal_server(folder: Path) -> Iterator[str]:
    """Temporal's development server on a free loopback port, its file in `folder`; yields its address."""
    program = server.find()
    if program is None:
        pytest.fail("no Temporal server: run `make setup`")
    port, ui = free_port(), free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(server.command(program, folder / "temporal.db", port, ui), stdout=log, stderr=log)
    try:
        until = time.monotonic() + 60
        while not server.is_ready(program, port):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, "Temporal did not start"
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)
