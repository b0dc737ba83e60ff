"""The QR code on the wall: opens what this person has to do there, ready to arrive; on patrol, all that is open."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.people import CASE_ROLES, Role
from domain.places import contains
from store.organisation import place_label
from web.forms import storable
from web.mobile.patrol.queries import at_place
from web.mobile.todos.queries import my_todos
from web.problems import Problem
from web.render import page, with_query
from web.security import Looking, needs
from web.services import services

router = APIRouter(include_in_schema=False)


@router.get("/m/at", dependencies=[needs(*sorted(CASE_ROLES))])
async def at(request: Request, viewer: Looking, place: str) -> Response:
    """One case there: its page; several: which one; none: said. On patrol: the place, with what is open there."""
    storable(place, "place")
    patrols = viewer.has(Role.GRID_WORKER, Role.COMMITTEE)
    async with services(request).pool.connection() as connection:
        label = await place_label(connection, place)
    if label is None:
        raise Problem(404, "not-found")
    cards = [
        card
        for card in await my_todos(request, viewer)
        if contains(place, card.case.place) or contains(card.case.place, place)
    ]
    if len(cards) == 1 and not patrols:
        return RedirectResponse(with_query(f"/m/cases/{cards[0].case.id}", {"place": place}) + "#do-arrive", 303)
    here = await at_place(request, viewer, place) if patrols else None
    return page(request, "mobile/place/page.html", {"cards": cards, "place": place, "place_label": label, "here": here})
