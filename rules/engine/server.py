"""The engine in a process of its own: its C calls would hold up an event loop, and its crash must not be ours."""

import socket
import socketserver
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from rules.engine.compiled import EngineRuleset
from rules.engine.translate import EngineRules
from rules.engine.wire import receive, send, short_name

MOST_RULESETS = 256


class Rulesets:
    """The rulesets that were sent, the least recently asked dropped first. One question at a time."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, EngineRuleset] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            for digest, text in request["rules"].items():
                if digest not in self._known:
                    self._known[digest] = EngineRuleset(EngineRules(digest, text))
            asked = {digest for digest, _ in request["ask"]}
            if unknown := asked - self._known.keys():
                return {"unknown": sorted(unknown)}
            hits = [self._known[digest].hits_of_text(facts) for digest, facts in request["ask"]]
            self._drop_old(asked)
            return {"hits": hits}

    def _drop_old(self, asked: set[str]) -> None:
        for digest in asked:
            self._known.move_to_end(digest)
        while len(self._known) > MOST_RULESETS:
            _, dropped = self._known.popitem(last=False)
            dropped.close()


def serve(socket_path: Path) -> None:
    """Answers at `socket_path` until the process ends."""
    socket_path.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(socket_path)
    with short_name(socket_path) as name, _Server(name, _Connection) as server:
        socket_path.chmod(0o600)
        server.serve_forever()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, name: str, handler: type[socketserver.BaseRequestHandler]) -> None:
        self.rulesets = Rulesets()
        super().__init__(name, handler)


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
