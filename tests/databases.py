"""The Postgres of a test run and the databases in it."""

import ctypes
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from store import embedded
from store.seed import Account

START_SECONDS = 60
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Database:
    """A database of one test, as its owner and as the application sees it."""

    name: str
    owner_dsn: str
    app_dsn: str
    accounts: tuple[Account, ...] = ()


@dataclass
class Postgres:
    """The server of this run."""

    port: int
    superuser_password: str = field(default_factory=secrets.token_hex)
    owner_password: str = field(default_factory=secrets.token_hex)
    app_password: str = field(default_factory=secrets.token_hex)

    def superuser_dsn(self, database: str = "postgres") -> str:
        return embedded.dsn(embedded.SUPERUSER, self.superuser_password, self.port, database)

    def database(self, name: str, accounts: tuple[Account, ...] = ()) -> Database:
        owner = embedded.dsn(embedded.OWNER, self.owner_password, self.port, name)
        app = embedded.dsn(embedded.APP, self.app_password, self.port, name)
        return Database(name, owner, app, accounts)

    def create(self, name: str, template: str) -> None:
        self._say("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy", name, embedded.OWNER, template)

    def drop(self, name: str) -> None:
        self._say("DROP DATABASE {} WITH (FORCE)", name)

    def _say(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.superuser_dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def fresh(postgres: Postgres, template: str, accounts: tuple[Account, ...] = ()) -> Iterator[Database]:
    name = f"test_{secrets.token_hex(6)}"
    postgres.create(name, template)
    yield postgres.database(name, accounts)
    postgres.drop(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_the_run() -> None:
    """Linux: the server is told to end when the test run is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def wait_for(server: Postgres, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not embedded.is_ready(server.port):
        if process.poll() is not None or time.monotonic() > until:
            pytest.fail(f"Postgres did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
        time.sleep(0.02)
