"""What is heard around, shared between partitions: one row for each kind of value and area, always the newest."""

import json
from collections.abc import Sequence

from rules.ambient import AmbientValue
from rules.views import micros, moment
from store.pool import Connection, columns

SHARE = """
    INSERT INTO ambient (signal_type, field, area, event_time, signal_id, value)
    SELECT t, f, a, e, s, v::json
    FROM unnest(%b::text[], %b::text[], %b::text[], %b::timestamptz[], %b::text[], %b::text[]) AS row (t, f, a, e, s, v)
    ON CONFLICT (signal_type, field, area) DO UPDATE
    SET event_time = excluded.event_time, signal_id = excluded.signal_id, value = excluded.value
    WHERE (ambient.event_time, ambient.signal_id) < (excluded.event_time, excluded.signal_id)"""
KNOWN = "SELECT signal_type, field, area, event_time, signal_id, value FROM ambient"


async def share(connection: Connection, values: Sequence[AmbientValue]) -> None:
    """Let the other partitions know; `values` in the order of their keys, each once. What is older changes nothing."""
    rows = [
        (value.signal_type, value.field, value.area, moment(value.at), value.signal_id, json.dumps(value.value))
        for value in values
    ]
    if rows:
        await connection.execute(SHARE, columns(rows))


async def known_around(connection: Connection) -> tuple[AmbientValue, ...]:
    """What any partition has heard."""
    found = await connection.execute(KNOWN)
    return tuple(
        AmbientValue(kind, field, area, micros(at), signal_id, value)
        for kind, field, area, at, signal_id, value in await found.fetchall()
    )
