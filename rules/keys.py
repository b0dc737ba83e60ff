"""One key's episodes told: each once, when it is ripe, and corrected where an older signal came later."""

from bisect import bisect_left
from typing import Any

from rules import history
from rules.compiled import ENTERS, Compiled, Listened, Perceived
from rules.detections import Change, Detection
from rules.episodes import BITS, Entry, Episode, Raised, fold
from rules.history import Occurrence, Rows, State

LONG_AGO = -(2**62)
Told = list[Any]  # what was told, as stored: the signal it was told for, where it began as known now, whether it ended
TOLD_AT, TOLD_ID, SINCE, SINCE_ID, ENDED, END = range(6)


class Key:
    """One key's state while a signal or a due moment is worked in."""

    def __init__(self, compiled: Compiled, listened: Listened, rows: Rows, row: str, state: State) -> None:
        self.compiled = compiled
        self.listened = listened
        self.rows = rows
        self.row = row
        self.key = row.split("/", 2)[2]
        self.state = state
        self.due: int | None = None
        self.found: list[Detection] = []

    def judge(self, entries: list[Entry], clock: int, heard: int) -> list[Detection]:
        """Folds `entries` again and tells what is ripe at `clock`."""
        state = self.state
        last = entries[-1][0] if entries else state["last"]
        on_now: dict[str, Raised] = {}
        told: dict[str, list[Told]] = {}
        silenced = False
        for index, perceived in enumerate(self.listened.detections):
            episodes, on = fold(perceived, index, state["before"].get(perceived.name), state["last"], entries)
            if on is not None and perceived.silent_us is not None:
                silent_from = last + perceived.silent_us
                if clock > max(silent_from, heard) + self.listened.late_us:
                    open_one = episodes.pop()
                    episodes += _silenced(open_one, perceived, silent_from)
                    on, silenced = None, True
                else:
                    self._wait(max(silent_from, heard) + self.listened.late_us + 1)
            given = [list(one) for one in state["told"].get(perceived.name, ())]
            for episode in episodes:
                self._tell(perceived, episode, given, clock, last)
            if given:
                told[perceived.name] = given
            if on is not None:
                on_now[perceived.name] = on
        fresh = {**state, "on": on_now, "buffer": entries, "told": told, "heard": heard}
        if silenced:  # nothing within `late` is left, and what comes now for before the silence must not undo it
            fresh |= {"before": on_now, "last": last, "buffer": []}
        elif entries and entries[0][0] < clock - self.listened.late_us:
            fresh |= without_old(self.listened, fresh, clock)
        self._keep(fresh)
        return self.found

    def tell_late(self, entry: Entry, now: int) -> list[Detection]:
        """A signal too late to change what was judged: an alarm in it is told all the same, as one that is over."""
        at, signal_id, packed, detail = entry
        told = dict(self.state["told"])
        for index, perceived in enumerate(self.listened.detections):
            enters = packed >> (index * BITS) & ENTERS
            if not enters or perceived.for_us or perceived.name in self.state["on"]:
                continue
            given = [list(one) for one in told.get(perceived.name, ())]
            if any(one[SINCE] <= at and (not one[ENDED] or at <= one[END]) for one in given):
                continue
            self._tell(perceived, Episode([at, signal_id, detail], at, signal_id, False, None), given, now, at)
            told[perceived.name] = given
        self.due = self.state["due"]
        self._keep({**self.state, "told": told, "heard": now})
        return self.found

    def _keep(self, fresh: State) -> None:
        base = fresh["last"]
        for name, given in fresh["told"].items():
            fresh["told"][name] = [one for one in given[:-1] if not one[ENDED] or one[END] >= base] + given[-1:]
        fresh["due"] = self.due
        self.rows.put(self.row, fresh, self.due)

    def _wait(self, until: int) -> None:
        self.due = until if self.due is None else min(self.due, until)

    def _tell(self, perceived: Perceived, episode: Episode, given: list[Told], clock: int, last: int) -> None:
        since, since_id, _ = episode.raised
        one = next((one for one in given if episode.holds(one[TOLD_AT], one[TOLD_ID])), None)
        if one is None:
            ripe = self._ripe(perceived, episode, last)
            if ripe is None:
                return
            if clock < ripe:
                self._wait(ripe)
                return
            one = [since, since_id, since, since_id, 0, 0]
            given.append(one)
            self._began(perceived, episode, one, Change.BEGAN, clock)
        elif not perceived.for_us and (one[SINCE], one[SINCE_ID]) != (since, since_id):
            one[SINCE], one[SINCE_ID] = since, since_id
            self._began(perceived, episode, one, Change.RECLASSIFIED, clock)
        if episode.end is None or one[ENDED]:
            return
        if episode.by_silence and clock <= episode.end + self.listened.late_us:
            self._wait(episode.end + self.listened.late_us + 1)
            return
        one[ENDED], one[END] = 1, episode.end
        self._add(Change.ENDED, self._occurrence(perceived, episode, one, episode.end))

    def _ripe(self, perceived: Perceived, episode: Episode, last: int) -> int | None:
        """From which moment the episode may be told; None: not as far as is known now."""
        if perceived.for_us:
            became = int(episode.raised[0]) + perceived.for_us
            if episode.end is None and perceived.silent_us is not None and became > last + perceived.silent_us:
                return None
            return became + self.listened.late_us + 1
        return LONG_AGO if episode.unsure_until is None else episode.unsure_until + self.listened.late_us + 1

    def _occurrence(self, perceived: Perceived, episode: Episode, one: Told, at: int) -> Occurrence:
        since, since_id, detail = episode.raised
        return Occurrence(at, since_id, one[TOLD_ID], perceived.name, self.key, self.listened.name, since, detail)

    def _began(self, perceived: Perceived, episode: Episode, one: Told, change: Change, clock: int) -> None:
        occurrence = self._occurrence(perceived, episode, one, episode.raised[0] + perceived.for_us)
        self.found += history.began(self.compiled, self.rows, change, occurrence, clock)

    def _add(self, change: Change, occurrence: Occurrence) -> None:
        self.found.append(history.detection(self.compiled, self.rows, change, occurrence))


def _silenced(episode: Episode, perceived: Perceived, end: int) -> list[Episode]:
    """The open episode closed by silence; nothing where it had not held long enough by then."""
    if episode.raised[0] + perceived.for_us > end:
        return []
    return [episode._replace(end=end, by_silence=True)]


def without_old(listened: Listened, state: State, now: int) -> State:
    """What is older than `late` folded into how things stood before."""
    horizon = now - listened.late_us
    buffer = state["buffer"]
    count = bisect_left(buffer, horizon, key=lambda e: e[0])
    old, before = buffer[:count], {}
    for index, perceived in enumerate(listened.detections):
        _, on = fold(perceived, index, state["before"].get(perceived.name), state["last"], old)
        if on is not None:
            before[perceived.name] = on
    return {"before": before, "last": old[-1][0] if old else state["last"], "buffer": buffer[count:]}
