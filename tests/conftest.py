"""What every test may ask for: a Postgres of the test run, fresh databases in it, and the demo organisation.

The server is the embedded one, started once per run (about a second) and only when a test asks for it.
A database is a copy of a migrated template and costs some twenty milliseconds, so each test has its own.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from databases import START_SECONDS, Database, Postgres, end_with_the_run, free_port, fresh, wait_for
from hypothesis import HealthCheck, settings
from road import KEY
from rooms import in_memory
from sharing import ByPackage, turn

from store import embedded, migrate
from store.seed import Account, load, seed_demo

FOR_TESTS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")  # nothing here outlives the run

settings.register_profile("default", max_examples=60, deadline=None)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "nightly", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPackage | None:
    return ByPackage(config, log) if config.option.dist == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one of several
        items.sort(key=turn)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The embedded Postgres on a free loopback port, with the roles of Linli and a migrated database `linli`."""
    home = Path(tempfile.mkdtemp(prefix="linli-test-", dir=in_memory()))
    server = Postgres(port=free_port())
    embedded.initialise(home, server.superuser_password)
    options = [word for option in FOR_TESTS for word in ("-c", option)]
    with (home / "postgres.log").open("wb") as log:
        process = subprocess.Popen(
            [*embedded.command(home, server.port), *options],
            **embedded.as_user(embedded.os_user()),
            cwd=home / "postgres",
            stdout=log,
            stderr=log,
            preexec_fn=end_with_the_run,  # noqa: PLW1509 - no threads yet
        )
    try:
        wait_for(server, process, home / "postgres.log")
        embedded.ensure_roles(server.superuser_dsn(), server.owner_password, server.app_password)
        migrate.upgrade(server.database(embedded.DATABASE).owner_dsn)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # at once, whoever is still connected
        process.wait(timeout=START_SECONDS)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    """A fresh migrated database with nothing in it."""
    yield from fresh(postgres, embedded.DATABASE)


@pytest.fixture(scope="session")
def demo_template(postgres: Postgres) -> tuple[str, tuple[Account, ...]]:
    """The database that `seeded` copies, and the accounts in it; their passwords are quick to check."""
    name = "linli_demo"
    postgres.create(name, embedded.DATABASE)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(load, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))
        return name, tuple(seed_demo(postgres.database(name).owner_dsn, KEY))


@pytest.fixture
def seeded(postgres: Postgres, demo_template: tuple[str, tuple[Account, ...]]) -> Iterator[Database]:
    """A fresh database with the demo organisation, its devices and the shipped rulesets."""
    yield from fresh(postgres, *demo_template)
