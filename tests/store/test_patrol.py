"""What a grid worker's phone asks of the store, out of a table that is much longer than a day."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from databases import Database

from domain.places import Point
from store import frequency, organisation, patrol
from store.pool import pool, viewed_by
from store.seed.load import person_id

pytestmark = pytest.mark.servers
BUILDING = "/310110/kj/c07/n021/b01/"
LONG = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, category)
    SELECT gen_random_uuid(), 'long/main/' || n, 'long', '/310110/kj/c' || n % 25 || '/n1/b' || n % 40 || '/',
           now() - n * interval '10 minutes', now(), 'stickers' FROM generate_series(1, 20000) n"""


async def test_what_happens_most_is_read_from_the_index_of_places(seeded: Database) -> None:
    with psycopg.connect(seeded.owner_dsn, autocommit=True) as owner:
        owner.execute(LONG)
        owner.execute("ANALYZE cases")
    asked = (["/310110/kj/c7/", "/310110/kj/c8/"], ["stickers", "odour"], 6)
    async with pool(seeded.app_dsn, sees_nothing=True) as connections, viewed_by(connections, ("/310110/",)) as app:
        assert await frequency.frequent(app, *asked) == ["stickers"]
        assert await frequency.frequent(app, [], ["stickers"], 6) == []
        statement, given = frequency.frequency(*asked)
        explained = await app.execute(b"EXPLAIN " + statement, given)
        plan = "\n".join(line for (line,) in await explained.fetchall())
    assert "cases_by_place" in plan
    assert "Seq Scan on cases" not in plan


async def test_a_place_is_where_it_is_or_what_lies_around_it(seeded: Database) -> None:
    async with pool(seeded.app_dsn) as connections, connections.connection() as connection:
        found = await organisation.positions(connection, [BUILDING, f"{BUILDING}u9/spot/", "/999999/"])
    assert found.keys() == {BUILDING, f"{BUILDING}u9/spot/"}
    assert len(set(found.values())) == 1


async def test_the_same_check_twice_is_one_and_yesterdays_is_not_todays(seeded: Database) -> None:
    fang, check, now = person_id("grid.fang"), uuid4(), datetime.now(UTC)
    async with pool(seeded.app_dsn) as connections, connections.connection() as connection:
        for _ in range(2):
            await patrol.check_in(connection, check, fang, BUILDING, Point(lat=31.2762, lon=121.5171))
        await patrol.check_in(connection, uuid4(), person_id("grid.yan"), BUILDING, None)
        seen = await patrol.checked(connection, fang, now - timedelta(hours=1))
        assert [(one.id, one.label, one.via) for one in seen] == [(check, "双阳二村 6 号", "position")]
        assert await patrol.checked(connection, fang, now + timedelta(hours=1)) == []
