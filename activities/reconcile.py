"""The reconciler: each minute, open cases that nobody looks after get their workflow back."""

import asyncio
from uuid import UUID

import structlog
from temporalio.client import Client

from activities.ensure import ensure, has_workflow
from activities.lasting import Failures
from store.anchoring import anchor
from store.pool import Pool

EVERY_SECONDS = 60
FORGOTTEN = """
    SELECT id FROM cases WHERE closed_at IS NULL AND next_due < clock_timestamp() - interval '30 s'
    UNION
    SELECT id FROM cases WHERE version = 0 AND received_at < clock_timestamp() - interval '30 s'
    LIMIT 500"""
OPEN = "SELECT id FROM cases WHERE closed_at IS NULL AND id > %s ORDER BY id LIMIT 500"
log = structlog.get_logger("reconciler")


async def reconcile_for_ever(connections: Pool, client: Client) -> None:
    """Each minute: workflows for forgotten cases, an anchor for the record's heads, next months' partitions."""
    failures = Failures(log)
    while True:
        with failures.outlived("forgotten cases are not looked for"):
            for case_id in await _cases(connections, FORGOTTEN):
                with failures.passed_over("a case gets no workflow", case=str(case_id)):
                    await ensure(client, case_id)
        with failures.outlived("the record is not anchored"):
            await anchor(connections)
        with failures.outlived("the next months have no partitions"):
            await _ensure_months(connections)
        await asyncio.sleep(EVERY_SECONDS)


async def _ensure_months(connections: Pool) -> None:
    """The partitions of `signals` are there before their month begins."""
    async with connections.connection() as connection:
        await connection.execute("SELECT linli_ensure_months(2)")


async def rebuild(connections: Pool, client: Client) -> tuple[int, int]:
    """Give every open case its workflow: (restored, open). A second run restores none."""
    restored = seen = 0
    after = UUID(int=0)
    while batch := await _cases(connections, OPEN, after):
        for case_id in batch:
            seen += 1
            if not await has_workflow(client, case_id):
                restored += await ensure(client, case_id)
        after = batch[-1]
    return restored, seen


async def _cases(connections: Pool, statement: str, *given: object) -> list[UUID]:
    async with connections.connection() as connection:
        found = await connection.execute(statement.encode(), given or None)
        return [case_id for (case_id,) in await found.fetchall()]
