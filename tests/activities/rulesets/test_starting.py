"""What was approved for a later time begins by itself; what has become faulty meanwhile does not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from databases import Database
from stages import DOOR, Authors, a_draft, authors, until

from activities.rulesets import look_after_rulesets
from domain.rulesets import Approve, Ask, Stage
from settings import Settings
from store.pool import Pool, pool
from store.rulesets import StepRow, listing, news_of, steps, take, versions

SOON = timedelta(seconds=0.5)
FIRST = "corridor-smoke"  # comes before DOOR


class House:
    """A seeded database with a caretaker, two authors and a version approved for in a moment."""

    def __init__(self, connections: Pool, who: Authors) -> None:
        self.pool, self.who = connections, who

    async def scheduled(self, ruleset: str = DOOR) -> str:
        async with self.pool.connection() as connection:
            version = await a_draft(connection, self.who.xu, "请关门。", ruleset=ruleset)
            starts = datetime.now(UTC) + SOON
            await take(connection, ruleset, Ask(version=version, stage=Stage.ACTIVE, starts_at=starts), self.who.writer)
            await take(connection, ruleset, Approve(version=version), self.who.approver)
        return version

    async def stage(self, version: str) -> Stage:
        async with self.pool.connection() as connection:
            return next(row.stage for row in await versions(connection, DOOR) if row.hash == version)

    async def last(self) -> StepRow:
        async with self.pool.connection() as connection:
            return (await steps(connection, DOOR))[-1]

    async def has_answered(self) -> bool:
        return (await self.last()).step in ("started", "refused")


@pytest.fixture
async def house(seeded: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with pool(seeded.app_dsn) as connections:
        async with connections.connection() as connection:
            who = await authors(connection)
        caretakers = [asyncio.create_task(look_after_rulesets(connections, Settings(home=tmp_path))) for _ in range(2)]
        yield House(connections, who)
        assert not any(caretaker.done() for caretaker in caretakers)
        for caretaker in caretakers:
            caretaker.cancel()
        await asyncio.gather(*caretakers, return_exceptions=True)


async def test_a_version_begins_at_its_time_once(house: House) -> None:
    version = await house.scheduled()
    assert await house.stage(version) is Stage.DRAFT
    await until(house.has_answered)
    step = await house.last()
    assert (await house.stage(version), step.step, step.by) == (Stage.ACTIVE, "started", None)
    async with house.pool.connection() as connection:
        assert [row.step for row in await steps(connection, DOOR)].count("started") == 2  # the shipped one's, and this


async def test_what_became_faulty_since_it_was_approved_does_not_begin_and_its_author_hears_of_it(
    house: House, seeded: Database
) -> None:
    version = await house.scheduled()
    with psycopg.connect(seeded.owner_dsn) as owner:  # the catalogue has lost a category
        owner.execute(
            "UPDATE rulesets SET definition = replace(definition, 'door-maintenance', 'gone') WHERE hash = %s",
            (version,),
        )
    await until(house.has_answered)
    assert (await house.stage(version), (await house.last()).step) == (Stage.DRAFT, "refused")

    async def told() -> list[str]:
        async with house.pool.connection() as connection:
            return [one.params["problem"] for one in await news_of(connection, DOOR) if one.reason == "cannot-start"]

    assert "gone" in (await until(told))[0]


async def test_a_start_that_fails_in_a_way_nobody_thought_of_keeps_no_other_from_starting(
    house: House, seeded: Database
) -> None:
    broken = await house.scheduled(FIRST)
    with psycopg.connect(seeded.owner_dsn) as owner:  # a record that nobody can read
        owner.execute("UPDATE ruleset_steps SET by = NULL WHERE hash = %s AND step = 'asked'", (broken,))
    version = await house.scheduled()
    await until(house.has_answered)
    assert await house.stage(version) is Stage.ACTIVE

    async def told() -> list[str]:
        async with house.pool.connection() as connection:
            return [one.params["problem"] for one in await news_of(connection, FIRST) if one.reason == "cannot-start"]

    assert len(await until(told)) == 1
    async with house.pool.connection() as connection:
        assert {one.id: one.faulty for one in await listing(connection)}[FIRST] == 1


async def test_a_start_in_no_time_that_there_is_keeps_no_other_from_starting(house: House, seeded: Database) -> None:
    version = await house.scheduled()
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("UPDATE rulesets SET starts_at = 'infinity' WHERE id = %s AND stage = 'active'", (FIRST,))
    await until(house.has_answered)
    assert await house.stage(version) is Stage.ACTIVE
