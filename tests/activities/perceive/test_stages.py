"""Versions in shadow, in a canary's areas and in force, while signals come in and nothing is started anew."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from databases import Database
from engines import an_engine
from payloads import chirpstack
from stages import Authors, a_draft, authors, put_in, until

from activities.perceive.judging import Judging
from activities.perceive.reader import Reader
from adapters.mapping import read
from domain.rulesets import Retire, RollBack, Stage
from rules.engine.client import EngineClient
from store.intake import StoreIntake
from store.pool import Pool, pool
from store.rulesets import news_of, take

pytestmark = pytest.mark.servers
SMOKE = "corridor-smoke"
C07, C09 = "/310110/kj/c07/", "/310110/kj/c09/"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DECIDED = """
    SELECT d.stage, d.hash, d.case_id, d.matter->>'dedupe_key' FROM decisions d WHERE d.ruleset = %s ORDER BY d.id"""
IN_FORCE = "SELECT hash, stage FROM rulesets WHERE stage IN ('shadow', 'canary', 'active') AND faults IS NULL"
SENSOR = "SELECT device_id FROM devices WHERE kind = 'smoke-sensor' AND place ^@ %s ORDER BY 1 OFFSET %s LIMIT 1"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    with an_engine(tmp_path_factory.mktemp("engine")) as client:
        yield client


class Ward:
    """A seeded database whose partitions are read, with two authors at hand."""

    def __init__(self, connections: Pool, judging: Judging, who: Authors) -> None:
        self.pool, self.judging, self.who = connections, judging, who

    async def rows(self, statement: str, *given: object) -> list[tuple[Any, ...]]:
        async with self.pool.connection() as connection:
            return await (await connection.execute(statement.encode(), given)).fetchall()

    async def smoke(self, area: str, number: int = 0, *, alarm: bool = True) -> None:
        """A smoke sensor speaks, and what it said is read to the end."""
        ((device,),) = await self.rows(SENSOR, area, number)
        now = datetime.now(UTC)
        said = {"smokeAlarm": alarm}
        payload = chirpstack(
            said, deduplicationId=os.urandom(8).hex(), time=now.isoformat(), deviceInfo={"devEui": device}
        )
        await StoreIntake(self.pool).take(read("chirpstack", "t", payload, now).signals)
        await until(self._all_read)

    async def _all_read(self) -> bool:
        unread = "SELECT FROM inbox i JOIN partitions p ON p.id = i.partition WHERE i.seq > p.position LIMIT 1"
        return not await self.rows(unread)

    async def draft(self, word: str = "先看一看。", **changed: str) -> str:
        async with self.pool.connection() as connection:
            return await a_draft(connection, self.who.xu, word, ruleset=SMOKE, **changed)

    async def enters(self, version: str, stage: Stage, *areas: str) -> None:
        async with self.pool.connection() as connection:
            await put_in(connection, self.who, version, stage, areas, SMOKE)
        await self.taken_up()

    async def gives(self, command: Any) -> None:
        async with self.pool.connection() as connection:
            await take(connection, SMOKE, command, self.who.writer)
        await self.taken_up()

    async def taken_up(self) -> None:
        """Until perception has heard of it."""
        await until(self._runs_what_is_in_force)

    async def _runs_what_is_in_force(self) -> bool:
        wanted = await self.rows(IN_FORCE)
        return sorted(wanted) == sorted((one.compiled.hash, one.stage) for one in self.judging.judge.running)

    async def decided(self) -> list[tuple[str, str, UUID | None, str | None]]:
        return await self.rows(DECIDED, SMOKE)  # type: ignore[return-value]

    async def active(self) -> str:
        ((hash_,),) = await self.rows("SELECT hash FROM rulesets WHERE id = %s AND stage = 'active'", SMOKE)
        return str(hash_)


@asynccontextmanager
async def reading(ward: Ward) -> AsyncIterator[None]:
    """Every partition is read, and perception keeps up with the versions."""
    ended = asyncio.Event()
    tasks = [asyncio.create_task(ward.judging.keep_up())]
    readers = [Reader(ward.pool, lambda: ward.judging.judge, partition) for partition in range(4)]
    tasks += [asyncio.create_task(reader.run(ended.is_set)) for reader in readers]
    try:
        yield
    finally:
        ended.set()
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks[1:]:
        task.result()


@pytest.fixture
async def ward(seeded: Database, engine: EngineClient) -> AsyncIterator[Ward]:
    async with AsyncExitStack() as stack:
        connections = await stack.enter_async_context(pool(seeded.app_dsn))
        async with connections.connection() as connection:
            who = await authors(connection)
        judging = Judging(connections, engine, SHANGHAI)
        await judging.load()
        ward = Ward(connections, judging, who)
        await stack.enter_async_context(reading(ward))
        yield ward


async def test_a_canary_decides_in_its_areas_and_the_active_version_elsewhere(ward: Ward) -> None:
    canary, active = await ward.draft(), await ward.active()
    await ward.enters(canary, Stage.CANARY, C07)
    await ward.smoke(C07)
    await ward.smoke(C09)
    there, elsewhere = await ward.decided()
    assert (there[:2], elsewhere[:2]) == (("canary", canary), ("active", active))
    assert there[2] != elsewhere[2] is not None
    await ward.smoke(C07, alarm=False)
    ((told,),) = await ward.rows(
        "SELECT count(*) FROM case_inbox WHERE case_id = %s AND body->>'kind' = 'ended'", there[2]
    )
    assert told == 1


async def test_a_version_in_shadow_is_only_remembered_with_what_it_would_have_opened(ward: Ward) -> None:
    shadow, active = await ward.draft(), await ward.active()
    await ward.enters(shadow, Stage.SHADOW)
    await ward.smoke(C07)
    (one, other) = sorted(await ward.decided())
    assert (one[:2], one[2] is None, one[3]) == (("active", active), False, None)
    assert (other[:2], other[2]) == (("shadow", shadow), None)
    ((key,),) = await ward.rows("SELECT dedupe_key FROM cases WHERE id = %s", one[2])
    assert other[3] == key
    assert await ward.rows("SELECT count(*) FROM cases") == [(1,)]


async def test_what_is_going_on_goes_on_under_the_next_version(ward: Ward) -> None:
    await ward.smoke(C07)
    ((_, _, case, _),) = await ward.decided()
    changed = await ward.draft()
    await ward.enters(changed, Stage.ACTIVE)
    await ward.smoke(C07)  # alarming as before: nothing new
    assert len(await ward.decided()) == 1
    await ward.smoke(C07, alarm=False)
    ended = "SELECT body->>'kind' FROM case_inbox WHERE case_id = %s ORDER BY seq"
    assert await ward.rows(ended, case) == [("began",), ("ended",)]
    await ward.smoke(C07)
    assert [hash_ for _, hash_, _, _ in await ward.decided()][1:] == [changed]


async def test_what_is_going_on_when_a_shadow_begins_is_not_new_to_it(ward: Ward) -> None:
    await ward.smoke(C07)
    shadow = await ward.draft()
    await ward.enters(shadow, Stage.SHADOW)
    await ward.smoke(C07)
    assert [stage for stage, *_ in await ward.decided()] == ["active"]
    kept = "SELECT count(*) FROM perception_state WHERE key ^@ %s"
    beside = f"{SMOKE}@{shadow[:12]}/"
    ((count,),) = await ward.rows(kept, beside)
    assert count > 0
    await ward.gives(Retire(version=shadow))
    await ward.smoke(C07)

    async def dropped() -> bool:
        return await ward.rows(kept, beside) == [(0,)]

    await until(dropped)


async def test_roll_back_brings_the_former_behaviour_for_the_next_signal(ward: Ward) -> None:
    former, changed = await ward.active(), await ward.draft()
    await ward.enters(changed, Stage.ACTIVE)
    await ward.smoke(C09)
    await ward.gives(RollBack())
    await ward.smoke(C07)
    assert [hash_ for _, hash_, _, _ in await ward.decided()] == [changed, former]


async def test_a_version_that_cannot_run_stands_aside_and_its_author_hears_of_it(ward: Ward, seeded: Database) -> None:
    broken = await ward.draft()
    with psycopg.connect(seeded.owner_dsn) as owner:  # a category that the catalogue no longer has
        owner.execute(
            "UPDATE rulesets SET definition = replace(definition, 'category: smoke-alarm', 'category: gone')"
            " WHERE hash = %s",
            (broken,),
        )
    async with ward.pool.connection() as connection:
        await put_in(connection, ward.who, broken, Stage.SHADOW, (), SMOKE)

    async def told() -> list[str]:
        async with ward.pool.connection() as connection:
            return [one.params["problem"] for one in await news_of(connection, SMOKE) if one.reason == "cannot-run"]

    assert "gone" in (await until(told))[0]
    await ward.smoke(C07)
    assert [stage for stage, *_ in await ward.decided()] == ["active"]
    ((faults,),) = await ward.rows("SELECT faults::text FROM rulesets WHERE hash = %s", broken)
    assert "这个类别" in faults


async def test_a_place_that_is_named_anew_is_named_so_in_the_next_title(ward: Ward, seeded: Database) -> None:
    ((place,),) = await ward.rows("SELECT place FROM devices WHERE place ^@ %s AND kind = 'smoke-sensor' LIMIT 1", C07)
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("UPDATE areas SET label = '新名苑' WHERE path = %s", (place,))
    before = ward.judging.judge
    await ward.rows("SELECT pg_notify('linli_rulesets', '')")

    async def another() -> bool:
        return ward.judging.judge is not before

    await until(another)
    assert ward.judging.judge.place_name(place) == "新名苑"
