"""The relay: cases with news get a running workflow. It leases, `advance` deletes, so nothing is lost between."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from temporalio.client import Client
from temporalio.service import RPCError

from activities.ensure import TASK_TIMEOUT, ensure
from activities.lasting import Failures
from store.failpoints import reached
from store.pool import Connection, Pool

LEASE_SECONDS = 15
AT_ONCE = 16  # cases being started: more would wait for the store until Temporal's patience with their task is over
LEASE_AT_ONCE = 64  # rows: they all get their turn long before the lease ends
POLL_SECONDS = 1.0  # the guarantee; the notification only makes it quick
LEASE = f"""
    UPDATE case_inbox SET leased_until = clock_timestamp() + interval '{LEASE_SECONDS} s'
    WHERE seq IN (SELECT seq FROM case_inbox WHERE leased_until < clock_timestamp()
                  ORDER BY leased_until, seq LIMIT {LEASE_AT_ONCE} FOR UPDATE SKIP LOCKED)
    RETURNING case_id"""  # noqa: S608 - a constant
RELEASE = "UPDATE case_inbox SET leased_until = clock_timestamp() + interval '1 s' WHERE case_id = %s"
log = structlog.get_logger("relay")


class Relay:
    """Runs in the case worker's process, so that starts can be eager."""

    def __init__(self, connections: Pool, client: Client, patience: timedelta = TASK_TIMEOUT) -> None:
        """`patience`: how long a case that was started is waited for; by default as long as Temporal waits for it."""
        self._pool = connections
        self._client = client
        self._patience = patience.total_seconds()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._busy: set[asyncio.Task[None]] = set()
        self._turns: dict[UUID, asyncio.Event] = {}

    def advanced(self, case_id: UUID) -> None:
        """To be told when a case has had its turn in this process: the next one may be started."""
        if case_id in self._turns:
            self._turns[case_id].set()

    async def run(self) -> None:
        """For ever; survives the loss of either server."""
        failures = Failures(log)
        while True:
            with failures.outlived("cases with news are not looked for"):
                async with self._pool.connection() as listener:
                    await listener.execute("LISTEN linli_case_inbox")
                    while True:
                        await self._round(listener)
            await asyncio.sleep(POLL_SECONDS)

    async def _round(self, listener: Connection) -> None:
        leased = await self._lease()
        for case_id in dict.fromkeys(leased):
            await self._slots.acquire()
            task = asyncio.create_task(self._ensure(case_id))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)
        if len(leased) < LEASE_AT_ONCE:
            async for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass

    async def _lease(self) -> list[UUID]:
        """The cases of the leased rows, one for each row."""
        async with self._pool.connection() as connection:
            leased = await connection.execute(LEASE)
            return [case_id for (case_id,) in await leased.fetchall()]

    async def _ensure(self, case_id: UUID) -> None:
        mine = asyncio.Event()
        turn = self._turns.setdefault(case_id, mine)  # another's, where the same case is being started already
        try:
            started = await ensure(self._client, case_id)
            reached("after-start")
            if started:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._patience):
                        await turn.wait()
        except (RPCError, RuntimeError) as lost:
            log.warning("temporal lost", case=str(case_id), error=str(lost))
            with suppress(OperationalError, PoolTimeout):  # the lease ends by itself then
                async with self._pool.connection() as connection:
                    await connection.execute(RELEASE, (case_id,))
        finally:
            if turn is mine:
                del self._turns[case_id]
            self._slots.release()
