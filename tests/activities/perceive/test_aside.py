"""A signal that perception fails at goes into the quarantine; those before and behind it are judged."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import psycopg
import pytest
from databases import Database
from engines import an_engine
from payloads import chirpstack

from activities.perceive.judging import Judging
from activities.perceive.reader import Reader
from adapters.mapping import read
from rules.engine.client import EngineClient
from store.intake import StoreIntake
from store.pool import pool

pytestmark = pytest.mark.servers
SENSORS = """
    SELECT device_id FROM devices WHERE kind = 'smoke-sensor' AND place ^@ '/310110/kj/c07/n021/' ORDER BY 1 LIMIT 5"""
SPOIL = """
    UPDATE inbox SET body = '{"source": "x"}' WHERE seq = (SELECT min(seq) + 2 FROM inbox) RETURNING id, partition"""
BROKEN_STATE = """
    INSERT INTO perception_state (partition, key, state, due_at)
    VALUES (%s, 'corridor-smoke/smoke/device:x', '{}', now() - interval '1 hour')"""


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    with an_engine(tmp_path_factory.mktemp("engine")) as client:
        yield client


async def test_the_third_of_five_signals_cannot_be_judged(seeded: Database, engine: EngineClient) -> None:
    now = datetime.now(UTC)
    with psycopg.connect(seeded.owner_dsn) as owner:
        sensors = [device for (device,) in owner.execute(SENSORS)]
    async with pool(seeded.app_dsn) as connections:
        for device in sensors:
            said = chirpstack({"smokeAlarm": True}, deduplicationId=os.urandom(8).hex(), deviceInfo={"devEui": device})
            await StoreIntake(connections).take(read("chirpstack", "t", said, now).signals)
        with psycopg.connect(seeded.owner_dsn) as owner:
            ((spoilt, partition),) = owner.execute(SPOIL).fetchall()
        judging = Judging(connections, engine, ZoneInfo("Asia/Shanghai"))
        await judging.load()

        await Reader(connections, lambda: judging.judge, partition).run(iter((False, True)).__next__)

    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("SET linli.scope = '*'")
        assert owner.execute("SELECT count(*) FROM signals").fetchone() == (4,)
        assert owner.execute("SELECT count(*) FROM decisions WHERE ruleset = 'corridor-smoke'").fetchone() == (4,)
        ((reason, detail),) = owner.execute("SELECT reason, detail FROM quarantine").fetchall()
        assert (reason, str(spoilt) in detail) == ("not-judged", True)
        last = "SELECT position = (SELECT max(seq) FROM inbox WHERE partition = p.id) FROM partitions p WHERE id = %s"
        assert owner.execute(last, (partition,)).fetchone() == (True,)


async def test_where_what_falls_due_fails_no_signal_pays_for_it(seeded: Database, engine: EngineClient) -> None:
    with psycopg.connect(seeded.owner_dsn) as owner:
        sensor = owner.execute(SENSORS).fetchall()[0][0]
    async with pool(seeded.app_dsn) as connections:
        said = chirpstack({"smokeAlarm": True}, deduplicationId=os.urandom(8).hex(), deviceInfo={"devEui": sensor})
        await StoreIntake(connections).take(read("chirpstack", "t", said, datetime.now(UTC)).signals)
        with psycopg.connect(seeded.owner_dsn) as owner:
            ((partition,),) = owner.execute("SELECT partition FROM inbox").fetchall()
            owner.execute(BROKEN_STATE, (partition,))
        judging = Judging(connections, engine, ZoneInfo("Asia/Shanghai"))
        await judging.load()

        with pytest.raises(KeyError):
            await Reader(connections, lambda: judging.judge, partition).run(lambda: False)

    with psycopg.connect(seeded.owner_dsn) as owner:
        assert owner.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)
        assert owner.execute("SELECT position FROM partitions WHERE id = %s", (partition,)).fetchone() == (0,)
