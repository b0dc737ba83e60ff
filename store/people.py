"""People who sign in: their passwords (argon2), the lock after too many wrong ones, and who they are."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg.rows import class_row

from domain.people import Actor, Role
from store.pool import Connection, Pool

WRONG_LOGINS = 5
LOCKED_FOR = timedelta(minutes=5)
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
    """Wrong name or password; `locked_until` is set when no password is tried until then."""

    locked_until: datetime | None = None


@dataclass
class _Account:
    id: UUID
    password_hash: str
    locked_until: datetime | None


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


async def log_in(connections: Pool, name: str, password: str) -> UUID | LoginRefused:
    """The person's id, or why not. Five wrong passwords lock the account for five minutes, the right one too."""
    async with connections.connection() as connection:
        account = await _account(connection, name)
    if account and account.locked_until:
        return LoginRefused(account.locked_until)
    stored = account.password_hash if account else _NOBODY
    right = await asyncio.get_running_loop().run_in_executor(_VERIFIERS, _matches, stored, password[:LONGEST_PASSWORD])
    if account is None:
        return LoginRefused()
    async with connections.connection() as connection:
        return await (_welcome if right else _count_wrong)(connection, account.id)


async def _account(connection: Connection, name: str) -> _Account | None:
    async with connection.cursor(row_factory=class_row(_Account)) as cursor:
        await cursor.execute(
            "SELECT id, password_hash, CASE WHEN locked_until > clock_timestamp() THEN locked_until END AS locked_until"
            " FROM people WHERE name = %s AND active",
            (name,),
        )
        return await cursor.fetchone()


async def _welcome(connection: Connection, person: UUID) -> UUID | LoginRefused:
    """Forget the wrong ones, unless others locked the account while this password was being checked."""
    cursor = await connection.execute(
        "UPDATE people SET failed_logins = CASE WHEN locked_until > clock_timestamp() THEN failed_logins ELSE 0 END"
        " WHERE id = %s RETURNING CASE WHEN locked_until > clock_timestamp() THEN locked_until END",
        (person,),
    )
    row = await cursor.fetchone()
    return LoginRefused(row[0]) if row and row[0] else person


async def _count_wrong(connection: Connection, person: UUID) -> LoginRefused:
    cursor = await connection.execute(
        "UPDATE people SET failed_logins = CASE WHEN failed_logins + 1 >= %(most)s THEN 0 ELSE failed_logins + 1 END,"
        " locked_until = CASE WHEN failed_logins + 1 >= %(most)s THEN clock_timestamp() + %(lock)s"
        " ELSE locked_until END"
        " WHERE id = %(person)s RETURNING CASE WHEN locked_until > clock_timestamp() THEN locked_until END",
        {"most": WRONG_LOGINS, "lock": LOCKED_FOR, "person": person},
    )
    row = await cursor.fetchone()
    return LoginRefused(row[0] if row else None)


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
