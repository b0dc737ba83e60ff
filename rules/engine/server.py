"""The engine in a process of its own: its C calls would hold up an event loop, and its crash must not be ours.

Where one answer takes too long the process ends, as of a crash: no call into C can be broken off otherwise.
"""

import faulthandler
import os
import socket
import socketserver
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from rules.engine.compiled import EngineRuleset
from rules.engine.wire import receive, send, short_name

MOST_RULESETS = 512
LONGEST_ANSWER = 10.0  # seconds


class Rulesets:
    """The rulesets that were sent, the least recently asked dropped first. One question at a time.

    A failpoint: where a key begins with `crashes_on` the process dies as of a fault in C.
    """

    def __init__(self, crashes_on: str = "") -> None:
        self._known: OrderedDict[str, EngineRuleset] = OrderedDict()
        self._lock = threading.Lock()
        self._crashes_on = crashes_on

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            faulthandler.dump_traceback_later(LONGEST_ANSWER, exit=True)
            try:
                return self._answer(request["rules"], request["ask"])
            finally:
                faulthandler.cancel_dump_traceback_later()

    def _answer(self, rules: dict[str, str], ask: list[list[str]]) -> dict[str, Any]:
        for key, text in rules.items():
            if key not in self._known:
                self._known[key] = EngineRuleset(text)
        asked = {key for key, _ in ask}
        if unknown := asked - self._known.keys():
            return {"unknown": sorted(unknown)}
        if self._crashes_on and any(key.startswith(self._crashes_on) for key in asked):
            os.abort()
        hits = [self._known[key].hits(facts) for key, facts in ask]
        self._drop_old(asked)
        return {"hits": hits}

    def _drop_old(self, asked: set[str]) -> None:
        for key in asked:
            self._known.move_to_end(key)
        while len(self._known) > MOST_RULESETS:
            _, dropped = self._known.popitem(last=False)
            dropped.close()


def serve(socket_path: Path, crashes_on: str = "") -> None:
    """Answers at `socket_path` until the process ends; `crashes_on` is a failpoint, see `Rulesets`."""
    faulthandler.enable()
    socket_path.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(socket_path)
    with short_name(socket_path) as name, _Server(name, crashes_on) as server:
        socket_path.chmod(0o600)
        server.serve_forever()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, name: str, crashes_on: str) -> None:
        self.rulesets = Rulesets(crashes_on)
        super().__init__(name, _Connection)


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        try:
            while (request := receive(self.request)) is not None:
                send(self.request, self._answer(request))
        except (ConnectionError, ValueError):
            return

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.server.rulesets.answer(request)
        except Exception as error:  # noqa: BLE001 - the C engine raises its own kind; the asker must hear of all
            return {"error": f"{type(error).__name__}: {error}"}


def _remove_stale(path: Path) -> None:
    if not path.exists():
        return
    with short_name(path) as name, socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(name)
        except ConnectionRefusedError:
            path.unlink()
            return
    raise RuntimeError(f"another engine answers at {path}")
