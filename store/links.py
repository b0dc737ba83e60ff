"""Logins that a message leads to: one-time links, and the round through government WeChat's OAuth."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from psycopg.rows import class_row

from store.pool import Connection

LINK_LASTS = timedelta(hours=24)
STATE_LASTS = timedelta(minutes=10)
OFFER = """
    INSERT INTO one_time_links (token_hash, person, case_id, message, expires_at)
    VALUES (%s, %s, %s, %s, clock_timestamp() + %s) ON CONFLICT DO NOTHING"""
GOOD = "used_at IS NULL AND expires_at > clock_timestamp()"
LOOK = f"SELECT person, case_id, message FROM one_time_links WHERE token_hash = %s AND {GOOD}"  # noqa: S608 - constants
USE = f"""
    UPDATE one_time_links SET used_at = clock_timestamp() WHERE token_hash = %s AND {GOOD}
    RETURNING person, case_id, message"""  # noqa: S608 - constants
BEGIN = """
    WITH old AS (DELETE FROM login_states WHERE expires_at < clock_timestamp())
    INSERT INTO login_states (state_hash, browser_hash, case_id, message, expires_at)
    VALUES (%s, %s, %s, %s, clock_timestamp() + %s)"""
END = """
    DELETE FROM login_states WHERE state_hash = %s AND browser_hash = %s AND expires_at > clock_timestamp()
    RETURNING case_id, message"""


@dataclass(frozen=True)
class Link:
    """Whom a one-time link lets in, and to which case."""

    person: UUID
    case_id: UUID
    message: UUID | None


@dataclass(frozen=True)
class Goal:
    """Where a login is to lead."""

    case_id: UUID | None
    message: UUID | None


def digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


async def offer(connection: Connection, token: str, link: Link) -> None:
    """Let `token` in once within a day; offered again it is the same link."""
    await connection.execute(OFFER, (digest(token), link.person, link.case_id, link.message, LINK_LASTS))


async def look(connection: Connection, token: str) -> Link | None:
    """The link, if it is still good; it stays so."""
    return await _link(connection, LOOK, token)


async def use(connection: Connection, token: str) -> Link | None:
    """The link, if it was still good: from now on it is not."""
    return await _link(connection, USE, token)


async def _link(connection: Connection, statement: str, token: str) -> Link | None:
    async with connection.cursor(row_factory=class_row(Link)) as cursor:
        await cursor.execute(statement, (digest(token),))
        return await cursor.fetchone()


async def begin(connection: Connection, goal: Goal) -> tuple[str, str]:
    """A new round through OAuth: its state, and the secret that binds it to the browser."""
    state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    row = (digest(state), digest(browser), goal.case_id, goal.message, STATE_LASTS)
    await connection.execute(BEGIN, row)
    return state, browser


async def end(connection: Connection, state: str, browser: str) -> Goal | None:
    """Where the round was to lead; None: no such round, another browser's, too late, or ended before."""
    async with connection.cursor(row_factory=class_row(Goal)) as cursor:
        await cursor.execute(END, (digest(state), digest(browser)))
        return await cursor.fetchone()
