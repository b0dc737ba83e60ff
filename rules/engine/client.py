"""Asks the engine process; when it died, asks its successor: an evaluation changes nothing, so it may be repeated."""

import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rules.classify import Question
from rules.engine.translate import fact_text
from rules.engine.wire import receive, send, short_name

_PAUSE = 0.05
_SLOWEST_ANSWER = 10.0


class EngineUnavailable(Exception):
    """The engine did not answer in time; nothing was decided, and it may be asked again."""


class EngineRefused(Exception):
    """The engine answered that it cannot work with what it was given."""


class EngineClient:
    """One connection, for one or several threads. `patience` is how long to wait for an engine, in seconds."""

    def __init__(self, socket_path: Path, patience: float = 5.0) -> None:
        self._path = socket_path
        self._patience = patience
        self._connection: socket.socket | None = None
        self._sent: set[str] = set()
        self._lock = threading.Lock()

    def hits(self, batch: Sequence[Question]) -> list[tuple[str, ...]]:
        """For each question the ids of the rules whose conditions hold.

        Raises EngineUnavailable after `patience`; EngineRefused where asking again would not help.
        """
        asked = [(place, given) for place, given in enumerate(batch) if given.rules.text]
        found: list[tuple[str, ...]] = [()] * len(batch)
        if asked:
            with self._lock:
                answers = self._ask([given for _, given in asked])
            for (place, _), answer in zip(asked, answers, strict=True):
                found[place] = tuple(answer)
        return found

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._sent.clear()

    def _ask(self, batch: list[Question]) -> list[list[str]]:
        texts = {given.rules.hash: given.rules.text for given in batch}
        ask = [[given.rules.hash, fact_text(given.facts)] for given in batch]
        until = time.monotonic() + self._patience
        while True:
            try:
                answer = self._exchange(texts, ask)
            except (OSError, ValueError) as error:
                self.close()
                if time.monotonic() > until:
                    raise EngineUnavailable(f"no engine answers at {self._path}: {error}") from error
                time.sleep(_PAUSE)
                continue
            if "error" in answer:
                raise EngineRefused(answer["error"])
            if "unknown" in answer:
                self._sent -= set(answer["unknown"])
                continue
            hits: list[list[str]] = answer["hits"]
            return hits

    def _exchange(self, texts: dict[str, str], ask: list[list[str]]) -> dict[str, Any]:
        if self._connection is None:
            self._connection = self._connect()
        new = {digest: text for digest, text in texts.items() if digest not in self._sent}
        send(self._connection, {"rules": new, "ask": ask})
        answer = receive(self._connection)
        if answer is None:
            raise ConnectionError("the engine went away")
        self._sent |= new.keys()
        return answer

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(_SLOWEST_ANSWER)
            with short_name(self._path) as name:
                connection.connect(name)
        except OSError:
            connection.close()
            raise
        return connection
