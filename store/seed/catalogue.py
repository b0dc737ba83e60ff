"""The shipped catalogue and list of duties, as the first versions of both."""

import asyncio
from pathlib import Path

from psycopg import AsyncConnection

from rules.catalogue import load_catalogue
from rules.category_codes import load_codes
from rules.duties import DUTIES, load_duties
from rules.load import CATALOGUE
from settings.model import RULESETS
from store.catalogue import put_shipped


def seed_catalogue(owner_dsn: str, folder: Path = RULESETS) -> None:
    """Make what lies in `folder` count, unless somebody imported another version. Idempotent.

    Raises RulesetInvalid before anything is written.
    """
    asyncio.run(_put(owner_dsn, folder))


async def _put(owner_dsn: str, folder: Path) -> None:
    catalogue = load_catalogue(folder / CATALOGUE)
    forms = load_codes((folder / CATALOGUE).with_suffix(".yaml"))
    duties = load_duties(folder / DUTIES, catalogue)
    async with await AsyncConnection.connect(owner_dsn, autocommit=True) as connection:
        await put_shipped(connection, catalogue, forms, duties)
