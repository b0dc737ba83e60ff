"""What could not be read is kept, listed, and read again when the mapping is mended."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from payloads import chirpstack, frigate, thingsboard

from adapters.manifests import HERE
from adapters.mapping import read
from store import devices, quarantine, signals
from store.devices import NoSuchDevice, NoSuchPlace
from store.intake import StoreIntake
from store.pool import Pool, pool

pytestmark = pytest.mark.servers
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.fixture
async def connections(seeded: Any) -> AsyncIterator[Pool]:
    opened = pool(seeded.app_dsn, most=4)
    await opened.open()
    yield opened
    await opened.close()


async def hear(connections: Pool, adapter: str, payload: bytes, home: Path) -> None:
    reading = read(adapter, "some/topic", payload, datetime.now(UTC), home=home)
    await StoreIntake(connections).take(reading.signals, reading.unreadable)


def mend(home: Path, adapter: str, before: str, after: str) -> None:
    folder = home / "mappings"
    folder.mkdir(exist_ok=True)
    shipped = (HERE / adapter / "mapping.yaml").read_text("utf-8")
    assert before in shipped
    (folder / f"{adapter}.yaml").write_text(shipped.replace(before, after), "utf-8")


async def test_a_message_is_read_after_its_mapping_is_mended_and_only_once(connections: Pool, tmp_path: Path) -> None:
    await hear(connections, "chirpstack", chirpstack({"smoke_alarm": True, "battery": 80}), tmp_path)
    (row,) = await quarantine.listing(connections)
    assert (row.reason, row.field, row.channel) == ("missing-field", "object.smokeAlarm", "some/topic")
    assert row.mapping == str(HERE / "chirpstack" / "mapping.yaml")
    assert row.as_item()["size"] == len(row.raw)

    again = partial(read, home=tmp_path)
    still = await quarantine.replay(connections, row.id, again)
    assert still is not None
    assert (still.ok, still.field, still.duplicates) == (False, "object.smokeAlarm", 1)

    mend(tmp_path, "chirpstack", "path: object.smokeAlarm,", "path: [object.smokeAlarm, object.smoke_alarm],")
    results = await quarantine.replay_all(connections, again)
    assert [(result.ok, result.stored, result.duplicates) for result in results] == [(True, 1, 1)]
    assert await quarantine.replay_all(connections, again) == []
    assert await quarantine.listing(connections, waiting=True) == []
    twice = await quarantine.replay(connections, row.id, again)
    assert twice is not None
    assert (twice.stored, twice.duplicates) == (0, 2)
    (alarm,) = await signals.listing(connections, kind="smoke.alarm")
    assert alarm["fields"] == {"alarm": True}


async def test_a_mapping_that_is_mended_wrongly_says_so(connections: Pool, tmp_path: Path) -> None:
    await hear(connections, "frigate", frigate(score=...), tmp_path)
    mend(tmp_path, "frigate", "device: {", "device: [{")
    (result,) = await quarantine.replay_all(connections, partial(read, home=tmp_path))
    assert (result.ok, result.reason) == (False, "bad-mapping")
    (row,) = await quarantine.listing(connections)
    assert (row.reason, row.mapping) == ("bad-mapping", str(tmp_path / "mappings" / "frigate.yaml"))


async def test_an_identity_conflict_is_not_replayed_the_first_one_stands(connections: Pool, tmp_path: Path) -> None:
    await hear(connections, "chirpstack", chirpstack({"smokeAlarm": True}), tmp_path)
    await hear(connections, "chirpstack", chirpstack({"smokeAlarm": False}), tmp_path)
    (row,) = await quarantine.listing(connections)
    result = await quarantine.replay(connections, row.id, partial(read, home=tmp_path))
    assert result is not None
    assert (result.ok, result.reason, result.field) == (False, "identity-conflict", "fields.alarm")
    assert await quarantine.replay(connections, uuid4(), read) is None


async def test_an_arrival_time_is_when_the_message_first_came(connections: Pool, tmp_path: Path) -> None:
    await hear(connections, "thingsboard", thingsboard({"d": {"is_open": True}}), tmp_path)
    (row,) = await quarantine.listing(connections)
    async with connections.connection() as connection:
        await connection.execute("UPDATE quarantine SET at = at - interval '1 hour'")
    mend(tmp_path, "thingsboard", "path: values.open,", "path: [values.open, values.is_open],")
    await quarantine.replay(connections, row.id, partial(read, home=tmp_path))
    (opened,) = await signals.listing(connections)
    came = datetime.fromisoformat(opened["event_time"])
    assert came == row.at - timedelta(hours=1)


async def test_lists_go_on_where_they_ended(connections: Pool, tmp_path: Path) -> None:
    for number in range(5):
        await hear(connections, "frigate", frigate(score=..., id=str(number)), tmp_path)
        await hear(connections, "frigate", frigate(id=str(number)), tmp_path)
    first = await quarantine.listing(connections, limit=3)
    rest = await quarantine.listing(connections, after=first[-1].id, limit=3)
    assert len({row.id for row in (*first, *rest)}) == 5

    page = await signals.listing(connections, limit=3)
    behind = await signals.placed(connections, page[-1]["id"])
    assert behind is not None
    others = await signals.listing(connections, after=behind, limit=3)
    assert len({item["id"] for item in (*page, *others)}) == 5
    shown = await signals.show(connections, page[0]["id"])
    assert shown is not None
    assert shown["read"] is False

    some = await devices.listing(connections, kind="smoke-sensor", limit=100)
    more = await devices.listing(connections, kind="smoke-sensor", after=(some[-1].adapter, some[-1].device_id))
    assert {device.device_id for device in some}.isdisjoint(device.device_id for device in more)


async def test_an_unknown_device_is_adopted_and_speaks_from_its_place(connections: Pool, tmp_path: Path) -> None:
    place = "/310110/kj/c07/n021/b03/u2/"
    await hear(connections, "frigate", frigate(camera="cam-new"), tmp_path)
    (stranger,) = await devices.listing(connections, unregistered=True)
    assert (stranger.device_id, stranger.place) == ("cam-new", None)
    with pytest.raises(NoSuchPlace):
        await devices.adopt(connections, "frigate", "cam-new", "/310110/nowhere/", "manager")
    with pytest.raises(NoSuchDevice):
        await devices.adopt(connections, "frigate", "cam-none", place, "manager")
    await devices.adopt(connections, "frigate", "cam-new", place, "manager")
    await hear(connections, "frigate", frigate(camera="cam-new", id="later"), tmp_path)
    latest, *_ = await signals.listing(connections, device="cam-new")
    assert latest["place"] == place
    assert await devices.listing(connections, unregistered=True) == []
    (known,) = [one for one in await devices.listing(connections, place=place) if one.device_id == "cam-new"]
    assert known.place_label
