"""What strangers try, per address and hour; kept of an address is only a keyed hash that changes each day."""

from datetime import UTC, datetime, timedelta

from store.contacts import Contacts
from store.pool import Pool

WITHIN = timedelta(hours=1)
FORGET = "DELETE FROM attempts WHERE at < clock_timestamp() - %s"
COUNT = "SELECT count(*) FROM attempts WHERE what = %s AND sender = %s AND at > clock_timestamp() - %s"


def sender_of(contacts: Contacts, address: str) -> bytes:
    """Who it is for today's counting; says nothing of the address to who lacks the contact key."""
    return contacts.index(f"{datetime.now(UTC):%Y-%m-%d}/{address}")[:16]


async def tried(connections: Pool, what: str, sender: bytes) -> int:
    """How often this sender did it within the hour before."""
    async with connections.connection() as connection:
        found = await (await connection.execute(COUNT, (what, sender, WITHIN))).fetchone()
    return int(found[0]) if found else 0


async def note(connections: Pool, what: str, sender: bytes) -> None:
    """Count one more, and forget those that no longer count."""
    async with connections.connection() as connection, connection.transaction():
        await connection.execute("INSERT INTO attempts (what, sender) VALUES (%s, %s)", (what, sender))
        await connection.execute(FORGET, (WITHIN,))
