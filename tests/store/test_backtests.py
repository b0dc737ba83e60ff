"""The list of backtests among many, and what lies in the store of one."""

from uuid import uuid4

import psycopg
import pytest
from databases import Database
from psycopg import errors
from stored_month import AREA, SMOKE

from store import backtests

MANY = """
    INSERT INTO backtests (id, ruleset, hash, against, since, until, area, asked_by, asked_at, state)
    SELECT gen_random_uuid(), 'ruleset-' || n %% 40, %(hash)s, %(hash)s, now() - interval '1 day', now(), '/310110/kj/',
           (SELECT id FROM people LIMIT 1), now() - n * interval '1 minute', 'done'
    FROM generate_series(1, 20000) AS n"""


@pytest.fixture
def full(seeded: Database) -> Database:
    with psycopg.connect(seeded.owner_dsn, autocommit=True) as owner:
        owner.execute(MANY, {"hash": SMOKE.hash})
        owner.execute("ANALYZE backtests")
    return seeded


def test_the_list_and_those_that_wait_are_read_from_their_indexes(full: Database) -> None:
    values = {"ruleset": "ruleset-7", "areas": [AREA], "at": None, "last": None, "limit": backtests.PAGE}
    with psycopg.connect(full.app_dsn) as connection:
        listed = connection.execute(f"EXPLAIN {backtests.LIST}", values).fetchall()
        waiting = connection.execute(f"EXPLAIN {backtests.WAITING}").fetchall()

    assert any("backtests_of_ruleset" in line for (line,) in listed)
    assert any("backtests_unfinished" in line for (line,) in waiting)
    assert not any("Seq Scan on backtests" in line for (line,) in (*listed, *waiting))


@pytest.mark.parametrize(
    "statement", ["DELETE FROM backtests", "UPDATE backtests SET area = '/'", "UPDATE backtest_items SET body = '{}'"]
)
def test_what_was_asked_is_not_changed_afterwards(full: Database, statement: str) -> None:
    with psycopg.connect(full.app_dsn) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_one_is_of_a_version_or_of_texts(full: Database) -> None:
    with psycopg.connect(full.owner_dsn) as owner, pytest.raises(errors.CheckViolation):
        owner.execute(
            "INSERT INTO backtests (id, ruleset, since, until, area, asked_by)"
            " SELECT %s, 'x', now() - interval '1 day', now(), '/', id FROM people LIMIT 1",
            (uuid4(),),
        )
