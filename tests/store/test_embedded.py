"""The embedded Postgres: its roles, its doors, and a second start."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from store import embedded

if TYPE_CHECKING:
    from databases import Postgres

pytestmark = pytest.mark.servers


def test_the_application_may_neither_make_tables_nor_pass_row_security(postgres: "Postgres") -> None:
    app = embedded.dsn(embedded.APP, postgres.app_password, postgres.port)
    with psycopg.connect(app) as connection:
        rights = connection.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert rights.fetchone() == (False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE own (id int)")


def test_the_database_speaks_utf8_and_utc(postgres: "Postgres") -> None:
    with psycopg.connect(embedded.dsn(embedded.OWNER, postgres.owner_password, postgres.port)) as connection:
        spoken = connection.execute("SELECT current_setting('server_encoding'), current_setting('TimeZone')")
        assert spoken.fetchone() == ("UTF8", "UTC")


def test_nobody_gets_in_without_the_password(postgres: "Postgres") -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(embedded.dsn(embedded.OWNER, "guessed", postgres.port))


def test_roles_may_be_ensured_again_with_new_passwords(postgres: "Postgres") -> None:
    embedded.ensure_roles(postgres.superuser_dsn(), postgres.owner_password, "changed")
    psycopg.connect(embedded.dsn(embedded.APP, "changed", postgres.port)).close()
    embedded.ensure_roles(postgres.superuser_dsn(), postgres.owner_password, postgres.app_password)
    psycopg.connect(embedded.dsn(embedded.APP, postgres.app_password, postgres.port)).close()


@pytest.fixture
def home() -> Iterator[Path]:
    """Not in pytest's own folder: every start of pytest closes that to other users."""
    with tempfile.TemporaryDirectory(prefix="linli-test-") as folder:
        yield Path(folder)


def test_a_half_made_data_folder_is_made_anew_and_a_whole_one_kept(home: Path) -> None:
    (home / "postgres" / "unfinished").mkdir(parents=True)
    embedded.initialise(home, "secret")
    version = embedded.data_folder(home) / "PG_VERSION"
    made = version.stat().st_mtime_ns
    embedded.initialise(home, "secret")
    assert version.stat().st_mtime_ns == made
    assert not list((home / "postgres").glob("password"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_as_root_the_home_is_passed_through_but_not_read_by_others(home: Path) -> None:
    embedded.initialise(home, "secret")
    assert stat.S_IMODE(home.stat().st_mode) == 0o701
    assert embedded.data_folder(home).owner() == embedded.OS_USER
