"""The perception state of versions that run beside the active one: begun with a copy of its state, dropped after."""

from collections.abc import Iterable

from activities.perceive.writing import Lost
from rules.compiled import Compiled
from store.pool import Connection

FENCED = "SELECT FROM partitions WHERE id = %s AND epoch = %s FOR UPDATE"
DROP = """
    DELETE FROM perception_state
    WHERE partition = %(partition)s AND split_part(key, '/', 1) LIKE '%%@%%'
        AND NOT split_part(key, '/', 1) = ANY (%(running)s)"""
BEGIN = """
    INSERT INTO perception_state (partition, key, state, due_at)
    SELECT partition, %(beside)s || substring(key FROM length(%(id)s) + 1), state, due_at FROM perception_state
    WHERE partition = %(partition)s AND key ^@ (%(id)s || '/') AND NOT EXISTS (
        SELECT FROM perception_state WHERE partition = %(partition)s AND key ^@ (%(beside)s || '/'))"""


async def settle_beside(connection: Connection, partition: int, epoch: int, rulesets: Iterable[Compiled]) -> None:
    """What is going on when a version begins beside the active one is going on for it too, and counts on.

    Raises Lost where the fence has fallen.
    """
    beside = [compiled for compiled in rulesets if compiled.state_id != compiled.id]
    async with connection.transaction():
        fence = await connection.execute(FENCED, (partition, epoch))
        if fence.rowcount != 1:
            raise Lost
        running = [compiled.state_id for compiled in beside]
        await connection.execute(DROP, {"partition": partition, "running": running})
        for compiled in beside:
            await connection.execute(BEGIN, {"partition": partition, "id": compiled.id, "beside": compiled.state_id})
