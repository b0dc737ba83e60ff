"""Signals as they were stored: also those that perception has not read yet."""

import json
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from store.pool import Pool

# Read ones lie in `signals`; the others are the tail of the inbox behind each partition's position (OFFSET keeps the
# planner from walking the whole inbox by age instead).
LIST = """
SELECT * FROM (
    (SELECT id, received_at, body::text FROM signals
     WHERE (%(at)s::timestamptz IS NULL OR (received_at, id) < (%(at)s, %(id)s::uuid))
       AND (%(type)s::text IS NULL OR type = %(type)s)
       AND (%(device)s::text IS NULL OR device_id = %(device)s)
     ORDER BY received_at DESC, id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT i.id, i.received_at, i.body::text FROM partitions AS p
     CROSS JOIN LATERAL (
         SELECT * FROM inbox WHERE inbox.partition = p.id AND inbox.seq > p.position OFFSET 0) AS i
     WHERE (%(at)s::timestamptz IS NULL OR (i.received_at, i.id) < (%(at)s, %(id)s::uuid))
       AND (%(type)s::text IS NULL OR i.body->>'type' = %(type)s)
       AND (%(device)s::text IS NULL OR i.body->'source'->>'device_id' = %(device)s)
     ORDER BY i.received_at DESC, i.id DESC LIMIT %(limit)s)
) AS heard
ORDER BY received_at DESC, id DESC LIMIT %(limit)s
"""
SHOW = """
SELECT i.body::text, i.partition, i.seq, i.seq <= p.position FROM inbox AS i JOIN partitions AS p ON p.id = i.partition
WHERE i.id = %(id)s
UNION ALL
SELECT s.body::text, s.partition, s.seq, true FROM signals AS s
WHERE s.id = %(id)s AND NOT EXISTS (SELECT FROM inbox WHERE inbox.id = s.id)
"""

WHERE = """
SELECT received_at, id FROM inbox WHERE id = %(id)s UNION SELECT received_at, id FROM signals WHERE id = %(id)s
"""


class Place(NamedTuple):
    """Where a list goes on: behind this signal."""

    received_at: datetime
    id: UUID


def item(body: str) -> dict[str, Any]:
    """A signal for a list: its body with the source's parts beside it."""
    signal: dict[str, Any] = json.loads(body)
    source = signal.pop("source")
    place = signal.pop("location")["place_code"]
    return signal | {"adapter": source["adapter"], "device_id": source["device_id"], "place": place}


async def listing(
    connections: Pool,
    *,
    kind: str | None = None,
    device: str | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Newest first, behind `after`; `kind` is the signal's type."""
    at, signal_id = after or (None, None)
    values = {"type": kind, "device": device, "at": at, "id": signal_id, "limit": limit}
    async with connections.connection() as connection:
        found = await connection.execute(LIST, values)
        return [item(body) for _, _, body in await found.fetchall()]


async def show(connections: Pool, signal_id: UUID) -> dict[str, Any] | None:
    """A signal whole, with its place in the inbox and whether perception has read it."""
    async with connections.connection() as connection:
        row = await (await connection.execute(SHOW, {"id": signal_id})).fetchone()
    if row is None:
        return None
    body, partition, seq, is_read = row
    signal: dict[str, Any] = json.loads(body)
    return signal | {"partition": partition, "seq": seq, "read": is_read}


async def placed(connections: Pool, signal_id: UUID) -> Place | None:
    """Where a list goes on that ended with this signal."""
    async with connections.connection() as connection:
        row = await (await connection.execute(WHERE, {"id": signal_id})).fetchone()
    return Place(*row) if row else None
