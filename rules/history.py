"""What happened around a place: the episodes that windows count, and who must be judged anew when one turns up late."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.signals import FieldValue
from rules.ambient import Ambient, Latest, Said
from rules.compiled import Compiled
from rules.detections import Change, Detection
from rules.evaluate import typed
from rules.places import group_of
from rules.views import moment

State = dict[str, Any]
MOST_EPISODES = 500  # per group: a storm must not grow a row without end; thresholds stay far below
AROUND = "around"  # in place of a signal's name, in the key of a group's history
AMBIENT = "-ambient"  # likewise, in the key of what was heard around; no signal's name begins with a dash
_SECOND = 1_000_000


class Rows(Protocol):
    """The perception state: rows by key, and what was heard in other partitions. A stored state is never changed."""

    @property
    def ambient(self) -> Ambient: ...

    def get(self, key: str) -> State | None: ...

    def put(self, key: str, state: State, due: int | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An episode that was told: `told` for which signal; `since_id` is the one that, as known now, raised it."""

    at: int
    since_id: str
    told: str
    name: str
    key: str
    signal: str
    since: int
    detail: dict[str, Any]

    @property
    def order(self) -> tuple[int, str]:
        return self.at, self.since_id

    def stored(self) -> list[Any]:
        detail = {**self.detail, "s": self.signal, "t": self.since}
        return [self.at, self.since_id, self.told, self.name, self.key, detail]


def _read(stored: list[Any]) -> Occurrence:
    at, since_id, told, name, key, detail = stored
    return Occurrence(at, since_id, told, name, key, detail["s"], detail["t"], detail)


def record(compiled: Compiled, rows: Rows, occurrence: Occurrence, clock: int) -> tuple[Occurrence, ...]:
    """Enters the occurrence into the history of each group it belongs to, moving it where it was told before.

    Gives the other occurrences that come after it (or after where it stood) and are recent enough to be judged anew.
    """
    later: dict[tuple[str, str, str], Occurrence] = {}
    for by in compiled.groupings:
        row = _row(compiled, by, occurrence)
        seen = (rows.get(row) or {"seen": []})["seen"]
        same = [e for e in seen if e[2] == occurrence.told and e[3] == occurrence.name and e[4] == occurrence.key]
        others = [e for e in seen if e not in same] if same else seen
        first = min([occurrence.order, *((e[0], e[1]) for e in same)])
        for entry in others:
            if (entry[0], entry[1]) > first and entry[5] is not None:
                later[(entry[3], entry[4], entry[2])] = _read(entry)
        kept = sorted([*others, occurrence.stored()], key=lambda e: (e[0], e[1], e[3], e[4]))
        _keep(compiled, rows, row, kept, clock)
    return tuple(sorted(later.values(), key=lambda o: (o.order, o.name, o.key)))


def facts_of(compiled: Compiled, rows: Rows, occurrence: Occurrence) -> dict[str, FieldValue]:
    """What classification reads of an occurrence; it is counted itself where it was recorded."""
    fields: Mapping[str, FieldValue] = occurrence.detail["f"]
    facts: dict[str, FieldValue] = {occurrence.name: "began"}
    for window in compiled.windows:
        row = rows.get(_row(compiled, window.by, occurrence))
        within = [
            entry[4]
            for entry in (row["seen"] if row else ())
            if entry[3] == window.of
            and occurrence.at - window.within_us < entry[0]
            and (entry[0], entry[1]) <= occurrence.order
        ]
        facts[window.name] = len(set(within)) if window.distinct else len(within)
    for latest in compiled.latest:
        value = latest_of(compiled, rows, latest, occurrence)
        if value is not None:
            facts[latest.name] = value
    for name in compiled.hours:
        facts[name] = moment(occurrence.since).astimezone(compiled.zone).hour
    for ref, hours in compiled.times_of_day.items():
        facts[ref] = hours.holds(occurrence.since)
    said = {f"{occurrence.signal}.{name}": value for name, value in fields.items()}
    return facts | typed(said, compiled.types)


def latest_of(compiled: Compiled, rows: Rows, latest: Latest, occurrence: Occurrence) -> FieldValue | None:
    """What was last heard around it when it happened; None: nothing, or too long ago."""
    area = group_of(latest.by, occurrence.detail["p"], occurrence.detail["d"])
    stored = rows.get(ambient_row(compiled, latest, area))
    here: list[Said] = [(at, number, value) for at, number, value in (stored["said"] if stored else ())]
    return latest.of(here, rows.ambient.elsewhere(latest, area), occurrence.at)


def ambient_row(compiled: Compiled, latest: Latest, area: str) -> str:
    return f"{compiled.state_id}/{AMBIENT}/{latest.signal}.{latest.field}/{latest.by}/{area}"


def began(compiled: Compiled, rows: Rows, change: Change, occurrence: Occurrence, clock: int) -> list[Detection]:
    """It counts from now on: it is told, and so are the others around it that must be judged anew for it."""
    later = record(compiled, rows, occurrence, clock)
    found = [detection(compiled, rows, change, occurrence)]
    if not occurrence.detail["l"]:
        found += [detection(compiled, rows, Change.RECLASSIFIED, other) for other in later]
    return found


def since_then(compiled: Compiled, rows: Rows, by: str, area: str, at: int) -> tuple[Occurrence, ...]:
    """The occurrences in an area from `at` on that may still be judged anew."""
    row = rows.get(around_row(compiled, by, area))
    return tuple(_read(entry) for entry in (row["seen"] if row else ()) if entry[0] >= at and entry[5] is not None)


def detection(compiled: Compiled, rows: Rows, change: Change, occurrence: Occurrence) -> Detection:
    """What is told of an occurrence; of one that ended, nothing is asked around it."""
    detail = occurrence.detail
    return Detection(
        ruleset=compiled.id,
        hash=compiled.hash,
        name=occurrence.name,
        change=change,
        key=occurrence.key,
        at=moment(occurrence.at),
        since=moment(occurrence.since),
        signal_id=occurrence.since_id,
        device_id=detail["d"],
        place=detail["p"],
        transport=detail["x"],
        received_at=moment(detail["r"]),
        fields=detail["f"],
        facts={} if change is Change.ENDED else facts_of(compiled, rows, occurrence),
        late=detail["l"],
    )


def forget_details(compiled: Compiled, rows: Rows, row: str, clock: int) -> None:
    """Drops from the group that `row` stands for what nobody may ask about any more: people's words do not lie here."""
    stored = rows.get(row)
    if stored is not None:
        _keep(compiled, rows, row, stored["seen"], clock)


def _keep(compiled: Compiled, rows: Rows, row: str, seen: list[list[Any]], clock: int) -> None:
    by = row.split("/", 3)[2]
    kept = list(_pruned(compiled, by, seen, clock))[-MOST_EPISODES:]
    momentary = [entry[0] for entry in kept if entry[3] in compiled.moments and entry[5] is not None]
    rows.put(row, {"seen": kept}, max(momentary) + recent(compiled) + 1 if momentary else None)


def recent(compiled: Compiled) -> int:
    """How long an occurrence may still be judged anew, in microseconds."""
    return 2 * compiled.late_us + _SECOND


def _row(compiled: Compiled, by: str, occurrence: Occurrence) -> str:
    return around_row(compiled, by, group_of(by, occurrence.detail["p"], occurrence.detail["d"]))


def around_row(compiled: Compiled, by: str, group: str) -> str:
    return f"{compiled.state_id}/{AROUND}/{by}/{group}"


def _pruned(compiled: Compiled, by: str, entries: Iterable[list[Any]], clock: int) -> Iterator[list[Any]]:
    """Without what no window reaches any more; without the details of what is too old to be judged anew."""
    fresh = clock - recent(compiled)
    reach: dict[str, int] = {}
    for window in compiled.windows:
        if window.by == by:
            reach[window.of] = max(reach.get(window.of, 0), window.within_us)
    for entry in entries:
        if entry[0] >= fresh:
            yield entry
        elif entry[3] in reach and entry[0] > fresh - reach[entry[3]]:
            yield [*entry[:5], None]
