"""The shipped calendars, as versions in the table `calendars`."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from psycopg import AsyncConnection

from domain.calendars import Calendar
from rules.calendars import load_calendars
from settings.model import RULESETS
from store.calendars import NotNewer, import_calendar

BY = "linli"


def seed_calendars(owner_dsn: str, folder: Path = RULESETS) -> None:
    """Put what lies in `folder` in force, unless somebody imported a higher version. Idempotent.

    Raises RulesetInvalid before anything is written, VersionTaken where a shipped version was changed.
    """
    asyncio.run(_import(owner_dsn, load_calendars(folder)))


async def _import(owner_dsn: str, shipped: Sequence[Calendar]) -> None:
    async with await AsyncConnection.connect(owner_dsn, autocommit=True) as connection:
        for calendar in shipped:
            with suppress(NotNewer):
                await import_calendar(connection, calendar, BY)
