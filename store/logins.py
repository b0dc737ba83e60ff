"""How often a password may be tried (OWASP Authentication Cheat Sheet, with its device cookies).

Five wrong ones from one source lock the account for this source alone, so that nobody keeps somebody else out. Very
many from everywhere slow the account down for sources that it does not know, so that many addresses guess little.
What is counted lies among the attempts of strangers (store.attempts), and for names that nobody has too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from store.attempts import WITHIN
from store.pool import Connection

WRONG_HERE, COUNTED_FOR, LOCKED_FOR = 5, timedelta(minutes=15), timedelta(minutes=5)
WRONG_ANYWHERE, ONE_IN = 50, timedelta(minutes=1)  # within an hour; then one try in this time
HERE, ANYWHERE = "login", "login-anywhere"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('linli.login.' || %s, 0))"
TRIED = "SELECT count(*), max(at) FROM attempts WHERE what = %s AND sender = %s AND at > %s"
WRONG = "INSERT INTO attempts (what, sender, at) VALUES (%s, %s, %s)"
RIGHT = "DELETE FROM attempts WHERE what = %s AND sender = %s"
FORGET = "DELETE FROM attempts WHERE at < %s"


@dataclass(frozen=True)
class Source:
    """Where a password for one account is typed: `key` of the device, else of the address; `account` of the name.

    Both say nothing to who lacks the contact key: people type their password as the name. `known`: a device that
    somebody signed in to this account with before.
    """

    key: bytes
    account: bytes
    known: bool = False


@dataclass(frozen=True)
class Lock:
    """No password is tried until then. `everywhere`: on no device that the account does not know."""

    until: datetime
    everywhere: bool = False


async def one_at_a_time(connection: Connection, name: str) -> None:
    """Others who try this account wait until the transaction ends."""
    await connection.execute(ONE_AT_A_TIME, (name,))


async def lock_of(connection: Connection, source: Source, now: datetime) -> Lock | None:
    """What keeps this source from trying a password for its account now."""
    here = await _tried(connection, HERE, source.key, now - COUNTED_FOR)
    if here[0] >= WRONG_HERE and here[1] + LOCKED_FOR > now:
        return Lock(here[1] + LOCKED_FOR)
    anywhere = (0, now) if source.known else await _tried(connection, ANYWHERE, source.account, now - WITHIN)
    if anywhere[0] >= WRONG_ANYWHERE and anywhere[1] + ONE_IN > now:
        return Lock(anywhere[1] + ONE_IN, everywhere=True)
    return None


async def count_wrong(connection: Connection, source: Source, now: datetime) -> None:
    await connection.execute(WRONG, (HERE, source.key, now))
    if not source.known:
        await connection.execute(WRONG, (ANYWHERE, source.account, now))
    await connection.execute(FORGET, (now - WITHIN,))


async def forget_wrong(connection: Connection, source: Source) -> None:
    """The right password was typed here."""
    await connection.execute(RIGHT, (HERE, source.key))


async def _tried(connection: Connection, what: str, sender: bytes, since: datetime) -> tuple[int, datetime]:
    row = await (await connection.execute(TRIED, (what, sender, since))).fetchone()
    return (row[0], row[1] or since) if row else (0, since)
