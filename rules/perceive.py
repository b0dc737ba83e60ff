"""From signals to detections, whatever order they come in within the time a ruleset waits (`late`).

Per key the last signals are kept, and how things stood before them. A signal that comes in order is folded on; one
that comes out of order is put in its place and all is folded again. What was told is remembered by the signal it was
told for, so that an episode is told once. A condition without `for` is told when its signal comes; `for` and `silent`
are judged at due + `late` (DESIGN §5, "Time in perception"). Times are microseconds since the epoch.
"""

from bisect import insort
from typing import Any

from rules.compiled import ENTERS, Compiled, Listened
from rules.detections import Change, Detection
from rules.episodes import BITS, Entry, changes_nothing
from rules.evaluate import typed
from rules.history import AROUND, Occurrence, Rows, State, detection, forget_details, record
from rules.keys import LONG_AGO, Key, without_old
from rules.places import group_of
from rules.views import SignalView

_LONG_BUFFER = 16


def hear(compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, now: int) -> list[Detection]:
    """Takes in one signal that arrived at `now`; what fell due before `now` must have been judged."""
    group = group_of(listened.key, signal.place, signal.device_id)
    found = _happened(compiled, listened, rows, signal, group, now) if listened.moments else []
    if listened.detections:
        found += _held(compiled, listened, rows, signal, group, now)
    return found


def _happened(
    compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, group: str, now: int
) -> list[Detection]:
    """What is over as soon as it is told leaves nothing behind for its key, only in the histories that count it."""
    at = signal.event_time
    entering = [perceived.name for perceived in listened.moments if perceived.enters(signal.fields)]
    if not entering:
        return []
    detail = _detail(listened, signal, now, at < now - listened.late_us)
    ones = [Occurrence(at, signal.id, signal.id, name, group, listened.name, at, detail) for name in entering]
    later = {(o.name, o.key, o.told): o for one in ones for o in record(compiled, rows, one, now)}
    found = [detection(compiled, rows, Change.BEGAN, one) for one in ones]
    if detail["l"]:
        return found
    return found + [detection(compiled, rows, Change.RECLASSIFIED, other) for other in later.values()]


def _held(
    compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, group: str, now: int
) -> list[Detection]:
    row = f"{compiled.state_id}/{listened.name}/{group}"
    state = _current(listened, rows.get(row))
    at = signal.event_time
    late = at < now - listened.late_us
    packed, entering = _bits(listened, signal, now, late)
    entry: Entry = [at, signal.id, packed, _detail(listened, signal, now, late) if entering else None]
    buffer, last = state["buffer"], _last(state)
    in_order = (at, signal.id) > (last, buffer[-1][1]) if buffer else at >= last
    if in_order and all(
        changes_nothing(perceived, packed >> (index * BITS), state["on"].get(perceived.name), at, last)
        for index, perceived in enumerate(listened.detections)
    ):
        rows.put(row, _followed(listened, state, entry, now), state["due"])
        return []
    key = Key(compiled, listened, rows, row, state)
    if not in_order and (late or at < state["last"]):
        return key.tell_late(entry, now)
    entries = [*buffer]
    insort(entries, entry, key=lambda e: (e[0], e[1]))
    return key.judge(entries, now, heard=now)


def judge(compiled: Compiled, rows: Rows, row: str, clock: int) -> list[Detection]:
    """Judges what fell due at `clock` for the key that `row` stands for."""
    name = row.split("/", 2)[1]
    if name == AROUND:
        forget_details(compiled, rows, row, clock)
        return []
    listened, stored = compiled.signals.get(name), rows.get(row)
    if listened is None or stored is None:
        return []
    state = _current(listened, stored)
    return Key(compiled, listened, rows, row, state).judge(state["buffer"], clock, heard=state["heard"])


def _bits(listened: Listened, signal: SignalView, now: int, late: bool) -> tuple[int, bool]:
    """What the signal says of each detection, and whether it may begin one."""
    packed, entering = 0, False
    for index, perceived in enumerate(listened.detections):
        bits = perceived.bits(signal.fields)
        if bits & ENTERS:
            if late and perceived.for_us and signal.event_time + perceived.for_us + listened.late_us < now:
                continue  # what it would begin has been judged already
            entering = True
        packed |= bits << (index * BITS)
    return packed, entering


def _followed(listened: Listened, state: State, entry: Entry, now: int) -> State:
    """The common case: a signal in order that changes nothing. What waits goes on waiting."""
    buffer = [*state["buffer"], entry]
    fresh = {**state, "buffer": buffer, "heard": now}
    if len(buffer) > _LONG_BUFFER and buffer[len(buffer) // 2][0] < now - listened.late_us:
        fresh |= without_old(listened, fresh, now)
    return fresh


def _current(listened: Listened, state: State | None) -> State:
    """The stored state; one written under other conditions keeps what is on, and forgets how it came to be."""
    if state is None:
        fresh: State = {"v": listened.fingerprint, "last": LONG_AGO, "heard": 0, "due": None, "buffer": []}
        return fresh | {"before": {}, "on": {}, "told": {}}
    if state["v"] == listened.fingerprint:
        return state
    names = {perceived.name for perceived in listened.detections}
    on = {name: raised for name, raised in state["on"].items() if name in names}
    told = {name: given for name, given in state["told"].items() if name in names}
    return {
        **state,
        "v": listened.fingerprint,
        "last": _last(state),
        "before": on,
        "on": on,
        "buffer": [],
        "told": told,
    }


def _last(state: State) -> int:
    buffer = state["buffer"]
    last: int = buffer[-1][0] if buffer else state["last"]
    return last


def _detail(listened: Listened, signal: SignalView, now: int, late: bool) -> dict[str, Any]:
    fields = typed(signal.fields, listened.types)
    return {"f": fields, "p": signal.place, "d": signal.device_id, "x": signal.transport, "r": now, "l": late}
