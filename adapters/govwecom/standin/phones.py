"""What lies on people's phones: one file, so that a restart of the stand-in loses nothing."""

import sqlite3
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

TABLE = """
    CREATE TABLE IF NOT EXISTS messages (
        id TEXT PRIMARY KEY, key TEXT NOT NULL, "to" TEXT NOT NULL, to_name TEXT NOT NULL, channel TEXT NOT NULL,
        title TEXT NOT NULL, text TEXT NOT NULL, url TEXT NOT NULL, at REAL NOT NULL, read_at REAL)"""
COLUMNS = 'id, "to", to_name, channel, title, text, url, at, read_at'


@dataclass(frozen=True)
class Received:
    """A message as it lies on a phone; `at` and `read_at` in UTC."""

    id: str
    to: str
    to_name: str
    channel: str
    title: str
    text: str
    url: str
    at: datetime
    read_at: datetime | None

    @property
    def json(self) -> dict[str, Any]:
        when = {"at": self.at.isoformat(), "read_at": self.read_at.isoformat() if self.read_at else None}
        return asdict(self) | when


class Phones:
    """Everybody's messages; the same `key` to the same person within the given time is shown once."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute(TABLE)

    def deliver(self, received: Received, key: str, within: float) -> str:
        """`within`: seconds. The id under which it lies there."""
        at = received.at.timestamp()
        with self._lock:
            again = self._file.execute(
                'SELECT id FROM messages WHERE key = ? AND "to" = ? AND at > ?', (key, received.to, at - within)
            ).fetchone()
            if again:
                return str(again[0])
            row = (received.id, key, received.to, received.to_name, received.channel)
            self._file.execute(
                "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (*row, received.title, received.text, received.url, at),
            )
            return received.id

    def all(self) -> list[Received]:
        """Newest first."""
        with self._lock:
            rows = self._file.execute(f"SELECT {COLUMNS} FROM messages ORDER BY at DESC, rowid DESC").fetchall()  # noqa: S608 - constants
        return [_received(row) for row in rows]

    def open(self, message: str, at: datetime) -> Received | None:
        """The person has opened it; None: there is none of that id."""
        with self._lock:
            self._file.execute(
                "UPDATE messages SET read_at = ? WHERE id = ? AND read_at IS NULL", (at.timestamp(), message)
            )
            row = self._file.execute(f"SELECT {COLUMNS} FROM messages WHERE id = ?", (message,)).fetchone()  # noqa: S608
        return _received(row) if row else None

    def close(self) -> None:
        self._file.close()


def _received(row: tuple[Any, ...]) -> Received:
    *words, at, read_at = row
    when = [_moment(at), _moment(read_at) if read_at is not None else None]
    return Received(*words, *when)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def new_id() -> str:
    return uuid4().hex
