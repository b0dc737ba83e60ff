"""What the application's own role may not do, whoever holds its password."""

import psycopg
import pytest
from databases import Database
from psycopg import errors

pytestmark = pytest.mark.servers
RECORD = ("case_events", "audit", "evidence", "decisions")


@pytest.mark.parametrize("table", RECORD)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_record_is_only_added_to(seeded: Database, table: str, statement: str) -> None:
    column = {"case_events": "v", "audit": "seq", "evidence": "width", "decisions": "rule"}[table]
    with psycopg.connect(seeded.app_dsn, autocommit=True) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.format(table, column, column))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
        "DROP POLICY cases_seen ON cases",
        "SET ROLE linli_owner",
        "ALTER ROLE linli_app BYPASSRLS",
        "DELETE FROM cases",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_application_cannot_widen_its_rights(seeded: Database, statement: str) -> None:
    with psycopg.connect(seeded.app_dsn, autocommit=True) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize(
    ("scope", "sees"), [("", False), (",", False), ("/x/,", False), ("/310110/", True), ("*", True)]
)
def test_an_empty_area_sees_nothing(seeded: Database, scope: str, sees: bool) -> None:
    with psycopg.connect(seeded.app_dsn) as connection:
        connection.execute("SELECT set_config('linli.scope', %s, true)", (scope,))
        assert connection.execute("SELECT coalesce(linli_sees('/310110/kj/'), false)").fetchone() == (sees,)


def test_no_number_of_months_exhausts_the_servers_locks(seeded: Database) -> None:
    with psycopg.connect(seeded.app_dsn) as connection:
        connection.execute("SELECT linli_ensure_months(100000)")
        months = connection.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'signals'::regclass").fetchone()
        assert months == (26,)  # this one, 24 ahead, and the default
