"""Who is on duty when, in a house with more people than a list shows."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from builders import WANG
from databases import Database

from store import rosters
from store.pool import pool
from store.seed.load import person_id

pytestmark = pytest.mark.servers
MANY = """
    INSERT INTO people (id, name, display_name, password_hash, roles, areas, unit)
    SELECT gen_random_uuid(), 'many.' || n, '丁' || n, '', p.roles, p.areas, p.unit
    FROM generate_series(1, 1100) n, people p WHERE p.id = %s"""


async def test_a_shift_is_given_to_whom_the_list_had_no_room_for(seeded: Database) -> None:
    last, begins = person_id("c10.zeng"), datetime.now(UTC) + timedelta(days=30)
    with psycopg.connect(seeded.owner_dsn, autocommit=True) as owner:
        owner.execute(MANY, (WANG.id,))
        owner.execute("DELETE FROM rosters")
        owner.execute("UPDATE units SET label = 'ZZ' WHERE id = 'property-c10'")
        owner.execute("UPDATE units SET label = 'AA' WHERE id <> 'property-c10'")
    async with pool(seeded.app_dsn) as connections:
        async with connections.connection() as connection:
            assert last not in {one.id for one in await rosters.people(connection, ("/",))}
        await rosters.put(connections, ("/",), None, last, (begins, begins + timedelta(hours=8)), WANG.id)
        async with connections.connection() as connection:
            given = await rosters.shifts(connection, ("/",), begins, begins + timedelta(hours=8))
    assert [shift.person for shift in given] == [last]
