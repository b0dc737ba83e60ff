"""What begins because nothing is said any more."""

from typing import Any

import pytest
from authors import HOUR, a_ruleset, said
from feeds import PLACES, SECOND, START

from rules.perceiver import Perceiver
from rules.problems import RulesetInvalid
from rules.testing import run_tests
from rules.views import moment

HEART = """
signals:
  heart: {type: heartbeat, late: 10s, fields: {battery: number}}
perceive:
  quiet: {label: 失联, enter: {heart: {silent: 26h}}}
facts:
  quiet_around: {distinct: quiet, within: 1h, by: place.building}
"""
SILENT = 26 * HOUR


class Listener:
    """Hears heartbeats at seconds after the start."""

    def __init__(self) -> None:
        self.compiled = a_ruleset(HEART)
        self.perceiver = Perceiver([self.compiled])
        self.rows: dict[str, Any] = {}

    def hears(self, at: float, *, arrives: float | None = None, device: str = "d1") -> list[tuple[str, float]]:
        us = START + int(at * SECOND)
        now = START + int((at if arrives is None else arrives) * SECOND)
        return told(self.perceiver.see(said("heartbeat", {"battery": 3}, us, device=device), moment(now)))

    def at(self, second: float) -> list[tuple[str, float]]:
        return told(self.perceiver.tick(moment(START + int(second * SECOND))))

    def is_restarted(self) -> None:
        self.rows |= self.perceiver.drain()
        self.perceiver = Perceiver([self.compiled], [(key, *row) for key, row in self.rows.items()])


def told(found: tuple[Any, ...]) -> list[tuple[str, float]]:
    """What changed, and the second it is said of."""
    return [(d.change.value, (d.at - moment(START)).total_seconds()) for d in found if d.change.value != "reclassified"]


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_silence_begins_when_it_lasted_and_is_told_after_what_may_still_come(listener: Listener) -> None:
    listener.hears(0)
    assert listener.at(SILENT + 10) == []
    assert listener.at(SILENT + 11) == [("began", SILENT)]


def test_it_ends_with_the_next_signal(listener: Listener) -> None:
    listener.hears(0)
    listener.at(SILENT + 11)
    assert listener.hears(SILENT + 100) == [("ended", SILENT + 100)]


def test_a_device_that_goes_on_speaking_is_not_silent(listener: Listener) -> None:
    for hour in range(0, 200, 25):
        assert listener.hears(hour * HOUR) == []
    assert listener.at(175 * HOUR + SILENT) == []
    assert listener.at(175 * HOUR + SILENT + 11) == [("began", 175 * HOUR + SILENT)]


def test_a_signal_that_comes_late_but_in_time_fills_the_pause(listener: Listener) -> None:
    listener.hears(0)
    assert listener.hears(SILENT + 5) == []
    listener.hears(SILENT - 1, arrives=SILENT + 8)
    assert listener.at(SILENT + HOUR) == []


def test_a_pause_that_was_just_too_long_is_told_with_its_end(listener: Listener) -> None:
    listener.hears(0)
    assert listener.hears(SILENT + 5) == []
    assert listener.at(SILENT + 11) == [("began", SILENT), ("ended", SILENT + 5)]


def test_what_comes_too_late_takes_nothing_back(listener: Listener) -> None:
    listener.hears(0)
    listener.at(SILENT + 11)
    assert listener.hears(HOUR, arrives=SILENT + 12) == []
    assert listener.hears(SILENT + 20) == [("ended", SILENT + 20)]


def test_a_restart_tells_nothing_twice(listener: Listener) -> None:
    listener.hears(0)
    listener.is_restarted()
    assert listener.at(SILENT + 11) == [("began", SILENT)]
    listener.is_restarted()
    assert listener.at(10 * SILENT) == []
    assert listener.hears(10 * SILENT) == [("ended", 10 * SILENT)]


def test_it_speaks_of_the_device_and_its_place_as_last_heard(listener: Listener) -> None:
    listener.hears(0)
    (began,) = listener.perceiver.tick(moment(START + 2 * SILENT * SECOND))
    assert (began.device_id, began.place, began.fields["battery"]) == ("d1", PLACES["d1"], 3)
    assert began.signal_id == said("heartbeat", {}, START).id


def test_silences_around_are_counted(listener: Listener) -> None:
    for device in ("d1", "d2", "d3"):
        listener.hears(0, device=device)
    began = listener.perceiver.tick(moment(START + 2 * SILENT * SECOND))
    assert [d.facts["quiet_around"] for d in began if d.change.value == "began"] == [1, 2, 3]


def test_a_signal_as_usual_moves_nothing_in_the_queue(listener: Listener) -> None:
    listener.hears(0)
    due = listener.perceiver.next_due()
    listener.hears(HOUR)
    assert listener.perceiver.next_due() == due


def test_the_end_of_a_test_is_no_silence() -> None:
    examples = """
tests:
  - {name: nothing is said for a day and more, feed: [{at: 0s, heart: {battery: 3}}, {at: 27h}], expect: {cases: 1}}
  - {name: it speaks again, feed: [{at: 0s, heart: {battery: 3}}, {at: 25h, heart: {battery: 3}}], expect: {cases: 0}}
"""
    assert [outcome.problems for outcome in run_tests(a_ruleset(HEART + examples))] == [(), ()]


def test_silence_stands_alone_where_it_begins_something() -> None:
    with pytest.raises(RulesetInvalid, match="silent 只能单独写"):
        a_ruleset(
            HEART.replace(
                "{heart: {silent: 26h}}", "{any: [{heart: {silent: 26h}}, {heart.battery: {lt: 2}}]}, once: true"
            )
        )
