"""A version that the engine does not survive: whoever wrote it is told, once."""

import asyncio
from typing import Any

import psycopg
import pytest

from activities.perceive.crashes import quarantine
from rules.engine.quarantine import CRASHES
from store.pool import Pool
from store.rulesets.news import tell_author

pytestmark = pytest.mark.servers


async def crash(connections: Pool, version: str, times: int = CRASHES) -> None:
    """As perception's client tells it, from a thread of its own."""
    known = await quarantine(connections)
    for _ in range(times):
        await asyncio.to_thread(known.failed, version)


async def version_of(desk: Any) -> str:
    ((version,),) = await desk.ask("SELECT hash FROM rulesets WHERE id = 'corridor-smoke' AND stage = 'active'")
    return str(version)


async def test_two_crashes_are_remembered_and_nobody_is_told(desk: Any) -> None:
    version = await version_of(desk)
    await crash(desk.pool, version, CRASHES - 1)
    await desk.rounds()
    found = await desk.ask("SELECT crashes, quarantined_at FROM rulesets WHERE hash = %s", version)
    assert found == [(CRASHES - 1, None)]
    assert not desk.phones.inbox()
    assert not (await quarantine(desk.pool)).holds(version)


async def test_the_third_quarantines_for_good_and_tells_every_rule_author_of_a_shipped_version_once(desk: Any) -> None:
    version = await version_of(desk)
    await crash(desk.pool, version, CRASHES - 1)
    await crash(desk.pool, version, 1)  # another life of perception goes on counting
    await desk.rounds()
    await desk.rounds()
    ((crashes, since),) = await desk.ask("SELECT crashes, quarantined_at FROM rulesets WHERE hash = %s", version)
    assert crashes == CRASHES
    assert since is not None
    assert (await quarantine(desk.pool)).holds(version)
    told = desk.phones.inbox()
    assert sorted(item["to"] for item in told) == ["rules.pei", "rules.xu"]
    assert {item["title"] for item in told} == {"规则集改用备用方式判断：楼道烟感报警"}
    assert version[:12] in told[0]["text"]
    assert told[0]["url"].endswith("/console/rulesets/corridor-smoke")


async def test_a_versions_own_author_is_told_and_no_other(desk: Any, seeded: Any) -> None:
    version = await version_of(desk)
    ((author,),) = await desk.ask("SELECT id FROM people WHERE name = 'rules.pei'")
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("UPDATE rulesets SET author = %s WHERE hash = %s", (author, version))
    await crash(desk.pool, version)
    await desk.rounds()
    assert [item["to"] for item in desk.phones.inbox()] == ["rules.pei"]


async def test_of_a_storm_the_author_hears_what_to_look_at(desk: Any) -> None:
    version = await version_of(desk)
    async with desk.pool.connection() as connection:
        for _ in range(2):
            await tell_author(connection, "corridor-smoke", version, "storm", "storm:1", per_hour=500)
    await desk.rounds()
    told = desk.phones.inbox()
    assert sorted(item["to"] for item in told) == ["rules.pei", "rules.xu"]
    assert told[0]["title"].startswith("规则集立案过多：")
    assert "超过 500 件" in told[0]["text"]


async def test_news_that_cannot_be_written_keep_no_others_waiting(desk: Any) -> None:
    version = await version_of(desk)
    async with desk.pool.connection() as connection:
        await tell_author(connection, "corridor-smoke", version, "storm", "storm:0")  # of how many cases?
        await tell_author(connection, "corridor-smoke", version, "storm", "storm:1", per_hour=500)
    await desk.rounds()
    assert sorted(item["to"] for item in desk.phones.inbox()) == ["rules.pei", "rules.xu"]
