"""What begins, holds and ends, and when it is told."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from feeds import BUILDING, RULESETS, SECOND, START, a_signal

from rules.detections import Change, Detection
from rules.perceiver import Perceiver
from rules.views import moment

BIKE = {"confidence": 0.9, "in_doorway": False}
BLOCKS = {"confidence": 0.9, "in_doorway": True}
END = {"phase": "end"}
KINDS = {"ebike-in-elevator": "elevator.ebike", "corridor-smoke": "smoke.alarm", "door-left-open": "door.contact"}


class Feed:
    """A perceiver of one ruleset, fed at seconds after the start."""

    def __init__(self, ruleset: str) -> None:
        self.kind = KINDS[ruleset]
        self.compiled = RULESETS[ruleset]
        self.perceiver = Perceiver([self.compiled])

    def hears(
        self, fields: dict[str, object], at: float, *, arrives: float | None = None, device: str = "d1"
    ) -> list[tuple[str, str]]:
        signal = a_signal(self.kind, fields, device, START + int(at * SECOND), uuid4())
        return told(self.perceiver.see(signal, second(at if arrives is None else arrives)))

    def at(self, seconds: float) -> list[tuple[str, str]]:
        return told(self.perceiver.tick(second(seconds)))

    def is_restarted(self) -> None:
        rows = [(key, row.state, row.due_at) for key, row in self.perceiver.drain().items()]
        self.perceiver = Perceiver([self.compiled], rows)


def second(seconds: float) -> datetime:
    return moment(START) + timedelta(seconds=seconds)


def told(detections: tuple[Detection, ...]) -> list[tuple[str, str]]:
    return [(d.name, d.change.value) for d in detections]


@pytest.fixture
def lift() -> Feed:
    return Feed("ebike-in-elevator")


@pytest.fixture
def corridor() -> Feed:
    return Feed("corridor-smoke")


def test_an_alarm_is_told_when_its_signal_comes(corridor: Feed) -> None:
    assert corridor.hears({"alarm": True}, at=0) == [("alarming", "began")]


def test_an_alarm_that_comes_an_hour_late_is_told_all_the_same(corridor: Feed) -> None:
    corridor.hears({"alarm": False}, at=3500)
    assert corridor.hears({"alarm": True}, at=0, arrives=3600) == [("alarming", "began"), ("alarming", "ended")]


def test_an_alarm_that_goes_on_is_told_once(corridor: Feed) -> None:
    corridor.hears({"alarm": True}, at=0)
    assert corridor.hears({"alarm": True}, at=30) == []
    assert corridor.hears({"alarm": False}, at=60) == [("alarming", "ended")]


def test_a_signal_that_lacks_the_field_says_nothing(corridor: Feed) -> None:
    corridor.hears({"alarm": True}, at=0)
    assert corridor.hears({"battery": 3.1}, at=10) == []


def test_a_value_of_another_type_says_nothing(corridor: Feed) -> None:
    assert corridor.hears({"alarm": "true"}, at=0) == []
    assert corridor.hears({"alarm": 1}, at=1) == []


def test_holding_is_judged_after_what_may_still_come(lift: Feed) -> None:
    lift.hears(BLOCKS, at=0)
    assert lift.at(70) == []
    assert lift.at(70.1) == [("blocking", "began")]


def test_an_end_that_comes_late_but_in_time_still_cancels(lift: Feed) -> None:
    lift.hears(BLOCKS, at=0)
    assert lift.hears(END, at=55, arrives=65) == [("riding", "ended")]
    assert lift.at(600) == []


def test_leaving_the_doorway_cancels_what_had_not_held_long_enough(lift: Feed) -> None:
    lift.hears(BLOCKS, at=0)
    lift.hears(BIKE, at=40)
    assert lift.at(110) == []


def test_a_blocking_that_comes_too_late_to_be_judged_opens_nothing(lift: Feed) -> None:
    lift.hears(BLOCKS, at=0, arrives=300)
    assert ("blocking", "began") not in lift.at(1000)


def test_silence_ends_what_is_on(lift: Feed) -> None:
    lift.hears(BIKE, at=0)
    assert lift.at(130) == []
    assert lift.at(131) == [("riding", "ended")]


def test_a_ride_after_silence_that_is_not_yet_certain_waits_for_it(lift: Feed) -> None:
    lift.hears(BIKE, at=0)
    assert lift.hears(BIKE, at=125) == []
    assert lift.at(131) == [("riding", "ended"), ("riding", "began")]


def test_a_signal_that_fills_the_gap_makes_it_one_ride(lift: Feed) -> None:
    lift.hears(BIKE, at=0)
    lift.hears(BIKE, at=125)
    assert lift.hears(BIKE, at=118, arrives=127) == []
    assert lift.at(131) == []


def test_an_episode_is_not_told_again_when_its_beginning_comes_late(corridor: Feed) -> None:
    corridor.hears({"alarm": True}, at=5)
    assert corridor.hears({"alarm": True}, at=1, arrives=6) == [("alarming", "reclassified")]


def test_the_second_sensor_is_found_when_the_first_comes_later(corridor: Feed) -> None:
    corridor.hears({"alarm": True}, at=5, device="d1")
    signal = a_signal("smoke.alarm", {"alarm": True}, "d2", START + SECOND, uuid4())
    first, again = corridor.perceiver.see(signal, second(6))
    assert (first.change, first.facts["sensors_2m"]) == (Change.BEGAN, 1)
    assert (again.change, again.device_id, again.facts["sensors_2m"]) == (Change.RECLASSIFIED, "d1", 2)


def test_the_third_ride_counts_the_building(lift: Feed) -> None:
    for number, device in enumerate(("d1", "d2")):
        lift.hears(BIKE, at=300 * number, device=device)
    signal = a_signal("elevator.ebike", BIKE, "d3", START + 900 * SECOND, uuid4())
    began = lift.perceiver.see(signal, second(900))[-1]
    assert began.facts["rides_7d"] == 3
    assert began.place == f"{BUILDING}/u2/s1/"


def test_a_restart_forgets_nothing(lift: Feed) -> None:
    lift.hears(BLOCKS, at=0)
    lift.hears(BIKE, at=3)
    lift.hears(BLOCKS, at=5)
    lift.is_restarted()
    assert lift.perceiver.next_due() is not None
    lift.hears(BLOCKS, at=4, arrives=6)
    assert lift.at(74.1) == [("blocking", "began")]


def test_a_new_version_keeps_what_is_on(lift: Feed) -> None:
    lift.hears(BIKE, at=0)
    rows = {key: row.state for key, row in lift.perceiver.drain().items()}
    other = [(key, {**state, "v": "another"} if "v" in state else state, None) for key, state in rows.items()]
    lift.perceiver = Perceiver([lift.compiled], other)
    assert lift.hears(BIKE, at=20) == []
    assert lift.hears(END, at=30) == [("riding", "ended")]


def test_a_device_without_a_place_is_heard(corridor: Feed) -> None:
    signal = a_signal("smoke.alarm", {"alarm": True}, "d1", START, uuid4())._replace(place=None)
    (began,) = corridor.perceiver.see(signal, second(0))
    assert began.place is None
    assert began.facts["sensors_2m"] == 1


def test_a_reading_in_another_unit_is_not_read() -> None:
    leak = RULESETS["water-leak-burst"]
    signal = a_signal("water.level", {"water_depth": 24}, "d1", START, uuid4())
    assert Perceiver([leak]).see(signal._replace(unit="mm"), second(0)) == ()
    assert Perceiver([leak]).see(signal._replace(unit="cm"), second(0)) != ()
    assert Perceiver([leak]).see(signal, second(0)) != ()
