"""The rule engine in a process of its own, as perception asks it."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rules.engine.client import EngineClient
from rules.engine.server import serve


@contextmanager
def an_engine(folder: Path) -> Iterator[EngineClient]:
    """A client of an engine that ends with the block; its socket lies in `folder`."""
    socket = folder / "engine.sock"
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(socket,))
    process.start()
    client = EngineClient(socket, patience=60)
    try:
        yield client
    finally:
        client.close()
        process.terminate()
        process.join()
