"""The catalogue, the list of duties and the working days as pages use them: looked up again while the web runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from activities.lasting import Failures
from domain.calendars import Calendar
from rules.catalogue import Category
from store import calendars
from store.catalogue import InForce, current, current_hashes, shipped
from store.pool import Connection, Pool
from web.i18n import SOURCE

LOOKED_UP_EVERY = 2.0  # seconds
log = structlog.get_logger("catalogue")


class _Held:
    """What this process last saw in force; the shipped tables until then."""

    def __init__(self) -> None:
        self.now: InForce | None = None
        self.working_days: Calendar | None = None


_held = _Held()


def in_force() -> InForce:
    if _held.now is None:
        _held.now = shipped()
    return _held.now


def working_days() -> Calendar | None:
    """What `days: working` means to rulesets; None: what is shipped."""
    return _held.working_days


async def look_up(connection: Connection) -> None:
    """See whether something else is in force, and hold it."""
    hashes = await current_hashes(connection)
    if _held.now is None or hashes != (_held.now.catalogue_hash, _held.now.duties_hash):
        _held.now = await current(connection)
    _held.working_days = await calendars.working_days(connection)


@asynccontextmanager
async def kept_current(connections: Pool) -> AsyncIterator[None]:
    """As long as this is open, pages show within seconds what somebody imported elsewhere."""
    looking = asyncio.create_task(_keep_looking(connections))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        _held.now = _held.working_days = None


async def _keep_looking(connections: Pool) -> None:
    """For ever; survives the loss of the store."""
    failures = Failures(log)
    while True:
        with failures.outlived("the catalogue is not looked up"):
            async with connections.connection() as connection:
                await look_up(connection)
        await asyncio.sleep(LOOKED_UP_EVERY)


def category_of(code: str) -> Category | None:
    """The category with its triple; None where the catalogue does not know it any more."""
    return in_force().catalogue.get(code)


def category_label(code: str, language: str) -> str:
    found = category_of(code)
    if found is None:
        return code
    return found.label_zh if language == SOURCE else found.label_en
