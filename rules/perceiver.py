"""The rules of a partition at work: signals and the passing of time in, detections out."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from rules.ambient import AmbientValue
from rules.compiled import Compiled, Listened
from rules.detections import Detection
from rules.perceive import hear, judge, shared_by
from rules.states import StateRow, States
from rules.views import SignalView, micros, moment


class Perceiver:
    """Holds the state of one partition. After a transaction that failed, make a new one from what is stored.

    `now` is the arrival of the signal (`see`), or the wall clock once everything that arrived was seen (`tick`); it
    does not go back.
    """

    def __init__(
        self, rulesets: Iterable[Compiled], rows: Iterable[tuple[str, dict[str, Any], datetime | None]] = ()
    ) -> None:
        self._rulesets = {compiled.state_id: compiled for compiled in rulesets}
        self._routes: dict[str, list[tuple[Compiled, Listened]]] = {}
        for compiled in self._rulesets.values():
            for kind, of_kind in compiled.routes.items():
                self._routes.setdefault(kind, []).extend((compiled, listened) for listened in of_kind)
        self._states = States(rows)

    def see(self, signal: SignalView, now: datetime) -> tuple[Detection, ...]:
        """What follows from a signal that arrived at `now`, after what fell due before it."""
        clock = micros(now)
        found = self._judged(clock)
        for compiled, listened in self._routes.get(signal.type, ()):
            found += hear(compiled, listened, self._states, signal, clock)
        return tuple(found)

    def tick(self, now: datetime) -> tuple[Detection, ...]:
        """What follows from time having passed."""
        return tuple(self._judged(micros(now)))

    def let_pass(self, until: datetime) -> Iterator[tuple[datetime, tuple[Detection, ...]]]:
        """Time passing: what falls due by then, each at its own moment."""
        while (due := self.next_due()) is not None and due <= until:
            yield due, self.tick(due)

    def next_due(self) -> datetime | None:
        """When something will have to be judged, if no signal comes before."""
        due = self._states.next_due()
        return None if due is None else moment(due[0])

    def drain(self) -> dict[str, StateRow | None]:
        """The state rows that changed since the last call: to be written with what was concluded."""
        return self._states.drain()

    @property
    def heeds_others(self) -> bool:
        """Whether anything is asked of what other partitions hear."""
        return any(latest.is_shared for compiled in self._rulesets.values() for latest in compiled.latest)

    def take_ambient(self, values: Iterable[AmbientValue]) -> None:
        """What was heard around, in other partitions; from now on it is known here."""
        self._states.ambient.take(values)

    def overhear(self, signal: SignalView) -> None:
        """A signal that another partition hears, where no one else says what it tells: a backtest has one at a time.

        What that partition derives from it is not known here.
        """
        for _, listened in self._routes.get(signal.type, ()):
            self._states.ambient.take(shared_by(listened, signal))

    def drain_ambient(self) -> tuple[AmbientValue, ...]:
        """What other partitions must know of, heard since the last call: to be written with what was concluded."""
        return self._states.ambient.drain()

    def _judged(self, clock: int) -> list[Detection]:
        """Each due moment is judged as of itself, in order: how late it is noticed makes no difference."""
        found: list[Detection] = []
        while due := self._states.take_due(clock):
            at, row = due
            compiled = self._rulesets.get(row.split("/", 1)[0])
            if compiled is not None:
                found += judge(compiled, self._states, row, at)
        return found
