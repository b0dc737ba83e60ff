"""The perception state of a partition, held in memory between transactions."""

import heapq
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from rules.ambient import Ambient
from rules.history import State
from rules.views import micros, moment


class StateRow(NamedTuple):
    """A row as it is stored; `due_at` is when it wants to be judged."""

    state: dict[str, Any]
    due_at: datetime | None


class States:
    """Rows by key, which of them fall due next, and which changed since they were last written.

    `ambient` is what was heard elsewhere; it is no row of this partition.
    """

    def __init__(self, rows: Iterable[tuple[str, State, datetime | None]] = ()) -> None:
        self._rows: dict[str, tuple[State, int | None]] = {}
        self._queue: list[tuple[int, str]] = []
        self._changed: set[str] = set()
        self.ambient = Ambient()
        for key, state, due_at in rows:
            self.put(key, state, None if due_at is None else micros(due_at))
        self._changed.clear()

    def get(self, key: str) -> State | None:
        row = self._rows.get(key)
        return None if row is None else row[0]

    def put(self, key: str, state: State, due: int | None) -> None:
        if due is not None:
            known = self._rows.get(key)
            if known is None or known[1] != due:
                heapq.heappush(self._queue, (due, key))
        self._rows[key] = (state, due)
        self._changed.add(key)

    def next_due(self) -> tuple[int, str] | None:
        """The earliest due moment and its key."""
        while self._queue:
            due, key = self._queue[0]
            if self._rows[key][1] == due:
                return due, key
            heapq.heappop(self._queue)
        return None

    def take_due(self, now: int) -> tuple[int, str] | None:
        """The earliest row due by `now`, taken off the queue: judging it puts it on again where it must wait."""
        found = self.next_due()
        if found is None or found[0] > now:
            return None
        heapq.heappop(self._queue)
        key = found[1]
        self._rows[key] = (self._rows[key][0], None)
        return found

    def drain(self) -> dict[str, StateRow | None]:
        """The rows that changed since the last time."""
        changed = {key: self._rows[key] for key in self._changed}
        self._changed.clear()
        return {key: StateRow(state, None if due is None else moment(due)) for key, (state, due) in changed.items()}
