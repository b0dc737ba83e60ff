"""Sessions of people who signed in: a random token in their cookie, its hash here; revocable."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from domain.people import Role
from store.people import Person
from store.pool import Pool

LASTS = timedelta(hours=12)
TOKEN_BYTES = 32
_FIND = """
    SELECT sessions.token_hash, people.id, people.name, people.display_name, people.roles, people.areas, people.unit,
           units.label AS unit_label, sessions.csrf, sessions.expires_at, sessions.case_id
    FROM sessions
    JOIN people ON people.id = sessions.person_id AND people.active
    LEFT JOIN units ON units.id = people.unit
    WHERE sessions.token_hash = ANY (%s) AND sessions.revoked_at IS NULL AND sessions.expires_at > clock_timestamp()
"""


@dataclass(frozen=True)
class Session:
    """`case_id`: it came by a one-time link, and is for this case and nothing else."""

    person: Person
    csrf: str
    expires_at: datetime
    case_id: UUID | None = None


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def begin(connections: Pool, person: UUID, case_id: UUID | None = None) -> str:
    """A new session's token; `case_id` limits it to one case."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    async with connections.connection() as connection:
        await connection.execute(
            "INSERT INTO sessions (token_hash, person_id, csrf, expires_at, case_id)"
            " VALUES (%s, %s, %s, clock_timestamp() + %s, %s)",
            (_digest(token), person, secrets.token_urlsafe(TOKEN_BYTES), LASTS, case_id),
        )
    return token


async def find(connections: Pool, token: str) -> Session | None:
    """The session, if it neither ended nor was revoked and its person still works here."""
    rows = await _rows(connections, [_digest(token)])
    if not rows:
        return None
    (row,) = rows
    return Session(_person(row), row["csrf"], row["expires_at"], row["case_id"])


async def holding(connections: Pool, tokens: Sequence[str]) -> dict[str, Person]:
    """Of these sessions, those that still hold, with their person as they are now."""
    by_digest = {_digest(token): token for token in tokens}
    return {by_digest[row["token_hash"]]: _person(row) for row in await _rows(connections, list(by_digest))}


async def _rows(connections: Pool, digests: list[bytes]) -> list[dict[str, Any]]:
    async with connections.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_FIND, (digests,))
        return await cursor.fetchall()


def _person(row: dict[str, Any]) -> Person:
    return Person(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        roles=tuple(Role(role) for role in row["roles"]),
        areas=tuple(row["areas"]),
        unit=row["unit"],
        unit_label=row["unit_label"],
    )


async def revoke(connections: Pool, token: str) -> None:
    async with connections.connection() as connection:
        await connection.execute(
            "UPDATE sessions SET revoked_at = clock_timestamp() WHERE token_hash = %s AND revoked_at IS NULL",
            (_digest(token),),
        )


async def revoke_all(connections: Pool, person: UUID) -> int:
    """End every session of a person; how many there were."""
    async with connections.connection() as connection:
        cursor = await connection.execute(
            "UPDATE sessions SET revoked_at = clock_timestamp()"
            " WHERE person_id = %s AND revoked_at IS NULL AND expires_at > clock_timestamp()",
            (person,),
        )
        return cursor.rowcount
