"""A built case lies in the database as the system itself would have written it."""

import psycopg
import pytest
from builders import INSPECTOR, PROPERTY, WANG, a_case, store_case
from databases import Database

from store.pool import pool
from store.verifying import verify

pytestmark = pytest.mark.servers


async def test_a_stored_story_verifies_and_is_on_its_inspectors_desk(seeded: Database) -> None:
    story = a_case().filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    closed = a_case().filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    closed.passed_by(INSPECTOR).closed()
    async with pool(seeded.app_dsn) as connections, connections.connection() as connection:
        await store_case(connection, closed)
        await store_case(connection, story)
        async with connection.transaction():
            verified = await verify(connection)
    assert (verified.cases, verified.faults) == (2, [])
    with psycopg.connect(seeded.app_dsn) as connection:
        tasks = connection.execute("SELECT kind, role FROM tasks WHERE done_at IS NULL").fetchall()
    assert tasks == [("inspect", "inspector")]
