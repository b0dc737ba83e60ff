"""What comes up most in an area: first among the choices of whoever reports something there."""

from collections.abc import Sequence
from typing import Any

from store.pool import Connection

FREQUENT = """
    SELECT c.category FROM cases c
    WHERE ({within}) AND c.received_at > now() - interval '90 days' AND c.category = ANY (%(among)s)
    GROUP BY c.category ORDER BY count(*) DESC, c.category LIMIT %(most)s"""


async def frequent(connection: Connection, areas: Sequence[str], among: Sequence[str], most: int) -> list[str]:
    """The categories of `among` that came up most in `areas` in 90 days, most frequent first."""
    found = await connection.execute(*frequency(areas, among, most))
    return [row[0] for row in await found.fetchall()]


def frequency(areas: Sequence[str], among: Sequence[str], most: int) -> tuple[bytes, dict[str, Any]]:
    """The statement and its parameters: each area a range of the index, which the areas as one array would not be."""
    named = {f"area_{place}": area for place, area in enumerate(areas)}
    within = " OR ".join(f"starts_with(c.place, %({name})s)" for name in named) or "false"
    return FREQUENT.format(within=within).encode(), {**named, "among": list(among), "most": most}
