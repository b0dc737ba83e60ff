"""位置二维码: sheets to print and hang on the wall; a code leads residents to the report form, staff to their work."""

import io

import qrcode
from fastapi import APIRouter
from qrcode.image.svg import SvgPathImage
from starlette.requests import Request
from starlette.responses import Response

from domain.people import Role
from domain.places import Level, within_any
from store.organisation import place_label, places_within
from web.problems import Problem
from web.render import page, with_query
from web.security import Looking, needs
from web.services import services

router = APIRouter(include_in_schema=False)
MANAGERS = needs(Role.DEVICE_MANAGER, Role.SYSTEM_ADMIN, Role.COMMITTEE)
MOST = 200


@router.get("/console/places/qr", dependencies=[MANAGERS])
async def sheet(request: Request, viewer: Looking, place: str = "") -> Response:
    """The codes of a place and of the buildings' units within it; without one, the places to choose from."""
    if place and not within_any(place, viewer.actor.areas):
        raise Problem(404, "not-found")
    async with services(request).pool.connection() as connection:
        title = await place_label(connection, place) if place else None
        if place and title is None:
            raise Problem(404, "not-found")
        found = await places_within(connection, (place,) if place else viewer.actor.areas)
    if place:
        shown = [one for one in found if one.level >= Level.UNIT or one.path == place][:MOST]
    else:
        shown = [one for one in found if one.level in (Level.COMMUNITY, Level.BUILDING)]
    return page(request, "console/places/page.html", {"places": shown, "place": place, "place_label": title})


@router.get("/console/places/qr.svg", dependencies=[MANAGERS])
async def code(request: Request, viewer: Looking, place: str) -> Response:
    if not within_any(place, viewer.actor.areas):
        raise Problem(404, "not-found")
    async with services(request).pool.connection() as connection:
        if place not in {one.path for one in await places_within(connection, (place,))}:
            raise Problem(404, "not-found")
    address = with_query(services(request).settings.public_url.rstrip("/") + "/at", {"place": place})
    drawn = qrcode.make(address, image_factory=SvgPathImage, box_size=12, border=2)
    out = io.BytesIO()
    drawn.save(out)
    return Response(out.getvalue(), media_type="image/svg+xml")
