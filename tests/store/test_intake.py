"""Intake: once, in an order nobody can miss, and nothing lost."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.intake import IntakeUnavailable, Unreadable
from domain.signals import Kind, Phase, Signal, Source, TimeOrigin, signal_id
from store.batching import BatchingIntake
from store.intake import StoreIntake, partition_of
from store.pool import Pool, pool

pytestmark = pytest.mark.servers
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
UNIT = "/310110/kj/c07/n021/b03/u2/"


def smoke(device: str = "a1", number: int = 0, *, alarm: bool = True) -> Signal:
    source = Source(adapter="chirpstack", instance="main", device_id=device)
    return Signal(
        id=signal_id(source, number, "smoke.alarm", Phase.NONE),
        source=source,
        kind=Kind.STATE,
        type="smoke.alarm",
        fields={"alarm": alarm},
        event_time=NOON + timedelta(seconds=number),
        event_time_origin=TimeOrigin.GATEWAY,
        received_at=NOON + timedelta(seconds=number + 1),
    )


def broken(raw: bytes = b"{", reason: str = "not-json", channel: str = "t") -> Unreadable:
    return Unreadable(adapter="chirpstack", channel=channel, reason=reason, raw=raw)


@pytest.fixture
async def connections(database: Any) -> AsyncIterator[Pool]:
    opened = pool(database.app_dsn, most=8)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def intake(connections: Pool) -> StoreIntake:
    return StoreIntake(connections)


async def rows(connections: Pool, query: str, *values: object) -> list[tuple[Any, ...]]:
    async with connections.connection() as connection:
        return await (await connection.execute(query, values)).fetchall()


async def register(connections: Pool, device: str, place: str) -> None:
    statement = "INSERT INTO devices (adapter, device_id, place, registered) VALUES ('chirpstack', %s, %s, true)"
    await rows_none(connections, statement, device, place)


async def rows_none(connections: Pool, statement: str, *values: object) -> None:
    async with connections.connection() as connection:
        await connection.execute(statement, values)


async def test_a_signal_sent_three_times_is_stored_once(intake: StoreIntake, connections: Pool) -> None:
    first = await intake.take([smoke(), smoke()])
    again = await intake.take([smoke()])
    assert (first.stored, first.duplicates) == (1, 1)
    assert (again.stored, again.duplicates) == (0, 1)
    assert await rows(connections, "SELECT count(*) FROM inbox") == [(1,)]
    assert await rows(connections, "SELECT sum(last) FROM partition_seq") == [(1,)]


async def test_what_the_register_knows_of_a_device_goes_with_its_signals(
    intake: StoreIntake, connections: Pool
) -> None:
    await register(connections, "a1", UNIT)
    await rows_none(connections, "UPDATE devices SET tags = '{elder_alone}'")
    first = await intake.take([smoke()])
    again = await intake.take([smoke()])
    assert (first.stored, again.duplicates, again.quarantined) == (1, 1, 0)
    assert await rows(connections, "SELECT body->'fields' FROM inbox") == [({"alarm": True, "elder_alone": True},)]


async def test_a_residents_report_is_no_new_device(intake: StoreIntake, connections: Pool) -> None:
    await intake.take([smoke().model_copy(update={"type": "report"})])
    assert await rows(connections, "SELECT count(*) FROM inbox") == [(1,)]
    assert await rows(connections, "SELECT count(*) FROM devices") == [(0,)]


async def test_the_same_id_with_other_content_is_quarantined_and_names_what_differs(
    intake: StoreIntake, connections: Pool
) -> None:
    await intake.take([smoke(alarm=True)])
    taken = await intake.take([smoke(alarm=False)])
    within = await intake.take([smoke(number=7, alarm=True), smoke(number=7, alarm=False)])
    assert (taken.stored, taken.duplicates, taken.quarantined) == (0, 0, 1)
    assert (within.stored, within.quarantined) == (1, 1)
    found = await rows(connections, "SELECT DISTINCT reason, field FROM quarantine")
    assert found == [("identity-conflict", "fields.alarm")]


async def test_a_registered_device_gives_its_signals_their_place_and_partition(
    intake: StoreIntake, connections: Pool
) -> None:
    await register(connections, "a1", UNIT)
    await register(connections, "a2", "/310110/kj/c07/n021/b09/u1/")
    await intake.take([smoke("a1"), smoke("a2")])
    found = await rows(connections, "SELECT DISTINCT partition, body->'location'->>'place_code' FROM inbox")
    assert {place for _, place in found} == {UNIT, "/310110/kj/c07/n021/b09/u1/"}
    assert {partition for partition, _ in found} == {partition_of(UNIT, "x", "y", 4)}


async def test_an_unknown_device_is_kept_and_shown_as_unregistered(intake: StoreIntake, connections: Pool) -> None:
    taken = await intake.take([smoke("stranger")])
    assert taken.stored == 1
    assert await rows(connections, "SELECT device_id, registered FROM devices") == [("stranger", False)]


async def test_numbers_have_no_gap_and_arrival_never_goes_back(intake: StoreIntake, connections: Pool) -> None:
    async def sender(device: str) -> None:
        for number in range(15):
            await intake.take([smoke(device, number), smoke(device, number - 1), smoke(f"{device}-b", number)])

    await asyncio.gather(*(sender(f"d{i}") for i in range(6)))
    found = await rows(
        connections,
        """SELECT p.id, p.last, count(i.*), max(i.seq), bool_and(i.in_order) FROM partition_seq p
           LEFT JOIN (SELECT *, received_at >= lag(received_at, 1, received_at)
                          OVER (PARTITION BY partition ORDER BY seq)
                      AND received_at = (body->>'received_at')::timestamptz AS in_order FROM inbox) i
           ON i.partition = p.id GROUP BY p.id""",
    )
    assert sum(count for _, _, count, _, _ in found) == 6 * 31
    assert all(last == count == (top or 0) for _, last, count, top, _ in found)
    assert all(in_order is not False for *_, in_order in found)


async def test_a_lower_number_never_commits_after_a_higher_one_was_seen(intake: StoreIntake, connections: Pool) -> None:
    """A reader that goes on from the highest number it saw misses nothing."""
    seen: dict[int, int] = dict.fromkeys(range(4), 0)
    read = 0
    sending = asyncio.gather(*(intake.take([smoke(f"d{i}", j) for j in range(10)]) for i in range(40)))
    while True:
        done = sending.done()
        for partition, position in seen.items():
            query = "SELECT seq FROM inbox WHERE partition = %s AND seq > %s ORDER BY seq"
            found = [row[0] for row in await rows(connections, query, partition, position)]
            assert found == list(range(position + 1, position + 1 + len(found)))
            seen[partition] += len(found)
            read += len(found)
        if done:
            break
    assert read == 400


async def test_one_signal_the_database_refuses_does_not_hold_up_the_others(
    intake: StoreIntake, connections: Pool
) -> None:
    poison = smoke("b\0d")
    taken = await intake.take([smoke("a1"), poison, smoke("a2")])
    assert (taken.stored, taken.quarantined) == (2, 1)
    assert await rows(connections, "SELECT reason FROM quarantine") == [("unstorable",)]


async def test_a_signal_whose_text_cannot_be_read_back_never_reaches_perception(
    intake: StoreIntake, connections: Pool
) -> None:
    taken = await intake.take([smoke("a1").model_copy(update={"raw_ref": "http:\0"}), smoke("a2")])
    assert (taken.stored, taken.quarantined) == (1, 1)
    assert len(await rows(connections, "SELECT body->>'raw_ref' FROM inbox")) == 1


async def test_the_same_bytes_refused_for_the_same_reason_at_once_are_one_row(
    intake: StoreIntake, connections: Pool
) -> None:
    for _ in range(3):
        await intake.take([], [broken(), broken(channel="o\0dd")])
    await intake.take([], [broken(b"[")])
    assert await rows(connections, "SELECT count(*) FROM quarantine") == [(3,)]


async def test_without_a_database_nothing_is_taken() -> None:
    gone = pool("postgresql://nobody:x@127.0.0.1:1/none", most=2)
    gone.timeout = 0.2
    await gone.open(wait=False)
    try:
        with pytest.raises(IntakeUnavailable):
            await StoreIntake(gone).take([smoke()])
    finally:
        await gone.close()


async def test_many_senders_share_a_commit_and_each_learns_what_became_of_its_own(
    intake: StoreIntake, connections: Pool
) -> None:
    together = BatchingIntake(intake)
    messages = [together.take([smoke("a1", number % 20)]) for number in range(60)]
    answers = await asyncio.gather(*messages, together.take([], [broken()]))
    assert sum(answer.stored for answer in answers) == 20
    assert sum(answer.duplicates for answer in answers) == 40
    assert answers[-1].quarantined == 1
    transactions = await rows(connections, "SELECT count(DISTINCT xmin::text) FROM inbox")
    assert transactions[0][0] <= 3


async def test_a_process_told_to_die_after_the_commit_has_stored_the_signal_and_dies_once(
    database: Any, connections: Pool, tmp_path: Path
) -> None:
    program = (
        "import asyncio, settings\n"
        "from store.intake import open_intake\n"
        "from domain.signals import Signal\n"
        f"signal = Signal.model_validate_json({smoke().model_dump_json()!r})\n"
        "async def go():\n"
        "    async with open_intake(settings.load()) as intake: print((await intake.take([signal])).duplicates)\n"
        "asyncio.run(go())\n"
    )
    env = os.environ | {
        "LINLI_HOME": str(tmp_path),
        "LINLI_DATABASE_URL": database.app_dsn,
        "LINLI_FAILPOINT": "after-inbox-commit",
    }
    tries = [
        await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False
        )
        for _ in range(2)
    ]
    assert tries[0].returncode == 86, tries[0].stderr
    assert (tries[1].returncode, tries[1].stdout.strip()) == (0, "1")
    assert await rows(connections, "SELECT count(*) FROM inbox") == [(1,)]


async def test_intake_wakes_whoever_listens(intake: StoreIntake, database: Any) -> None:
    listener = await psycopg.AsyncConnection.connect(database.app_dsn, autocommit=True)
    async with listener:
        await listener.execute("LISTEN linli_inbox")
        await intake.take([smoke()])
        heard = [notice.payload async for notice in listener.notifies(timeout=60, stop_after=1)]
    assert heard == [str(partition_of(None, "chirpstack", "a1", 4))]
