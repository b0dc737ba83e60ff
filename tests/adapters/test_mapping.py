"""What the three sources mean, what is refused and how, and how a person mends it."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payloads import chirpstack, frigate, thingsboard

from adapters.manifests import HERE, adapter_for_topic, manifests
from adapters.mapping import LARGEST_BYTES, MOST_SAID, Reading, read
from domain.signals import Kind, Phase, Quality, Signal, TimeOrigin

NOON = datetime(2026, 11, 21, 4, 0, 30, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"


def only(reading: Reading) -> Signal:
    assert reading.unreadable == ()
    (signal,) = reading.signals
    return signal


def refused(reading: Reading) -> tuple[str, str | None]:
    (unreadable,) = reading.unreadable
    return unreadable.reason, unreadable.field


# Frigate


def test_an_ebike_in_the_doorway_of_a_lift() -> None:
    signal = only(read("frigate", "frigate/events", frigate(), NOON))
    assert (signal.type, signal.kind, signal.phase) == ("elevator.ebike", Kind.EVENT, Phase.START)
    assert signal.source.device_id == "cam-c07-n021-b03-u2"
    assert signal.fields == {"confidence": 0.91, "in_doorway": True, "label": "ebike"}
    assert signal.confidence == 0.91
    assert signal.event_time == datetime(2026, 11, 21, 4, 0, 1, 250_000, tzinfo=UTC)
    assert (signal.event_time_origin, signal.event_time_text) == (TimeOrigin.DEVICE, "1795233601.25")


def test_what_frigate_said_before_does_not_count() -> None:
    assert only(read("frigate", "t", frigate("update"), NOON)).source.device_id != "old"


def test_another_object_is_no_ebike() -> None:
    signal = only(read("frigate", "t", frigate(label="person"), NOON))
    assert (signal.type, signal.fields) == ("camera.object", {"confidence": 0.91, "label": "person"})


def test_an_end_is_when_the_object_left() -> None:
    signal = only(read("frigate", "t", frigate("end", end_time=1795233605.5, current_zones=[]), NOON))
    assert (signal.phase, signal.fields["in_doorway"]) == (Phase.END, False)
    assert signal.event_time == datetime(2026, 11, 21, 4, 0, 5, 500_000, tzinfo=UTC)


def test_updates_of_one_object_are_signals_of_their_own_and_a_copy_is_not() -> None:
    messages = (frigate(), frigate("update"), frigate("update", frame_time=1795233602.0), frigate())
    ids = [only(read("frigate", "t", message, NOON + timedelta(seconds=n))).id for n, message in enumerate(messages)]
    assert len(set(ids)) == 3
    assert ids[0] == ids[3]


@pytest.mark.parametrize(
    ("message", "reason", "field"),
    [
        (frigate(score=...), "missing-field", "after.score"),
        (frigate(score=None), "missing-field", "after.score"),
        (frigate(score="sure"), "wrong-type", "after.score"),
        (frigate(score=True), "wrong-type", "after.score"),
        (frigate(score=91), "wrong-type", "after.score"),
        (frigate(score=float("nan")), "not-json", None),
        (frigate(current_zones="doorway"), "wrong-type", "after.current_zones"),
        (frigate(current_zones=...), "missing-field", "after.current_zones"),
        (frigate(label=...), "missing-field", "after.label"),
        (frigate(camera=...), "missing-field", "after.camera"),
        (frigate(camera="a\0b"), "wrong-type", "after.camera"),
        (frigate(camera="\ud800"), "wrong-type", "after.camera"),
        (frigate("gone"), "wrong-type", "type"),
        (b"{", "not-json", None),
        (b"\xff\xfe", "not-json", None),
        (b"[" * 100_000, "not-json", None),
        (b"[1]", "wrong-type", None),
        (b"online", "not-json", None),
    ],
)
def test_what_frigate_says_wrong_is_quarantined_by_name(message: bytes, reason: str, field: str | None) -> None:
    reading = read("frigate", "frigate/events", message, NOON)
    assert reading.signals == ()
    assert refused(reading) == (reason, field)
    assert reading.unreadable[0].raw == message
    assert reading.unreadable[0].mapping == str(HERE / "frigate" / "mapping.yaml")


def test_numbers_may_come_as_text() -> None:
    assert only(read("frigate", "t", frigate(score="0.91"), NOON)).fields["confidence"] == 0.91


# ChirpStack


def test_smoke_with_its_battery_is_two_signals() -> None:
    reading = read("chirpstack", "t", chirpstack({"smokeAlarm": True, "battery": "97"}), NOON)
    alarm, battery = reading.signals
    assert (alarm.type, alarm.fields, alarm.source.device_id) == ("smoke.alarm", {"alarm": True}, "24e1240000000001")
    assert alarm.event_time == datetime(2026, 11, 21, 4, 0, 0, 123_456, tzinfo=UTC)
    assert (alarm.event_time_origin, alarm.event_time_text) == (TimeOrigin.GATEWAY, "2026-11-21T04:00:00.123456789Z")
    assert (battery.type, battery.metric, battery.value) == ("device.telemetry", "battery", 97.0)
    assert alarm.id != battery.id


def test_a_level_meter_says_how_deep_the_water_is() -> None:
    level, battery = read("chirpstack", "t", chirpstack({"water_depth": 7.5, "battery": 88}), NOON).signals
    assert (level.type, level.kind, level.fields) == ("water.level", Kind.MEASUREMENT, {"water_depth": 7.5})
    assert battery.metric == "battery"


def test_what_sounds_like_smoke_is_not_covered_by_another_reading() -> None:
    reading = read("chirpstack", "t", chirpstack({"water_depth": 7.5, "smoke_alarm": True}), NOON)
    assert [signal.type for signal in reading.signals] == ["water.level"]
    assert [one.reason for one in reading.unreadable] == ["missing-field"]


@pytest.mark.parametrize("decoded", [{"smokeAlarm": "NORMAL"}, {"smokeAlarm": 0}, {"smokeAlarm": "false"}])
def test_no_smoke_may_be_said_in_many_ways(decoded: dict[str, Any]) -> None:
    assert only(read("chirpstack", "t", chirpstack(decoded), NOON)).fields == {"alarm": False}


def test_a_fault_or_a_low_battery_is_no_alarm() -> None:
    decoded = {"faultAlarm": True, "lowBatteryAlarm": "Alarm", "battery": 16}
    reading = read("chirpstack", "t", chirpstack(decoded), NOON)
    assert {signal.type for signal in reading.signals} == {"device.telemetry"}
    assert reading.unreadable == ()


@pytest.mark.parametrize("decoded", [..., {}, None])
def test_an_uplink_without_a_reading_is_a_sign_of_life(decoded: Any) -> None:
    signal = only(read("chirpstack", "t", chirpstack(decoded), NOON))
    assert (signal.type, signal.kind, signal.fields) == ("device.uplink", Kind.HEALTH, {})


@pytest.mark.parametrize(
    "decoded",
    [
        {"smoke_alarm": True},
        {"alarm": 1},
        {"state": True},
        {"state": "Fire"},
        {"smokeAlarm": None},
        {"x": {"smoke": 1}},
    ],
)
def test_a_state_that_may_be_the_alarm_is_never_guessed(decoded: dict[str, Any]) -> None:
    reading = read("chirpstack", "t", chirpstack({**decoded, "battery": 90}), NOON)
    assert refused(reading) == ("missing-field", "object.smokeAlarm")
    assert [signal.metric for signal in reading.signals] == ["battery"]


@pytest.mark.parametrize(
    ("message", "reason", "field"),
    [
        (chirpstack({"smokeAlarm": "perhaps"}), "wrong-type", "object.smokeAlarm"),
        (chirpstack({"smokeAlarm": 7}), "wrong-type", "object.smokeAlarm"),
        (chirpstack("AXUQ"), "wrong-type", "object"),
        (chirpstack({"smokeAlarm": True}, deviceInfo=...), "missing-field", "deviceInfo.devEui"),
    ],
)
def test_what_chirpstack_says_wrong_is_quarantined_by_name(message: bytes, reason: str, field: str) -> None:
    assert refused(read("chirpstack", "t", message, NOON)) == (reason, field)


def test_an_uplink_two_gateways_heard_is_one() -> None:
    once = only(read("chirpstack", "t", chirpstack({"smokeAlarm": True}), NOON))
    again = only(read("chirpstack", "t", chirpstack({"smokeAlarm": True}, rxInfo=[]), NOON + timedelta(hours=1)))
    assert once.id == again.id


# ThingsBoard


def test_a_door_that_opens() -> None:
    reading = read(
        "thingsboard", "t", thingsboard({"door-1": [{"ts": 1795233601000, "values": {"open": "true"}}]}), NOON
    )
    signal = only(reading)
    assert (signal.type, signal.source.device_id, signal.fields) == ("door.contact", "door-1", {"open": True})
    assert signal.event_time == datetime(2026, 11, 21, 4, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "readings",
    [
        {"d": [{"ts": 1795233601000000, "values": {"open": 1}}]},
        {"d": {"ts": "1795233601000", "values": {"open": True}}},
        {"d": {"ts": 1795233601, "open": True}},
        [{"d": [{"ts": 1795233601000, "values": {"open": "Opened"}}]}],
    ],
)
def test_gateways_differ_in_shape_and_unit_of_time(readings: Any) -> None:
    signal = only(read("thingsboard", "t", thingsboard(readings), NOON))
    assert (signal.fields, signal.event_time.second) == ({"open": True}, 1)


def test_a_gateway_speaks_for_many_devices_and_one_bad_reading_spoils_nothing() -> None:
    readings = {
        "d1": [
            {"ts": 1795233601000, "values": {"open": True, "battery": 80}},
            {"ts": 1795233602000, "values": {"open": False}},
        ],
        "d2": [{"ts": 1795233601000, "values": {"open": "ajar"}}],
        "d3": [{"ts": 1795233601000, "values": {"is_open": True}}],
    }
    reading = read("thingsboard", "t", thingsboard(readings), NOON)
    assert [(signal.source.device_id, signal.type) for signal in reading.signals] == [
        ("d1", "door.contact"),
        ("d1", "device.telemetry"),
        ("d1", "door.contact"),
    ]
    assert [(one.reason, one.field) for one in reading.unreadable] == [
        ("wrong-type", "values.open"),
        ("missing-field", "values.open"),
    ]


def test_without_a_time_the_arrival_counts_and_the_same_bytes_within_ten_seconds_are_one() -> None:
    message = thingsboard({"d": {"open": True}})
    first, soon, later = (
        only(read("thingsboard", "t", message, NOON + timedelta(seconds=seconds))) for seconds in (0, 4, 11)
    )
    assert (first.event_time, first.event_time_origin) == (NOON, TimeOrigin.ARRIVAL)
    assert first.quality is Quality.WEAK_IDENTITY
    assert first.id == soon.id != later.id


# Time


def test_a_clock_that_runs_ahead_is_bounded_by_arrival_and_its_words_are_kept() -> None:
    ahead = NOON + timedelta(minutes=3)
    signal = only(read("chirpstack", "t", chirpstack({"smokeAlarm": True}, time=ahead.isoformat()), NOON))
    assert (signal.event_time, signal.quality) == (NOON, Quality.CLOCK_SKEW)
    assert signal.event_time_text == ahead.isoformat()


@pytest.mark.parametrize("text", ["2020-0327T12:39:05.547336Z", "2026-11-21T12:00:00", 0, "", "soon", {}])
def test_a_time_nobody_can_read_leaves_the_arrival(text: Any) -> None:
    signal = only(read("chirpstack", "t", chirpstack({"smokeAlarm": True}, time=text), NOON))
    assert (signal.event_time, signal.event_time_origin, signal.quality) == (NOON, TimeOrigin.ARRIVAL, Quality.GOOD)


# Mending


def test_a_renamed_field_is_mended_in_a_copy_of_the_mapping_without_a_restart(tmp_path: Path) -> None:
    message = frigate(score=..., confidence=0.88)
    before = read("frigate", "t", message, NOON, home=tmp_path)
    assert refused(before) == ("missing-field", "after.score")
    mended = tmp_path / "mappings" / "frigate.yaml"
    mended.parent.mkdir()
    shipped = (HERE / "frigate" / "mapping.yaml").read_text("utf-8")
    mended.write_text(shipped.replace("{path: after.score,", "{path: [after.score, after.confidence],"), "utf-8")
    assert only(read("frigate", "t", message, NOON, home=tmp_path)).confidence == 0.88

    mended.write_text(shipped.replace("device:", "devices:"), "utf-8")
    os.utime(mended, ns=(1, 1))
    spoilt = read("frigate", "t", message, NOON, home=tmp_path)
    assert refused(spoilt) == ("bad-mapping", None)
    assert spoilt.unreadable[0].mapping == str(mended)


def test_every_adapter_is_found_by_its_topic() -> None:
    assert set(manifests()) >= {"frigate", "chirpstack", "thingsboard"}
    assert adapter_for_topic("frigate/events") == "frigate"
    assert adapter_for_topic("application/a/device/24e1/event/up") == "chirpstack"
    assert adapter_for_topic("v1/gateway/telemetry") == "thingsboard"
    assert adapter_for_topic("application/a/device/24e1/event/join") is None
    assert refused(read("nobody", "x/y", b"{}", NOON)) == ("unknown-topic", None)


# Anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.sampled_from(["frigate", "chirpstack", "thingsboard"]),
    st.binary(max_size=200) | JSON.map(lambda j: json.dumps(j).encode()),
)
def test_whatever_comes_is_either_read_or_kept(adapter: str, payload: bytes) -> None:
    reading = read(adapter, "t", payload, NOON)
    assert reading.signals or reading.unreadable
    for signal in reading.signals:
        assert Signal.model_validate_json(signal.model_dump_json()) == signal


@given(JSON, JSON)
def test_whatever_a_field_holds_the_signal_can_be_stored(score: Any, decoded: Any) -> None:
    object_of = decoded if isinstance(decoded, dict) else {"smokeAlarm": decoded}
    for reading in (
        read("frigate", "t", frigate(score=score, frame_time=decoded, id=score), NOON),
        read("chirpstack", "t", chirpstack(object_of, time=score, deduplicationId=score), NOON),
        read("thingsboard", "t", thingsboard({"d": [{"ts": score, "values": object_of}]}), NOON),
    ):
        assert reading.signals or reading.unreadable
        for signal in reading.signals:
            assert "\\u0000" not in signal.model_dump_json()


# A message that would hold up all others


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b'{"pad": "' + b"x" * LARGEST_BYTES + b'"}', "too-large"),
        (thingsboard({"d": [{"ts": 1, "values": {f"m{n}": n for n in range(MOST_SAID + 1)}}]}), "too-many"),
        (thingsboard({f"d{n}": [{"ts": 1, "values": {"t": n}}] for n in range(MOST_SAID + 1)}), "too-many"),
        (thingsboard({f"d{n}": [{"ts": 1, "values": {"open": "?"}}] for n in range(MOST_SAID + 1)}), "too-many"),
    ],
)
def test_a_message_that_says_too_much_is_put_aside_whole(message: bytes, reason: str) -> None:
    assert refused(read("thingsboard", "t", message, NOON)) == (reason, None)


def test_a_message_may_say_as_much_as_a_full_gateway_does() -> None:
    full = thingsboard({f"d{n}": [{"ts": 1, "values": {"t": n}}] for n in range(MOST_SAID)})
    assert len(read("thingsboard", "t", full, NOON).signals) == MOST_SAID


@pytest.mark.parametrize("channel", ["a\0b", "x" * 5000])
def test_a_channel_that_is_no_name_does_not_get_into_the_signal(channel: str) -> None:
    assert only(read("frigate", channel, frigate(), NOON, transport="http")).raw_ref == "http:"


# Real payloads, where they are at hand


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
@pytest.mark.parametrize(
    ("file", "signals", "reasons"),
    [
        ("mqtt-frigate/event-update-person.json", ["camera.object"], []),
        ("mqtt-frigate/available.txt", [], ["not-json"]),
        ("mqtt-chirpstack/v4-up-door-ws301.json", ["device.uplink"], []),
        ("mqtt-chirpstack/v4-up-gas-gs101.json", ["device.uplink"], []),
        ("mqtt-chirpstack/v4-up-smoke-sd1001-lowbattery-fault.json", ["device.uplink"], []),
        ("mqtt-chirpstack/v4-up-with-object-soil.json", ["device.telemetry"] * 5, []),
        ("mqtt-thingsboard/gateway-telemetry-two-devices.json", ["device.telemetry"] * 6, []),
        ("mqtt-thingsboard/malformed-telemetry.json", [], ["not-json"]),
    ],
)
def test_real_payloads_are_read_as_their_readme_expects(file: str, signals: list[str], reasons: list[str]) -> None:
    path = SAMPLES / file
    reading = read(path.parent.name.removeprefix("mqtt-"), "t", path.read_bytes(), NOON)
    assert [signal.type for signal in reading.signals] == signals
    assert [one.reason for one in reading.unreadable] == reasons


# Ready-made signals


def ready_made(**changed: Any) -> bytes:
    said = {"device": "meter-1", "type": "noise.laeq", "time": "2026-11-21T12:00:00+08:00", "fields": {"laeq": 57.3}}
    return json.dumps({**said, **changed}).encode()


def test_a_signal_that_comes_ready_made_is_read_as_it_is() -> None:
    signal = only(read("plain", "linli/signals", ready_made(fields={"laeq": 57.3, "construction": False}), NOON))
    assert (signal.type, signal.source.device_id, signal.phase) == ("noise.laeq", "meter-1", Phase.NONE)
    assert signal.fields == {"laeq": 57.3, "construction": False}
    assert signal.event_time == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    assert signal.id == only(read("plain", "linli/signals", ready_made(), NOON)).id


def test_a_ready_made_signal_says_its_phase_and_how_sure_it_is() -> None:
    signal = only(read("plain", "t", ready_made(phase="end", fields={"confidence": 0.5}), NOON))
    assert (signal.phase, signal.confidence) == (Phase.END, 0.5)


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"type": None}, "missing-field", "type"),
        ({"type": "Noise Level"}, "wrong-type", "type"),
        ({"device": None}, "missing-field", "device"),
        ({"fields": None}, "missing-field", "fields"),
        ({"fields": [1]}, "wrong-type", "fields"),
        ({"fields": {"laeq": {"deep": 1}}}, "wrong-type", "fields.laeq"),
        ({"fields": {"Laeq": 1}}, "wrong-type", "fields.Laeq"),
        ({"fields": {f"f{n}": n for n in range(65)}}, "too-many", "fields"),
        ({"fields": {"confidence": 7}}, "wrong-type", "confidence"),
        ({"phase": "soon"}, "wrong-type", "phase"),
    ],
)
def test_what_is_no_ready_made_signal_is_put_aside(changed: dict[str, Any], reason: str, field: str) -> None:
    assert refused(read("plain", "t", ready_made(**changed), NOON)) == (reason, field)


def test_topics_below_the_one_of_ready_made_signals_are_heard() -> None:
    assert adapter_for_topic("linli/signals") == adapter_for_topic("linli/signals/west/7") == "plain"
