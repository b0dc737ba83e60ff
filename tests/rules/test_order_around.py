"""What is derived, silent or heard around comes out the same in whatever order signals come within `late`."""

import json
from collections import Counter
from datetime import datetime, timedelta

from authors import a_ruleset, said
from feeds import LATE, PLACES, SECOND, START, Said, as_it_arrived, in_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.detections import Change, Detection
from rules.perceiver import Perceiver
from rules.states import StateRow
from rules.views import SignalView, moment

ALL = a_ruleset("""
hours:
  night: {from: "22:00", to: "06:00"}
signals:
  water:
    type: water
    late: 10s
    fields: {depth: number}
    derive: {rising: {rate: depth, over: 1m}, top: {highest: depth, over: 2m}, usual: {baseline: depth, days: 3}}
  door: {type: door, late: 10s, fields: {open: boolean}}
  weather: {type: weather, late: 10s, fields: {level: number}}
perceive:
  rises: {enter: {all: [{water.rising: {gte: 5}}, {hours.night: {eq: true}}]}, exit: {water.rising: {lt: 0}}}
  deep: {enter: {water.depth: {gte: 30}}, for: 30s, exit: {any: [{water.depth: {lt: 20}}, {water: {silent: 2m}}]}}
  quiet: {enter: {water: {silent: 1m}}}
  opened: {enter: {door.open: {eq: true}}, once: true}
facts:
  warned: {latest: weather.level, within: 2m, by: place.district}
  depth_around: {latest: water.depth, within: 1m, by: place.building}
  rising_around: {latest: water.rising, within: 10m, by: place.sub_district}
  quiet_around: {distinct: quiet, within: 10m, by: place.building}
  openings: {count: opened, within: 1m, by: place.unit}
""")
FIELDS = {
    "water": [{"depth": depth} for depth in (5, 10, 31, 45)] + [{}],
    "door": [{"open": True}, {"open": False}],
    "weather": [{"level": level} for level in (1, 2, 3)],
}
GAPS = [0, 0, 0.5, 1, 3, 9, 10, 11, 29, 30, 40, 49, 50, 59, 60, 61, 69, 70, 71, 110, 120, 130, 300, 86_400]
Feed = list[tuple[SignalView | None, datetime]]
_SLOW = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def around(draw: st.DrawFn) -> list[Said]:
    at, found = START, []
    delays = st.sampled_from([0, 0, SECOND // 2, 5 * SECOND, LATE]) | st.integers(0, LATE)
    one = st.tuples(st.sampled_from(GAPS), st.sampled_from(sorted(FIELDS)), st.sampled_from(list(PLACES)), delays)
    for number, (gap, kind, device, delay) in enumerate(draw(st.lists(one, min_size=1, max_size=40))):
        at += int(gap * SECOND)
        fields = draw(st.sampled_from(FIELDS[kind]))
        found.append(Said(said(kind, fields, at, number=number, device=device), delay))
    return found


@_SLOW
@given(feed=around())
def test_what_is_known_in_the_end_does_not_depend_on_the_order(feed: list[Said]) -> None:
    assert known(as_it_arrived(feed)) == known(in_order(feed))


@_SLOW
@given(feed=around(), data=st.data())
def test_a_signal_that_is_sent_three_times_counts_once(feed: list[Said], data: st.DataObject) -> None:
    again = st.lists(st.integers(0, LATE), min_size=2, max_size=2)
    waits = [one for one in feed if one.signal.type == "water"]  # what is judged at once is told apart at intake
    thrice = feed + [Said(one.signal, delay) for one in waits for delay in data.draw(again)]
    assert known(as_it_arrived(thrice)) == known(in_order(feed))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(feed=around())
def test_a_restart_after_every_signal_changes_nothing(feed: list[Said]) -> None:
    assert known(as_it_arrived(feed), restarts=True) == known(as_it_arrived(feed))


def known(feed: Feed, *, restarts: bool = False) -> tuple[dict[object, object], Counter[tuple[str, str, str]]]:
    """What every detection knew in the end, and how often each began and ended."""
    stored: dict[str, StateRow] = {}
    perceiver = Perceiver([ALL])
    found: list[Detection] = []
    for signal, now in feed:
        if restarts:
            for key, row in perceiver.drain().items():
                assert row is not None
                stored[key] = StateRow(json.loads(json.dumps(row.state)), row.due_at)
            heard = perceiver.drain_ambient()
            perceiver = Perceiver([ALL], [(key, *row) for key, row in stored.items()])
            perceiver.take_ambient(heard)
        assert signal is not None
        found += perceiver.see(signal, now)
    end = max(now for _, now in feed) + timedelta(days=1)
    while (due := perceiver.next_due()) and due < end:
        found += perceiver.tick(due)
    facts: dict[object, object] = {}
    for one in found:
        if one.change is not Change.ENDED:
            facts[one.name, one.key, one.since, one.signal_id] = dict(one.facts)
    return facts, Counter((d.name, d.key, d.change.value) for d in found if d.change is not Change.RECLASSIFIED)


def test_such_feeds_tell_of_everything() -> None:
    second = [moment(START + seconds * SECOND) for seconds in (0, 30, 330, 360, 380, 700)]
    feed: Feed = [
        (said("water", {"depth": 5}, START), second[0]),
        (said("weather", {"level": 2}, START + 30 * SECOND), second[1]),
        (said("water", {"depth": 31}, START + 330 * SECOND), second[2]),
        (said("water", {"depth": 45}, START + 360 * SECOND), second[3]),
        (said("door", {"open": True}, START + 380 * SECOND, device="d2"), second[4]),
    ]
    facts, told = known(feed)
    assert {name for name, _, _ in told} == {"rises", "deep", "quiet", "opened"}
    assert any("depth_around" in known_then for known_then in facts.values())  # type: ignore[operator]
