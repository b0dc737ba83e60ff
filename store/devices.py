"""Devices: the registered ones, and those that were heard before anybody knew them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg.rows import class_row

from store.anchoring import record
from store.pool import Pool

EVERYWHERE = ("/",)
LIST = """
SELECT d.device_id, d.adapter, d.kind, d.label, d.place, d.registered, d.first_seen_at, a.label AS place_label
FROM devices AS d LEFT JOIN areas AS a ON a.path = d.place
WHERE (%(adapter)s::text IS NULL OR (d.adapter, d.device_id) > (%(adapter)s, %(device)s))
  AND (NOT %(unregistered)s OR NOT d.registered)
  AND (%(place)s::text IS NULL OR d.place ^@ %(place)s)
  AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
ORDER BY d.adapter, d.device_id LIMIT %(limit)s
"""
ADOPT = """
UPDATE devices SET place = %s, registered = true, kind = coalesce(%s, kind), label = coalesce(%s, label)
WHERE adapter = %s AND device_id = %s AND (place IS NULL OR place ^@ ANY (%s))
"""


class NoSuchDevice(LookupError):
    """No signal of this device ever came, or it hangs where somebody else looks after it."""


class NoSuchPlace(LookupError):
    """The area is not on our map."""


class Device(NamedTuple):
    device_id: str
    adapter: str
    kind: str
    label: str
    place: str | None
    registered: bool
    first_seen_at: Any
    place_label: str | None


async def listing(
    connections: Pool,
    *,
    unregistered: bool = False,
    place: str | None = None,
    kind: str | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> list[Device]:
    """By adapter and id, behind the device `after` (adapter, device id); `place` is a prefix."""
    adapter, device = after or (None, None)
    values = {"adapter": adapter, "device": device, "unregistered": unregistered, "place": place, "kind": kind}
    async with connections.connection() as connection, connection.cursor(row_factory=class_row(Device)) as cursor:
        await cursor.execute(LIST, values | {"limit": limit})
        return await cursor.fetchall()


async def adopt(
    connections: Pool,
    adapter: str,
    device_id: str,
    place: str,
    by: str,
    *,
    areas: Sequence[str] = EVERYWHERE,
    kind: str | None = None,
    label: str | None = None,
) -> None:
    """Register a device at a place; its signals from now on count there. Raises NoSuchDevice, NoSuchPlace.

    `areas`: only a device that hangs nowhere yet, or in one of these, may be given another place.
    """
    async with connections.connection() as connection, connection.transaction():
        found = await connection.execute("SELECT FROM areas WHERE path = %s AND level > 0", (place,))
        known = await found.fetchone()
        if known is None:
            raise NoSuchPlace(place)
        done = await connection.execute(ADOPT, (place, kind, label, adapter, device_id, list(areas)))
        if done.rowcount == 0:
            raise NoSuchDevice(f"{adapter}/{device_id}")
        await record(connection, by, "device.adopt", f"{adapter}/{device_id}", {"place": place})
