"""People who sign in: their passwords (argon2), and who they are."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg.rows import class_row

from domain.people import Actor, Role
from store import logins
from store.logins import Lock, Source
from store.pool import Connection, Pool

LONGEST_PASSWORD = 256  # characters; more is not worth hashing
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")  # an unknown name takes as long as a wrong password
_VERIFIERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


@dataclass(frozen=True)
class Person:
    """Someone who works here; `unit_label` is what people call their unit."""

    id: UUID
    name: str
    display_name: str
    roles: tuple[Role, ...]
    areas: tuple[str, ...]
    unit: str | None
    unit_label: str | None

    @property
    def actor(self) -> Actor:
        return Actor(
            id=str(self.id), name=self.display_name, roles=frozenset(self.roles), areas=self.areas, unit=self.unit
        )


@dataclass(frozen=True)
class LoginRefused:
    """Wrong name or password; with a lock, no password is tried until it ends."""

    lock: Lock | None = None


@dataclass
class _Account:
    id: UUID
    password_hash: str


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


async def log_in(connections: Pool, name: str, password: str, source: Source, now: datetime) -> UUID | LoginRefused:
    """The person's id, or why not. Where a lock is, the right password is not tried either (store.logins)."""
    async with connections.connection() as connection:
        if lock := await logins.lock_of(connection, source, now):
            return LoginRefused(lock)
        account = await _account(connection, name)
    stored = account.password_hash if account else _NOBODY
    right = await asyncio.get_running_loop().run_in_executor(_VERIFIERS, _matches, stored, password[:LONGEST_PASSWORD])
    async with connections.connection() as connection, connection.transaction():
        await logins.one_at_a_time(connection, name)
        if lock := await logins.lock_of(connection, source, now):  # others tried while this one was checked
            return LoginRefused(lock)
        if account is not None and right:
            await logins.forget_wrong(connection, source)
            return account.id
        await logins.count_wrong(connection, source, now)
        return LoginRefused(await logins.lock_of(connection, source, now))


async def _account(connection: Connection, name: str) -> _Account | None:
    async with connection.cursor(row_factory=class_row(_Account)) as cursor:
        await cursor.execute("SELECT id, password_hash FROM people WHERE name = %s AND active", (name,))
        return await cursor.fetchone()


async def colleagues(connection: Connection, unit: str) -> list[tuple[UUID, str]]:
    """Who of the unit does work that can be handed on: id and name."""
    cursor = await connection.execute(
        "SELECT id, display_name FROM people WHERE active AND unit = %s AND %s = ANY (roles) ORDER BY display_name, id",
        (unit, Role.HANDLER.value),
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def by_wecom_id(connection: Connection, wecom_id: str) -> UUID | None:
    """Who has this account in government WeChat, if they still work here."""
    cursor = await connection.execute("SELECT id FROM people WHERE wecom_id = %s AND active", (wecom_id,))
    row = await cursor.fetchone()
    return row[0] if row else None
