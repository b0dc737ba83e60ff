"""What must be true of an installation at rest, whatever was killed (DESIGN §11)."""

from datetime import timedelta
from uuid import UUID

from temporalio.client import Client

from activities.ensure import has_workflow
from store.pool import Connection, Pool
from store.quarantine_rows import NOT_JUDGED
from store.rulesets import contradictions
from store.verifying import Fault, verify

STALE = timedelta(seconds=30)
STALE_NEWS = "SELECT DISTINCT case_id FROM case_inbox WHERE at < clock_timestamp() - %s"
TWICE = "SELECT dedupe_key FROM cases WHERE closed_at IS NULL GROUP BY dedupe_key HAVING count(*) > 1"
OPEN = "SELECT id FROM cases WHERE closed_at IS NULL"
AHEAD = "SELECT p.id FROM partitions p JOIN partition_seq s USING (id) WHERE p.position > s.last"
NEVER_SEEN = f"""
    SELECT i.id FROM inbox i JOIN partitions p ON p.id = i.partition
    WHERE i.seq <= p.position AND NOT EXISTS (SELECT FROM signals s WHERE s.id = i.id AND s.received_at = i.received_at)
      AND NOT EXISTS (SELECT FROM quarantine q WHERE q.reason = '{NOT_JUDGED}' AND strpos(q.detail, i.id::text) > 0)
    LIMIT 100"""  # noqa: S608 - a constant


async def check(connections: Pool, client: Client) -> list[Fault]:
    """Every contradiction found; an empty list where all is well. Raises RPCError while Temporal is down."""
    async with connections.connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = '10min'")
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        faults = (await verify(connection)).faults
        for (case_id,) in await _rows(connection, STALE_NEWS, STALE):
            faults.append(Fault("stale-news", case_id, None, f"waits for longer than {STALE.seconds} s"))
        for (key,) in await _rows(connection, TWICE):
            faults.append(Fault("open-twice", None, None, str(key)))
        for (partition,) in await _rows(connection, AHEAD):
            faults.append(Fault("position-ahead", None, None, f"partition {partition}"))
        for (signal,) in await _rows(connection, NEVER_SEEN):
            faults.append(Fault("signal-lost", None, None, str(signal)))
        for told in await contradictions(connection):
            faults.append(Fault("stage-contradicts-steps", None, None, told))
        opened = [case_id for (case_id,) in await _rows(connection, OPEN)]
    for case_id in opened:
        if not await has_workflow(client, case_id):
            faults.append(Fault("no-workflow", case_id, None, "open, and nobody drives it"))
    return faults


async def _rows(connection: Connection, statement: str, *given: object) -> list[tuple[UUID]]:
    found = await connection.execute(statement.encode(), given or None)
    rows: list[tuple[UUID]] = await found.fetchall()
    return rows
