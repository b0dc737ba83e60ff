"""The simulated feed: the same for the same seed, exactly as many signals as asked for, and no door left open."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from adapters.mapping import adapter_for_topic, read
from cli.output import Refused
from cli.simulate import duration
from cli.simulation.feed import Devices, Feed, stretch
from cli.simulation.sending import Message, with_copies
from domain.signals import Signal
from store.cases_digest import digest_of

START = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
DEVICES = Devices(
    cameras=[f"cam-{n}" for n in range(16)],
    smoke=[[f"smoke-{n}-1", f"smoke-{n}-2"] for n in range(16)],
    doors=[f"door-{n}" for n in range(16)],
)


def messages(count: int, seed: int, start: datetime = START, run: str = "run") -> list[Message]:
    feed = Feed(DEVICES, count, seed, stretch(count, 1)).signals()
    return [Message(said.topic, said.payload(start, run), said.at) for said in feed]


def signals(sent: list[Message]) -> list[Signal]:
    readings = [read(adapter_for_topic(m.topic) or "", m.topic, m.payload, START + timedelta(hours=1)) for m in sent]
    assert not any(reading.unreadable for reading in readings)
    return [signal for reading in readings for signal in reading.signals]


@pytest.mark.parametrize("count", [1, 7, 200, 1500])
def test_as_many_signals_as_asked_for_each_with_a_time_of_its_own(count: int) -> None:
    said = signals(messages(count, seed=3))
    assert len({signal.id for signal in said}) == count
    assert len({signal.event_time for signal in said}) == count
    assert max(signal.event_time for signal in said) < START + timedelta(seconds=85)


def test_the_same_seed_says_the_same_and_another_run_is_new_signals() -> None:
    once, again, later = (
        signals(messages(300, 7, start, run))
        for start, run in ((START, "a"), (START, "a"), (START + timedelta(minutes=5), "b"))
    )
    assert once == again
    assert {signal.id for signal in once}.isdisjoint(signal.id for signal in later)
    assert [(s.type, s.source.device_id, s.fields, s.event_time - START) for s in once] == [
        (s.type, s.source.device_id, s.fields, s.event_time - START - timedelta(minutes=5)) for s in later
    ]
    assert signals(messages(300, 8)) != once


def test_lifts_are_held_open_for_more_than_a_minute() -> None:
    held: dict[str, list[datetime]] = {}
    for signal in signals(messages(400, 7)):
        if signal.fields.get("in_doorway"):
            held.setdefault(signal.source.device_id, []).append(signal.event_time)
    assert len(held) == 4
    assert all(max(times) - min(times) > timedelta(minutes=1) for times in held.values())


def test_every_door_that_opens_is_shut_again() -> None:
    last = {s.source.device_id: s.fields["open"] for s in signals(messages(777, 5)) if s.type == "door.contact"}
    assert last
    assert not any(last.values())


def test_copies_come_late_by_less_than_the_shuffle() -> None:
    sent = messages(200, 7)
    copied = with_copies(sent, 3, timedelta(seconds=5), 7)
    times = {message.payload: message.at for message in sent}
    assert Counter(message.payload for message in copied) == dict.fromkeys(times, 3)
    assert all(0 <= message.at - times[message.payload] < 5_000 for message in copied)
    assert [message.at for message in copied] == sorted(message.at for message in copied)
    assert with_copies(sent, 1, timedelta(0), 7) == sent


def test_the_digest_of_cases_does_not_hang_on_their_order() -> None:
    one = ("corridor-smoke", "corridor-smoke/main/310110/kj/", "smoke-alarm", "high", "grid", "property-c07")
    other = ("ebike-in-elevator", "ebike-in-elevator/main/310110/kj/", None, None, None, None)
    assert digest_of([one, other]) == digest_of([other, one])
    assert digest_of([one]) != digest_of([one, other]) != digest_of([one, one])
    assert digest_of([one]) != digest_of([(*one[:3], "urgent", *one[4:])])


def test_a_duration_is_a_number_and_a_unit() -> None:
    assert [duration(text) for text in ("5s", "500ms", "1m", "2")] == [
        timedelta(seconds=seconds) for seconds in (5, 0.5, 60, 2)
    ]
    with pytest.raises(Refused):
        duration("soon")
