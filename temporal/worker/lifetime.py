"""What every worker's life has in common: it waits for the server, says that it is ready, and ends when told."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from settings import Settings, mark_ready
from temporal.client import connect

CONNECT_PATIENCE_SECONDS = 0.5
HEARTBEAT_SECONDS = 1.0


async def connected(settings: Settings) -> Client:
    """A connection to Temporal, however long it takes to come up."""
    while True:
        try:
            return await connect(settings)
        except RuntimeError:
            await asyncio.sleep(CONNECT_PATIENCE_SECONDS)


async def until_told(settings: Settings, name: str, worker: Worker, beside: Sequence[Awaitable[None]]) -> None:
    """Work, with `beside` running alongside, until SIGTERM or SIGINT; raises what ended one of `beside`."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with worker:
        mark_ready(settings, name)
        tasks = [asyncio.ensure_future(each) for each in beside]
        ended = asyncio.create_task(told.wait())
        await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
        failed = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        ended.cancel()
        for task in failed:
            task.result()


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """As long as this is open, Temporal hears that the activity lives."""
    beating = asyncio.create_task(_beat())
    try:
        yield
    finally:
        beating.cancel()


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(HEARTBEAT_SECONDS)
