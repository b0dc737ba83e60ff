"""Signals shuffled within the time a ruleset waits lead to the same cases as signals in order."""

import json
from collections import Counter
from datetime import datetime

import pytest
from feeds import RULESETS, SAID, Said, as_it_arrived, decided, feeds, flapping, in_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.detections import Change, Detection
from rules.perceiver import Perceiver
from rules.states import StateRow
from rules.views import SignalView

_SLOW = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("ruleset", sorted(SAID))
@_SLOW
@given(data=st.data())
def test_signals_shuffled_within_late_lead_to_the_same_cases(ruleset: str, data: st.DataObject) -> None:
    said: list[Said] = data.draw(feeds(ruleset))
    compiled = RULESETS[ruleset]
    assert decided(compiled, as_it_arrived(said)) == decided(compiled, in_order(said))
    assert told(ruleset, as_it_arrived(said)) == told(ruleset, in_order(said))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(said=flapping())
def test_a_flapping_door_is_found_in_any_order(said: list[Said]) -> None:
    door = RULESETS["door-left-open"]
    assert decided(door, as_it_arrived(said)) == decided(door, in_order(said))


@pytest.mark.parametrize("ruleset", sorted(SAID))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_restart_after_every_signal_changes_nothing(ruleset: str, data: st.DataObject) -> None:
    said: list[Said] = data.draw(feeds(ruleset))
    assert told(ruleset, as_it_arrived(said), restarts=True) == told(ruleset, as_it_arrived(said))


def told(
    ruleset: str, feed: list[tuple[SignalView | None, datetime]], *, restarts: bool = False
) -> Counter[tuple[str, str, str]]:
    """How often each detection began and ended, by key."""
    stored: dict[str, StateRow] = {}
    perceiver = Perceiver([RULESETS[ruleset]])
    found: list[Detection] = []
    for signal, now in feed:
        if restarts:
            for key, row in perceiver.drain().items():
                assert row is not None
                stored[key] = StateRow(json.loads(json.dumps(row.state)), row.due_at)
            perceiver = Perceiver([RULESETS[ruleset]], [(key, *row) for key, row in stored.items()])
        found += perceiver.see(signal, now) if signal else perceiver.tick(now)
    while due := perceiver.next_due():
        found += perceiver.tick(due)
    return Counter((d.name, d.key, d.change.value) for d in found if d.change is not Change.RECLASSIFIED)
