"""What waits for one person."""

from starlette.requests import Request

from domain.places import Point
from store.case_pages import concerning
from store.organisation import positions
from store.pool import viewed_by
from web.casework import Card, card
from web.reader import reader_of
from web.security import Viewer
from web.services import services


async def located(request: Request, viewer: Viewer, cards: list[Card]) -> dict[str, Point]:
    """Where the cards' places are; how far that is, the phone works out for itself: its position stays on it."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        return await positions(connection, [card.case.place for card in cards])


async def my_todos(request: Request, viewer: Viewer) -> list[Card]:
    """Cases on which this person has the next step, by due date; one whose clocks stand by the day it goes on."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        rows = await concerning(connection, viewer.actor)
    now = reader_of(request).now
    return [one for one in (card(row, viewer.actor, now) for row in rows) if one.action]
