"""The notifier: a process that tells people; NOTIFY wakes it, a poll is the guarantee."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from activities.tell.addressing import Post, address
from activities.tell.authors import tell_authors
from activities.tell.bundles import tell_daily, tell_held
from activities.tell.channels import Channels, account_of
from activities.tell.manners import UNREAD_AFTER, Bundle
from activities.tell.sending import louder_where_unread, send_due
from settings import Settings, mark_ready
from store.contacts import Contacts
from store.pool import Connection, Pool, pool

NAME = "notifier"
POLL_SECONDS = 1.0  # the guarantee; the notification only makes it quick
log = structlog.get_logger(NAME)


def now_utc() -> datetime:
    return datetime.now(UTC)


class Notifier:
    """Tells what waits. `clock` gives the time, aware; several notifiers share the work."""

    def __init__(self, settings: Settings, connections: Pool, clock: Callable[[], datetime] = now_utc) -> None:
        contacts = Contacts(settings.contact_key)
        self._pool = connections
        self._clock = clock
        self._channels = Channels(settings, contacts)
        wecom = account_of(settings) is not None
        self._post = Post(settings.public_url.rstrip("/"), settings.zone, contacts, wecom=wecom)
        self._told: set[tuple[Bundle, date]] = set()
        self._unread_after = UNREAD_AFTER / settings.clock_rate

    async def round(self) -> int:
        """Everything that is due at this moment, once; how much it was."""
        now = self._clock()
        done = await address(self._pool, self._post, now)
        done += await tell_daily(self._pool, self._post, now, self._told)
        done += await tell_held(self._pool, self._post, now)
        done += await tell_authors(self._pool, self._post, now)
        done += await louder_where_unread(self._pool, self._unread_after, now)
        return done + await send_due(self._pool, self._post, self._channels, now)

    async def run(self) -> None:
        """For ever; survives the loss of the store."""
        while True:
            try:
                async with self._pool.connection() as listener:
                    await listener.execute("LISTEN linli_outbox")
                    while True:
                        await self._round_or_wait(listener)
            except (OperationalError, PoolTimeout) as lost:
                log.warning("store lost", error=str(lost))
                await asyncio.sleep(POLL_SECONDS)

    async def _round_or_wait(self, listener: Connection) -> None:
        if await self.round():
            return
        async for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
            pass


async def run_notifier(settings: Settings) -> None:
    """Until the process ends; whatever it was about to send is sent by the next one."""
    async with pool(settings.database_url, most=4) as connections:
        mark_ready(settings, NAME)
        await Notifier(settings, connections).run()
