"""The relay: cases with news get a running workflow. It leases, `advance` deletes, so nothing is lost between."""

import asyncio
from contextlib import suppress
from uuid import UUID

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from temporalio.client import Client
from temporalio.service import RPCError

from activities.ensure import ensure
from store.failpoints import reached
from store.pool import Connection, Pool

LEASE_SECONDS = 15
AT_ONCE = 64  # ensures under way
POLL_SECONDS = 1.0  # the guarantee; the notification only makes it quick
LEASE = f"""
    UPDATE case_inbox SET leased_until = clock_timestamp() + interval '{LEASE_SECONDS} s'
    WHERE seq IN (SELECT seq FROM case_inbox WHERE leased_until < clock_timestamp()
                  ORDER BY leased_until, seq LIMIT 200 FOR UPDATE SKIP LOCKED)
    RETURNING case_id"""  # noqa: S608 - a constant
RELEASE = "UPDATE case_inbox SET leased_until = clock_timestamp() + interval '1 s' WHERE case_id = %s"
log = structlog.get_logger("relay")


class Relay:
    """Runs in the case worker's process, so that starts can be eager."""

    def __init__(self, connections: Pool, client: Client) -> None:
        self._pool = connections
        self._client = client
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._busy: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """For ever; survives the loss of either server."""
        while True:
            try:
                async with self._pool.connection() as listener:
                    await listener.execute("LISTEN linli_case_inbox")
                    while True:
                        await self._round(listener)
            except (OperationalError, PoolTimeout) as lost:
                log.warning("store lost", error=str(lost))
                await asyncio.sleep(POLL_SECONDS)

    async def _round(self, listener: Connection) -> None:
        cases = await self._lease()
        for case_id in cases:
            await self._slots.acquire()
            task = asyncio.create_task(self._ensure(case_id))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)
        if not cases:
            async for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass

    async def _lease(self) -> set[UUID]:
        async with self._pool.connection() as connection:
            leased = await connection.execute(LEASE)
            return {case_id for (case_id,) in await leased.fetchall()}

    async def _ensure(self, case_id: UUID) -> None:
        try:
            await ensure(self._client, case_id)
            reached("after-start")
        except (RPCError, RuntimeError) as lost:
            log.warning("temporal lost", case=str(case_id), error=str(lost))
            with suppress(OperationalError, PoolTimeout):  # the lease ends by itself then
                async with self._pool.connection() as connection:
                    await connection.execute(RELEASE, (case_id,))
        finally:
            self._slots.release()
