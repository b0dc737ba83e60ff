"""What could not be read: looked at, mended outside, and read again."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.rows import class_row

from domain.intake import Taken, Unreadable
from domain.signals import Signal
from store.intake import StoreIntake
from store.pool import Pool
from store.quarantine_rows import FOR_GOOD, storable

COLUMNS = "id, at, adapter, channel, reason, field, detail, mapping, sha256, raw, replayed_at"
LIST = f"""
SELECT {COLUMNS} FROM quarantine
WHERE (%(at)s::timestamptz IS NULL OR (at, id) < (%(at)s, %(after)s::uuid))
  AND (NOT %(waiting)s OR replayed_at IS NULL)
ORDER BY at DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608 - a constant of ours
WAITING = "SELECT id FROM quarantine WHERE replayed_at IS NULL AND NOT reason = ANY(%s) ORDER BY at, id"
REPLAYED = "UPDATE quarantine SET replayed_at = clock_timestamp() WHERE id = %s"
STILL = "UPDATE quarantine SET reason = %s, field = %s, detail = %s, mapping = %s WHERE id = %s"

# (adapter, channel, raw, received_at) -> (signals, unreadable); `adapters.mapping.read`
Read = Callable[[str, str, bytes, datetime], tuple[Sequence[Signal], Sequence[Unreadable]]]


class Quarantined(NamedTuple):
    """One message that could not be read, as it came."""

    id: UUID
    at: datetime
    adapter: str
    channel: str
    reason: str
    field: str | None
    detail: str
    mapping: str | None
    sha256: bytes
    raw: bytes
    replayed_at: datetime | None

    def as_item(self) -> dict[str, Any]:
        """For lists outside: without the bytes."""
        item = self._asdict() | {"sha256": self.sha256.hex(), "size": len(self.raw)}
        del item["raw"]
        return item


class ReplayResult(NamedTuple):
    """What became of a message that was read again; `reason` says why it still cannot be read."""

    id: UUID
    stored: int = 0
    duplicates: int = 0
    reason: str | None = None
    field: str | None = None
    detail: str = ""
    mapping: str | None = None

    @property
    def ok(self) -> bool:
        return self.reason is None


async def listing(
    connections: Pool, *, after: UUID | None = None, limit: int = 50, waiting: bool = False
) -> list[Quarantined]:
    """Newest first, behind the row `after`; `waiting`: only what was not replayed."""
    behind = await find(connections, after) if after is not None else None
    if after is not None and behind is None:
        return []
    values = {"at": behind and behind.at, "after": after, "limit": limit, "waiting": waiting}
    async with connections.connection() as connection, connection.cursor(row_factory=class_row(Quarantined)) as cursor:
        await cursor.execute(LIST, values)
        return await cursor.fetchall()


async def find(connections: Pool, quarantine_id: UUID) -> Quarantined | None:
    query = f"SELECT {COLUMNS} FROM quarantine WHERE id = %s"  # noqa: S608 - a constant of ours
    async with connections.connection() as connection, connection.cursor(row_factory=class_row(Quarantined)) as cursor:
        await cursor.execute(query, (quarantine_id,))
        return await cursor.fetchone()


async def replay(connections: Pool, quarantine_id: UUID, read: Read) -> ReplayResult | None:
    """Read a message again with the mapping now in force; None where there is no such row.

    Idempotent: what it says is stored once, however often it is replayed. Raises IntakeUnavailable.
    """
    row = await find(connections, quarantine_id)
    if row is None:
        return None
    if row.reason in FOR_GOOD:
        return ReplayResult(row.id, reason=row.reason, field=row.field, detail=row.detail, mapping=row.mapping)
    signals, unreadable = read(row.adapter, row.channel, row.raw, row.at)
    taken = await StoreIntake(connections).take(signals) if signals else Taken()
    async with connections.connection() as connection:
        if not unreadable:
            await connection.execute(REPLAYED, (row.id,))
            return ReplayResult(row.id, taken.stored, taken.duplicates)
        still = unreadable[0]
        detail = storable(still.detail)
        field = still.field and storable(still.field)
        await connection.execute(STILL, (still.reason, field, detail, still.mapping, row.id))
        return ReplayResult(row.id, taken.stored, taken.duplicates, still.reason, field, detail, still.mapping)


async def replay_all(connections: Pool, read: Read) -> list[ReplayResult]:
    """Every message that waits, in the order in which they came."""
    async with connections.connection() as connection:
        found = await connection.execute(WAITING, (list(FOR_GOOD),))
        waiting = [row[0] for row in await found.fetchall()]
    results = [await replay(connections, one, read) for one in waiting]
    return [result for result in results if result is not None]
