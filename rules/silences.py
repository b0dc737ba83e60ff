"""Keys that fall silent: it begins when nothing was said for a while, and ends with the next signal.

Per key the stretches of time are kept in which no pause was too long: as a rule one, whose end moves on. The pause
after a stretch is judged once nothing can come any more that fills it (`late`). Times are microseconds since the epoch.
"""

from typing import Any

from rules import history
from rules.compiled import Compiled, Listened, Perceived
from rules.detections import Change, Detection
from rules.history import Occurrence, Rows, State
from rules.views import SignalView

SILENCES = "-silence"  # in place of a signal's name, in the key of a row
Stretch = list[Any]  # [time, id of its first signal, time, id of its last signal, detail of that one]
FIRST, FIRST_ID, LAST, LAST_ID, DETAIL = range(5)


class Silence:
    """One detection of silence for one key, while a signal or a due moment is worked in."""

    def __init__(self, compiled: Compiled, listened: Listened, perceived: Perceived, rows: Rows, group: str) -> None:
        self.compiled = compiled
        self.listened = listened
        self.perceived = perceived
        self.rows = rows
        self.group = group
        self.row = silence_row(compiled, perceived, group)
        self.longest = perceived.silent_us or 0

    def hear(self, signal: SignalView, detail: dict[str, Any], now: int) -> list[Detection]:
        """A signal that arrived at `now`; what fell due before `now` must have been judged."""
        at, number = signal.event_time, signal.id
        one: Stretch = [at, number, at, number, detail]
        state = self.rows.get(self.row)
        if state is None:
            self._keep({"said": [one], "since": None, "due": None}, now)
            return []
        if state["since"] is not None:
            return self._heard_again(state, one, now)
        said = _with(state["said"], one, self.longest, late=at < now - self.listened.late_us)
        if said is not None:
            self._keep({**state, "said": said}, now)
        return []

    def judge(self, clock: int) -> list[Detection]:
        """What of the pauses so far nothing can fill any more at `clock`."""
        state = self.rows.get(self.row)
        if state is None or state["since"] is not None:
            return []
        said, found = list(state["said"]), []
        while len(said) > 1 and self._certain(said[0]) < clock:
            ended = said[1][FIRST]
            found += self._began(said[0], clock)
            found.append(self._ended(said.pop(0), ended))
        since = None
        if len(said) == 1 and max(self._certain(said[0]), state["heard"] + self.listened.late_us) < clock:
            found += self._began(said[0], clock)
            since = said[0][LAST] + self.longest
        self._keep({**state, "said": said, "since": since, "due": None}, state["heard"])
        return found

    def _heard_again(self, state: State, one: Stretch, now: int) -> list[Detection]:
        if one[FIRST] <= state["since"]:
            return []  # too late to undo what was told
        self._keep({"said": [one], "since": None, "due": None}, now)
        return [self._ended(state["said"][-1], one[FIRST])]

    def _certain(self, stretch: Stretch) -> int:
        """After which moment nothing fills the pause after it any more."""
        return int(stretch[LAST]) + self.longest + self.listened.late_us

    def _keep(self, state: State, heard: int) -> None:
        """Waiting is put off only when the moment comes: a signal that comes as usual moves nothing."""
        said = state["said"]
        due = None
        if state["since"] is None:
            due = self._certain(said[0]) + 1
            if len(said) == 1:
                due = max(due, heard + self.listened.late_us + 1)
            due = due if state["due"] is None else min(due, state["due"])
        self.rows.put(self.row, {**state, "heard": heard, "due": due}, due)

    def _began(self, stretch: Stretch, clock: int) -> list[Detection]:
        since = stretch[LAST] + self.longest
        return history.began(self.compiled, self.rows, Change.BEGAN, self._occurrence(stretch, since), clock)

    def _ended(self, stretch: Stretch, at: int) -> Detection:
        return history.detection(self.compiled, self.rows, Change.ENDED, self._occurrence(stretch, at))

    def _occurrence(self, stretch: Stretch, at: int) -> Occurrence:
        number, since = stretch[LAST_ID], stretch[LAST] + self.longest
        name, signal = self.perceived.name, self.listened.name
        return Occurrence(at, number, number, name, self.group, signal, since, stretch[DETAIL])


def silence_row(compiled: Compiled, perceived: Perceived, group: str) -> str:
    return f"{compiled.state_id}/{SILENCES}/{perceived.name}/{group}"


def judge_silence(compiled: Compiled, rows: Rows, row: str, clock: int) -> list[Detection]:
    """Judges what fell due at `clock` for the key that `row` stands for."""
    _, _, name, group = row.split("/", 3)
    for listened in compiled.signals.values():
        for perceived in listened.silences:
            if perceived.name == name:
                return Silence(compiled, listened, perceived, rows, group).judge(clock)
    return []


def _with(said: list[Stretch], one: Stretch, longest: int, late: bool) -> list[Stretch] | None:
    """The stretches with one more signal; None where it changes nothing, or comes too late for what was judged."""
    order = (one[FIRST], one[FIRST_ID])
    before = [stretch for stretch in said if (stretch[FIRST], stretch[FIRST_ID]) <= order]
    after = said[len(before) :]
    if not before and late:
        return None
    if before and order <= (before[-1][LAST], before[-1][LAST_ID]):
        return None
    if before and one[FIRST] - before[-1][LAST] <= longest:
        one = [*before.pop()[:LAST], *one[LAST:]]
    if after and after[0][FIRST] - one[LAST] <= longest:
        one = [*one[:LAST], *after.pop(0)[LAST:]]
    return [*before, one, *after]
