"""The notifier: a process that tells people; NOTIFY wakes it, a poll is the guarantee."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

import structlog

from activities.lasting import Failures
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
GATHER_SECONDS = 0.1  # what comes within this is told in one round: a round costs as much as three messages
log = structlog.get_logger(NAME)


def now_utc() -> datetime:
    return datetime.now(UTC)


class Notifier:
    """Tells what waits. `clock` gives the time, aware; several notifiers share the work."""

    def __init__(self, settings: Settings, connections: Pool, clock: Callable[[], datetime] = now_utc) -> None:
        contacts = Contacts(settings.contact_key)
        self._pool = connections
        self._clock = clock
        self._failures = Failures(log)
        self._channels = Channels(settings, contacts)
        wecom = account_of(settings) is not None
        self._post = Post(settings.public_url.rstrip("/"), settings.zone, contacts, wecom=wecom)
        self._told: set[tuple[Bundle, date]] = set()
        self._unread_after = UNREAD_AFTER / settings.clock_rate

    async def round(self) -> int:
        """Everything that is due at this moment, once; how much it was. What one part fails at, the others do."""
        now, done = self._clock(), 0
        parts: tuple[tuple[str, Callable[[], Awaitable[int]]], ...] = (
            ("address", lambda: address(self._pool, self._post, now)),
            ("daily", lambda: tell_daily(self._pool, self._post, now, self._told)),
            ("held", lambda: tell_held(self._pool, self._post, now)),
            ("authors", lambda: tell_authors(self._pool, self._post, now)),
            ("louder", lambda: louder_where_unread(self._pool, self._unread_after, now)),
            ("send", lambda: send_due(self._pool, self._post, self._channels, now)),
        )
        for name, part in parts:
            with self._failures.passed_over("people are not told", part=name):
                done += await part()
        return done

    async def run(self) -> None:
        """For ever; survives the loss of the store."""
        while True:
            with self._failures.outlived("nobody is told"):
                async with self._pool.connection() as listener:
                    await listener.execute("LISTEN linli_outbox")
                    while True:
                        await self._round_or_wait(listener)
            await asyncio.sleep(POLL_SECONDS)

    async def _round_or_wait(self, listener: Connection) -> None:
        if not await self.round():
            async for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass
        await asyncio.sleep(GATHER_SECONDS)


async def run_notifier(settings: Settings) -> None:
    """Until the process ends; whatever it was about to send is sent by the next one."""
    async with pool(settings.database_url, most=4) as connections:
        mark_ready(settings, NAME)
        await Notifier(settings, connections).run()
