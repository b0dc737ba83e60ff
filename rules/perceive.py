"""From signals to detections, whatever order they come in within the time a ruleset waits (`late`).

Per key the last signals are kept, and how things stood before them. A signal that comes in order is folded on; one
that comes out of order is put in its place and all is folded again. What was told is remembered by the signal it was
told for, so that an episode is told once. A condition without `for` is told when its signal comes; `for` and `silent`
are judged at due + `late` (DESIGN §5, "Time in perception"). Times are microseconds since the epoch.
"""

from bisect import insort
from collections.abc import Iterator
from typing import Any

from rules import derived, history
from rules.ambient import AmbientValue, remembered
from rules.compiled import ENTERS, Compiled, Listened
from rules.detections import Change, Detection
from rules.episodes import BITS, Entry, changes_nothing
from rules.evaluate import typed
from rules.history import AROUND, Occurrence, Rows, State, detection, forget_details, record
from rules.keys import LONG_AGO, Key, without_old
from rules.places import group_of
from rules.silences import SILENCES, Silence, judge_silence
from rules.views import SignalView

ORDER = "-order"  # in place of a signal's name, in the key of the signals that wait for those before them
_LONG_BUFFER = 16


def hear(compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, now: int) -> list[Detection]:
    """Takes in one signal that arrived at `now`; what fell due before `now` must have been judged."""
    if signal.unit and listened.units:
        signal = signal.in_units(listened.units)
    if listened.is_plain:  # most are: not a call more than needed
        group = group_of(listened.key, signal.place, signal.device_id)
        return _judged(compiled, listened, rows, signal, group, now, now)
    return _heard(compiled, listened, rows, signal, now)


def _heard(compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, now: int) -> list[Detection]:
    """A signal that silence, the past, the hour or those around it have to do with."""
    found: list[Detection] = []
    late = signal.event_time < now - listened.late_us
    if listened.silences:
        group = group_of(listened.key, signal.place, signal.device_id)
        detail = _detail(listened, signal, now, late=False)
        for perceived in listened.silences:
            found += Silence(compiled, listened, perceived, rows, group).hear(signal, detail, now)
    if listened.derived and not late:
        _wait(compiled, listened, rows, signal, now)
        return found
    return found + _surrounded(compiled, listened, rows, signal, now, now)


def _wait(compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, now: int) -> None:
    row = order_row(compiled, listened, group_of(listened.key, signal.place, signal.device_id))
    state = derived.wait(rows.get(row), signal, listened.types, now)
    rows.put(row, state, state["wait"][0][0] + listened.late_us + 1)


def order_row(compiled: Compiled, listened: Listened, group: str) -> str:
    return f"{compiled.state_id}/{ORDER}/{listened.name}/{group}"


def held_row(compiled: Compiled, listened: Listened, group: str) -> str:
    return f"{compiled.state_id}/{listened.name}/{group}"


def _waited(compiled: Compiled, rows: Rows, row: str, clock: int) -> list[Detection]:
    """Those that waited long enough, each judged as if it had come exactly `late`: whoever is as late comes before."""
    listened, state = compiled.signals.get(row.split("/", 3)[2]), rows.get(row)
    if listened is None or state is None:
        return []
    state, ripe = derived.ripe(listened.derived, state, clock - listened.late_us)
    rows.put(row, state, state["wait"][0][0] + listened.late_us + 1 if state["wait"] else None)
    found = []
    for signal, arrived in ripe:
        found += _surrounded(compiled, listened, rows, signal, signal.event_time + listened.late_us, arrived)
    return found


def _surrounded(
    compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, now: int, arrived: int
) -> list[Detection]:
    """Judged with the time of day, and with what it tells those around it."""
    found = _told_around(compiled, listened, rows, signal, now) if listened.ambient else []
    if listened.hours:
        times = {hours.ref: hours.holds(signal.event_time) for hours in listened.hours}
        signal = signal._replace(fields={**signal.fields, **times})
    group = group_of(listened.key, signal.place, signal.device_id)
    return found + _judged(compiled, listened, rows, signal, group, now, arrived)


def shared_by(listened: Listened, signal: SignalView) -> Iterator[AmbientValue]:
    """What the signal says that other partitions must know of."""
    said = typed(signal.in_units(listened.units).fields, listened.types)
    for latest in listened.ambient:
        value = said.get(latest.field)
        if value is not None and latest.is_shared:
            area = group_of(latest.by, signal.place, signal.device_id)
            yield AmbientValue(latest.signal_type, latest.known_as, area, signal.event_time, signal.id, value)


def _told_around(compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, now: int) -> list[Detection]:
    """Remembers what the signal says for those around it; what began after it, and did not know it, is judged anew."""
    again: dict[tuple[str, str, str], Occurrence] = {}
    said = typed(signal.fields, listened.types)
    at = signal.event_time
    for latest in listened.ambient:
        value = said.get(latest.field)
        if value is None:
            continue
        area = group_of(latest.by, signal.place, signal.device_id)
        row = history.ambient_row(compiled, latest, area)
        rows.put(row, remembered(rows.get(row), (at, signal.id, value), now - history.recent(compiled)), None)
        if at >= now - listened.late_us:
            after = history.since_then(compiled, rows, latest.by, area, at)
            again |= {(other.name, other.key, other.told): other for other in after}
    rows.ambient.tell(shared_by(listened, signal))
    return [detection(compiled, rows, Change.RECLASSIFIED, other) for other in again.values()]


def _judged(
    compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, group: str, now: int, arrived: int
) -> list[Detection]:
    """The detections that the signal feeds; `now` is when it counts as having come, `arrived` when it came."""
    found = _happened(compiled, listened, rows, signal, group, now, arrived) if listened.moments else []
    if listened.detections:
        found += _held(compiled, listened, rows, signal, group, now, arrived)
    return found


def _happened(
    compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, group: str, now: int, arrived: int
) -> list[Detection]:
    """What is over as soon as it is told leaves nothing behind for its key, only in the histories that count it."""
    at = signal.event_time
    entering = [perceived.name for perceived in listened.moments if perceived.enters(signal.fields)]
    if not entering:
        return []
    detail = _detail(listened, signal, arrived, at < now - listened.late_us)
    ones = [Occurrence(at, signal.id, signal.id, name, group, listened.name, at, detail) for name in entering]
    later = {(o.name, o.key, o.told): o for one in ones for o in record(compiled, rows, one, now)}
    found = [detection(compiled, rows, Change.BEGAN, one) for one in ones]
    if detail["l"]:
        return found
    return found + [detection(compiled, rows, Change.RECLASSIFIED, other) for other in later.values()]


def _held(
    compiled: Compiled, listened: Listened, rows: Rows, signal: SignalView, group: str, now: int, arrived: int
) -> list[Detection]:
    row = held_row(compiled, listened, group)
    state = _current(listened, rows.get(row))
    at = signal.event_time
    late = at < now - listened.late_us
    packed, entering = _bits(listened, signal, now, late)
    entry: Entry = [at, signal.id, packed, _detail(listened, signal, arrived, late) if entering else None]
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
    if name == SILENCES:
        return judge_silence(compiled, rows, row, clock)
    if name == ORDER:
        return _waited(compiled, rows, row, clock)
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


def _detail(listened: Listened, signal: SignalView, arrived: int, late: bool) -> dict[str, Any]:
    fields = typed(signal.fields, listened.types)
    return {"f": fields, "p": signal.place, "d": signal.device_id, "x": signal.transport, "r": arrived, "l": late}
