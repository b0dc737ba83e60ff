"""Asks the engine process; when it died, asks its successor: an evaluation changes nothing, so it may be repeated.

Whose rules it died of is found out by asking version by version; one that is in quarantine is answered for by the plain
evaluator (ADR 0009).
"""

import socket
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from domain.signals import FieldValue
from rules.classify import Question
from rules.engine.quarantine import Quarantine
from rules.engine.translate import EngineRules
from rules.engine.wire import receive, send, short_name
from rules.evaluate import hits_of

AT_ONCE = 500  # evaluations of one request: the longest takes the engine well under a second
_PAUSE = 0.05
_SLOWEST_ANSWER = 15.0  # beyond the engine's own patience with itself
Hits = Sequence[str]


class EngineUnavailable(Exception):
    """The engine did not answer in time; nothing was decided, and it may be asked again."""


class EngineFailed(Exception):
    """The engine died of what it was asked, or could not work with it."""


class _Ask(NamedTuple):
    rules: EngineRules
    facts: Mapping[str, FieldValue]


class EngineClient:
    """One connection, for one or several threads. `patience` is how long to wait for an engine, in seconds."""

    def __init__(self, socket_path: Path, patience: float = 5.0, quarantine: Quarantine | None = None) -> None:
        self._path = socket_path
        self._patience = patience
        self._quarantine = quarantine or Quarantine()
        self._connection: socket.socket | None = None
        self._sent: set[str] = set()
        self._lock = threading.Lock()

    def hits(self, batch: Sequence[Question]) -> list[tuple[str, ...]]:
        """For each question the ids of the rules whose conditions hold. Raises EngineUnavailable after `patience`."""
        asked = [(place, _Ask(part, given.facts)) for place, given in enumerate(batch) for part in given.rules]
        found: list[list[str]] = [[] for _ in batch]
        for first in range(0, len(asked), AT_ONCE):
            some = asked[first : first + AT_ONCE]
            with self._lock:
                answers = self._answers([ask for _, ask in some])
            for (place, _), answer in zip(some, answers, strict=True):
                found[place] += answer
        return [tuple(of_question) for of_question in found]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._sent.clear()

    def _answers(self, asked: Sequence[_Ask]) -> list[Hits]:
        held = {ask.rules.hash for ask in asked if self._quarantine.holds(ask.rules.hash)}
        try:
            said = iter(self._ask([ask for ask in asked if ask.rules.hash not in held]))
        except EngineFailed:
            return self._version_by_version(asked)
        return [_plain(ask) if ask.rules.hash in held else next(said) for ask in asked]

    def _version_by_version(self, asked: Sequence[_Ask]) -> list[Hits]:
        places: dict[str, list[int]] = {}
        for place, ask in enumerate(asked):
            places.setdefault(ask.rules.hash, []).append(place)
        found: dict[int, Hits] = {}
        for version, mine in places.items():
            answers = self._alone(version, [asked[place] for place in mine])
            found |= zip(mine, answers, strict=True)
        return [found[place] for place in range(len(asked))]

    def _alone(self, version: str, asked: Sequence[_Ask]) -> list[Hits]:
        while not self._quarantine.holds(version):
            try:
                return self._ask(asked)
            except EngineFailed:
                self._quarantine.failed(version)
        return [_plain(ask) for ask in asked]

    def _ask(self, asked: Sequence[_Ask]) -> list[Hits]:
        """Raises EngineFailed, with no connection left; EngineUnavailable where none comes about in time."""
        if not asked:
            return []
        texts = {ask.rules.key: ask.rules.text for ask in asked}
        wanted = [[ask.rules.key, ask.rules.spelt(ask.facts)] for ask in asked]
        until = time.monotonic() + self._patience
        while True:
            try:
                connection = self._connected()
            except OSError as error:
                if time.monotonic() > until:
                    raise EngineUnavailable(f"no engine answers at {self._path}: {error}") from error
                time.sleep(_PAUSE)
                continue
            answer = self._exchange(connection, texts, wanted)
            if "unknown" in answer:
                self._sent -= set(answer["unknown"])
                continue
            hits: list[Hits] = answer["hits"]
            return hits

    def _exchange(self, connection: socket.socket, texts: dict[str, str], wanted: list[list[str]]) -> dict[str, Any]:
        new = {key: text for key, text in texts.items() if key not in self._sent}
        try:
            send(connection, {"rules": new, "ask": wanted})
            answer = receive(connection)
        except TimeoutError as error:
            self.close()
            raise EngineUnavailable(f"the engine at {self._path} is too busy") from error
        except (OSError, ValueError) as error:
            self.close()
            raise EngineFailed(str(error)) from error
        if answer is None or "error" in answer:
            self.close()
            raise EngineFailed(answer["error"] if answer else "the engine went away")
        self._sent |= new.keys()
        return answer

    def _connected(self) -> socket.socket:
        """Raises OSError; to one that answers, for the socket of a dying engine still takes connections."""
        if self._connection is None:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.settimeout(_SLOWEST_ANSWER)
                with short_name(self._path) as name:
                    connection.connect(name)
                send(connection, {"rules": {}, "ask": []})
                if receive(connection) is None:
                    raise ConnectionError("it is going away")
            except OSError:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _plain(ask: _Ask) -> Hits:
    return hits_of(ask.rules.rules, ask.facts)
