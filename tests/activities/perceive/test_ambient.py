"""What one partition hears around, the others know."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from databases import Database
from engines import an_engine
from stages import until

from activities.perceive.ambient import known_around, share
from activities.perceive.concluding import Judge, Running
from activities.perceive.reader import Reader
from domain.rulesets import Stage
from domain.signals import Kind, Location, Signal, Source, TimeOrigin
from rules.ambient import AmbientValue
from rules.catalogue import load_catalogue
from rules.compiled import Compiled
from rules.load import from_texts
from rules.views import micros
from settings.model import RULESETS
from store.intake import StoreIntake, partition_of
from store.pool import Pool, pool

FLOOD = """
ruleset: flood
title: 积水
lead: urban-operations
signals:
  water: {type: water, fields: {depth: number}}
  weather: {type: weather, fields: {level: number}}
perceive:
  deep: {enter: {water.depth: {gte: 30}}, exit: {water.depth: {lt: 20}}}
facts:
  warned: {latest: weather.level, within: 3h, by: place.district}
classify:
  - {id: warned, if: {warned: {gte: 3}}, then: none}
  - {id: dry, then: none}
case: {dedupe: place}
"""
TEMPLATE = "{% block title %}{{ ruleset }}{% endblock %}{% block text %}{% endblock %}"
HERE, THERE = "/310110/kj/c07/n021/b03/", "/310110/kj/c09/n001/b01/"

LEVEL = AmbientValue("weather", "level", "/310110/", 1_000_000, "a", 3)
KIND = AmbientValue("weather", "kind", "/310110/", 1_000_000, "a", "rain")


@pytest.fixture
async def connections(database: Any) -> AsyncIterator[Pool]:
    opened = pool(database.app_dsn, most=2)
    await opened.open()
    yield opened
    await opened.close()


async def known_after(connections: Pool, *told: tuple[AmbientValue, ...]) -> set[AmbientValue]:
    async with connections.connection() as connection:
        for values in told:
            await share(connection, values)
        return set(await known_around(connection))


async def test_what_was_shared_is_known_as_it_was_heard(connections: Pool) -> None:
    assert await known_after(connections, (KIND, LEVEL)) == {KIND, LEVEL}


async def test_the_newest_stands_in_whatever_order_it_was_shared(connections: Pool) -> None:
    newer, other = LEVEL._replace(at=2_000_000, value=2), LEVEL._replace(area="/310115/")
    assert await known_after(connections, (newer,), (LEVEL, other)) == {newer, other}


async def test_of_one_moment_the_same_one_stands_everywhere(connections: Pool) -> None:
    second = LEVEL._replace(signal_id="b", value=4)
    assert await known_after(connections, (second,), (LEVEL,)) == {second}


async def test_nothing_heard_is_nothing_shared(connections: Pool) -> None:
    assert await known_after(connections, ()) == set()


def flood() -> Compiled:
    return from_texts("flood", FLOOD, TEMPLATE, load_catalogue(RULESETS / "catalogue.csv"))


def said(kind: str, place: str, **fields: float) -> Signal:
    now = datetime.now(UTC)
    return Signal(
        id=uuid4(),
        source=Source(adapter="test", instance="one", device_id=kind),
        kind=Kind.MEASUREMENT,
        type=kind,
        fields=fields,
        event_time=now,
        event_time_origin=TimeOrigin.ARRIVAL,
        received_at=now,
        location=Location(place_code=place),
    )


@pytest.mark.servers
async def test_a_warning_that_one_partition_heard_decides_in_another(seeded: Database, tmp_path: Path) -> None:
    partitions = [partition_of(place, "test", "any", 4) for place in (THERE, HERE)]
    assert len(set(partitions)) == 2
    async with pool(seeded.app_dsn, most=6) as connections:
        with an_engine(tmp_path) as engine:
            judge = Judge([Running(flood(), Stage.ACTIVE)], engine)
            ended = asyncio.Event()
            readers = [Reader(connections, lambda: judge, partition).run(ended.is_set) for partition in partitions]
            reading = asyncio.gather(*readers)
            await StoreIntake(connections).take((said("weather", THERE, level=3),))
            await until(lambda: one_row(connections, "SELECT value FROM ambient"))
            await StoreIntake(connections).take((said("water", HERE, depth=40),))
            await until(lambda: one_row(connections, "SELECT rule FROM decisions"))
            ended.set()
            await reading
        assert await one_row(connections, "SELECT rule FROM decisions") == ("warned",)


async def one_row(connections: Pool, statement: str) -> Any:
    async with connections.connection() as connection:
        return await (await connection.execute(statement.encode())).fetchone()


@pytest.mark.servers
async def test_what_is_heard_around_is_known_too_where_a_signal_of_the_batch_is_put_aside(
    seeded: Database, tmp_path: Path
) -> None:
    partition = partition_of(HERE, "test", "any", 4)
    async with pool(seeded.app_dsn) as connections:
        async with connections.connection() as connection:
            await share(connection, (LEVEL._replace(at=micros(datetime.now(UTC))),))
        await StoreIntake(connections).take((said("water", HERE, depth=1), said("water", HERE, depth=40)))
        with psycopg.connect(seeded.owner_dsn) as owner:
            owner.execute("UPDATE inbox SET body = '{}' WHERE seq = (SELECT min(seq) FROM inbox)")
        with an_engine(tmp_path) as engine:
            judge = Judge([Running(flood(), Stage.ACTIVE)], engine)
            await Reader(connections, lambda: judge, partition).run(iter((False, True)).__next__)
        assert await one_row(connections, "SELECT reason FROM quarantine") == ("not-judged",)
        assert await one_row(connections, "SELECT rule FROM decisions") == ("warned",)
