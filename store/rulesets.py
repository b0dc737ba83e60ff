"""The rulesets in force, and the names of places that their titles use."""

from zoneinfo import ZoneInfo

from rules.catalogue import load_catalogue
from rules.compiled import Compiled
from rules.load import CATALOGUE, from_texts
from settings.model import RULESETS
from store.pool import Connection

ACTIVE = "SELECT id, definition, template FROM rulesets WHERE stage = 'active' ORDER BY id"


async def active_rulesets(connection: Connection, zone: ZoneInfo) -> tuple[Compiled, ...]:
    catalogue = load_catalogue(RULESETS / CATALOGUE)
    found = await connection.execute(ACTIVE)
    return tuple(from_texts(name, text, template, catalogue, zone) for name, text, template in await found.fetchall())


async def place_names(connection: Connection) -> dict[str, str]:
    """What people call each place: 双阳二村 12 号 2 单元, from the community down."""
    found = await connection.execute("SELECT path, label FROM areas")
    return dict(await found.fetchall())
