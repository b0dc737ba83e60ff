"""A page of cases as cards, and the areas they can be narrowed to."""

from starlette.requests import Request

from domain.places import Level
from store.case_pages import list_cases
from store.organisation import Place, places_within
from store.pool import viewed_by
from web import cursors
from web.casework import Card, card
from web.listing import Wanted
from web.reader import reader_of
from web.security import Viewer
from web.services import services


async def listed(request: Request, viewer: Viewer, wanted: Wanted) -> tuple[list[Card], cursors.Key | None]:
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        found = await list_cases(connection, wanted.filter(viewer), cursors.read(wanted.cursor))
    now = reader_of(request).now
    return [card(row, viewer.actor, now) for row in found.rows], found.next


async def my_areas(request: Request, viewer: Viewer) -> list[Place]:
    """Committees and communities within the viewer's areas."""
    async with services(request).pool.connection() as connection:
        places = await places_within(connection, viewer.sight)
    return [place for place in places if place.level in (Level.COMMITTEE, Level.COMMUNITY)]
