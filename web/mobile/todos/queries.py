"""What waits for one person."""

from starlette.requests import Request

from store.case_pages import concerning
from store.pool import viewed_by
from web.casework import Card, card
from web.reader import reader_of
from web.security import Viewer
from web.services import services


async def my_todos(request: Request, viewer: Viewer) -> list[Card]:
    """Cases on which this person has the next step, by due date."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        rows = await concerning(connection, viewer.actor)
    now = reader_of(request).now
    cards = [card(row, viewer.actor, now) for row in rows]
    waiting = [one for one in cards if one.action]
    return sorted(waiting, key=lambda one: (one.due or one.row.received_at, str(one.case.id)))
