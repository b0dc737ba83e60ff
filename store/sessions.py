"""Sessions of people who signed in: a random token in their cookie, its hash here; revocable."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from psycopg.rows import dict_row

from domain.people import Role
from store.people import Person
from store.pool import Pool

LASTS = timedelta(hours=12)
TOKEN_BYTES = 32
_FIND = """
    SELECT people.id, people.name, people.display_name, people.roles, people.areas, people.unit,
           units.label AS unit_label, sessions.csrf, sessions.expires_at
    FROM sessions
    JOIN people ON people.id = sessions.person_id AND people.active
    LEFT JOIN units ON units.id = people.unit
    WHERE sessions.token_hash = %s AND sessions.revoked_at IS NULL AND sessions.expires_at > clock_timestamp()
"""


@dataclass(frozen=True)
class Session:
    person: Person
    csrf: str
    expires_at: datetime


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def begin(connections: Pool, person: UUID) -> str:
    """A new session's token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    async with connections.connection() as connection:
        await connection.execute(
            "INSERT INTO sessions (token_hash, person_id, csrf, expires_at)"
            " VALUES (%s, %s, %s, clock_timestamp() + %s)",
            (_digest(token), person, secrets.token_urlsafe(TOKEN_BYTES), LASTS),
        )
    return token


async def find(connections: Pool, token: str) -> Session | None:
    """The session, if it neither ended nor was revoked and its person still works here."""
    async with connections.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_FIND, (_digest(token),))
        row = await cursor.fetchone()
    if row is None:
        return None
    person = Person(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        roles=tuple(Role(role) for role in row["roles"]),
        areas=tuple(row["areas"]),
        unit=row["unit"],
        unit_label=row["unit_label"],
    )
    return Session(person=person, csrf=row["csrf"], expires_at=row["expires_at"])


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
