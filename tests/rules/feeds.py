"""Generated feeds for the rulesets that ship: what devices might say, and how it might reach us."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from rules.compiled import Compiled
from rules.load import load_all
from rules.testing import play
from rules.views import SignalView, micros, moment, view_row

RULESETS = {compiled.id: compiled for compiled in load_all(Path(__file__).parents[2] / "rulesets")}
START = micros(datetime(2026, 3, 2, 13, 55, tzinfo=UTC))  # 21:55 in Shanghai: night is near
SECOND = 1_000_000
LATE = 10 * SECOND
BUILDING = "/310110/kj/c07/n021/b03"
PLACES = {"d1": f"{BUILDING}/u1/s1/", "d2": f"{BUILDING}/u1/s2/", "d3": f"{BUILDING}/u2/s1/"}
SAID: dict[str, list[dict[str, Any]]] = {
    "ebike-in-elevator": [
        {"confidence": 0.9, "in_doorway": True},
        {"confidence": 0.9, "in_doorway": False},
        {"confidence": 0.3, "in_doorway": True},
        {"confidence": 0.9},
        {"in_doorway": True},
        {"phase": "end"},
        {"confidence": 0.9, "in_doorway": True, "phase": "end"},
    ],
    "corridor-smoke": [{"alarm": True}, {"alarm": True}, {"alarm": False}, {}],
    "door-left-open": [{"open": True}, {"open": True}, {"open": False}, {"battery": 3.1}],
    "water-leak-burst": [{"water_depth": depth} for depth in (0.5, 3, 6, 24)] + [{}],
    "citizen-report": [
        {"text": "楼下唱歌很吵"},
        {"text": "楼下唱歌很吵", "place_kind": "home"},
        {"text": "电瓶车推进来了", "place_kind": "stairs"},
        {"text": "有人被困在电梯里"},
        {"text": "想问一件事"},
        {"text": ""},
        {},
    ],
}
GAPS = {
    "ebike-in-elevator": [0, 0, 0.5, 1, 2, 4, 9, 10, 11, 30, 49, 50, 59, 60, 61, 109, 110, 119, 120, 121, 130, 604_700],
    "corridor-smoke": [0, 0, 0.5, 1, 3, 9, 10, 11, 30, 60, 109, 110, 111, 119, 120, 121, 130, 240],
    "door-left-open": [0, 0.5, 1, 2, 5, 9, 10, 11, 60, 280, 290, 299, 300, 301, 310, 590, 600, 880, 900, 901],
    "water-leak-burst": [0, 0.5, 1, 9, 10, 11, 60, 600],
    "citizen-report": [0, 0, 0.5, 1, 3, 9, 10, 11, 25_000, 86_400, 2_591_990, 2_592_000],
}


@dataclass(frozen=True)
class Said:
    """A signal and by how much it is late."""

    signal: SignalView
    delay: int

    @property
    def arrival(self) -> int:
        return self.signal.event_time + self.delay


@st.composite
def feeds(draw: st.DrawFn, ruleset: str, longest_delay: int = LATE) -> list[Said]:
    compiled = RULESETS[ruleset]
    listened = next(iter(compiled.signals.values()))
    at, said = START, []
    one = st.tuples(
        st.sampled_from(GAPS[ruleset]),
        st.sampled_from(SAID[ruleset]),
        st.sampled_from(list(PLACES)),
        st.sampled_from([0, 0, SECOND // 2, 5 * SECOND, longest_delay]) | st.integers(0, longest_delay),
        st.uuids(),
    )
    for gap, fields, device, delay, number in draw(st.lists(one, min_size=1, max_size=40, unique_by=lambda o: o[4])):
        at += int(gap * SECOND)
        signal = a_signal(listened.type, fields, device, at, number)
        of_one = {"device_id": f"citizen-report/public/{number}"} if ruleset == "citizen-report" else {}
        said.append(Said(signal._replace(**of_one), delay))  # type: ignore[arg-type]
    return said


@st.composite
def flapping(draw: st.DrawFn) -> list[Said]:
    """A door that opens and closes again and again."""
    at, said = START, []
    for gap, delay, number in draw(
        st.lists(st.tuples(st.integers(1, 25), st.integers(0, LATE), st.uuids()), min_size=38, max_size=60)
    ):
        at += gap * SECOND
        said.append(Said(a_signal("door.contact", {"open": len(said) % 2 == 0}, "d1", at, number), delay))
    return said


def a_signal(kind: str, fields: dict[str, Any], device: str, at: int, number: UUID) -> SignalView:
    return view_row(
        id=str(number),
        type=kind,
        phase=fields.get("phase", "none"),
        device_id=device,
        place=PLACES[device],
        event_time=at,
        fields=fields,
    )


def in_order(said: list[Said]) -> list[tuple[SignalView | None, datetime]]:
    ordered = sorted(said, key=lambda s: (s.signal.event_time, s.signal.id))
    return [(s.signal, moment(s.signal.event_time)) for s in ordered]


def as_it_arrived(said: list[Said]) -> list[tuple[SignalView | None, datetime]]:
    return [(s.signal, moment(s.arrival)) for s in sorted(said, key=lambda s: s.arrival)]


def decided(compiled: Compiled, feed: list[tuple[SignalView | None, datetime]]) -> set[tuple[str, str, str]]:
    """The cases, by what does not depend on when signals arrived: of what happens once, by what was decided last."""
    matters = [matter for matter, _ in play(compiled, feed) if matter is not None]
    if compiled.moments:
        matters = list({matter.dedupe_key: matter for matter in matters}.values())
    return {(matter.why.rule, matter.dedupe_key, matter.priority.value) for matter in matters}
