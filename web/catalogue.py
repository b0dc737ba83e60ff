"""The catalogue and the list of duties as pages show them: what is in force, looked up again while the web runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from rules.catalogue import Category
from store.catalogue import InForce, current, current_hashes, shipped
from store.pool import Connection, Pool
from web.i18n import SOURCE

LOOKED_UP_EVERY = 2.0  # seconds
log = structlog.get_logger("catalogue")


class _Held:
    """What this process last saw in force; the shipped tables until then."""

    def __init__(self) -> None:
        self.now: InForce | None = None


_held = _Held()


def in_force() -> InForce:
    if _held.now is None:
        _held.now = shipped()
    return _held.now


async def look_up(connection: Connection) -> None:
    """See whether something else is in force, and hold it."""
    hashes = await current_hashes(connection)
    if _held.now is None or hashes != (_held.now.catalogue_hash, _held.now.duties_hash):
        _held.now = await current(connection)


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
        _held.now = None


async def _keep_looking(connections: Pool) -> None:
    """For ever; survives the loss of the store."""
    while True:
        try:
            async with connections.connection() as connection:
                await look_up(connection)
        except (OperationalError, PoolTimeout) as error:
            log.warning("the catalogue is not looked up", error=str(error))
        await asyncio.sleep(LOOKED_UP_EVERY)


def category_of(code: str) -> Category | None:
    """The category with its triple; None where the catalogue does not know it any more."""
    return in_force().catalogue.get(code)


def category_label(code: str, language: str) -> str:
    found = category_of(code)
    if found is None:
        return code
    return found.label_zh if language == SOURCE else found.label_en
