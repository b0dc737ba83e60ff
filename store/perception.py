"""What perception remembers, for those who ask why: it is written by perception alone."""

from collections.abc import Sequence
from typing import Any

from store.pool import Connection

REMEMBERED = "SELECT key, state FROM perception_state WHERE partition = %s AND key = ANY (%s)"


async def remembered(connection: Connection, partition: int, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The rows of a partition under `keys`, as far as there are any."""
    found = await connection.execute(REMEMBERED, (partition, list(keys)))
    return dict(await found.fetchall())
