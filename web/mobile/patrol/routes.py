"""巡查: where I am, what is open here, where I have been today."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.people import Role
from domain.places import Point
from store.patrol import check_in
from store.pool import viewed_by
from web.forms import id_from, storable
from web.mobile.patrol.queries import at_point, today, whereabouts_of
from web.problems import Problem
from web.public.report.form import Filled
from web.render import fragment, page
from web.security import Looking, needs, read_form
from web.services import services

router = APIRouter(prefix="/m/patrol", include_in_schema=False)
TEMPLATE = "mobile/patrol/page.html"
ON_PATROL = needs(Role.GRID_WORKER, Role.COMMITTEE)
FIELDS = ("place", "lat", "lon")
Latitude = Annotated[float, Query(ge=-90, le=90)]
Longitude = Annotated[float, Query(ge=-180, le=180)]


@router.get("", dependencies=[ON_PATROL])
async def patrol(request: Request, viewer: Looking, done: UUID | None = None) -> Response:
    checks, places = await today(request, viewer)
    context = {"checks": checks, "places": places, "done": done, "here": None}
    return page(request, TEMPLATE, context)


@router.get("/here", dependencies=[ON_PATROL])
async def here(request: Request, viewer: Looking, lat: Latitude, lon: Longitude) -> Response:
    """What the phone asks for when it knows its position."""
    found = await at_point(request, viewer, Point(lat=lat, lon=lon))
    return fragment(request, TEMPLATE, "here", {"here": found})


@router.post("", dependencies=[ON_PATROL])
async def been_here(request: Request, viewer: Looking) -> Response:
    """A check-in, by the code of the place or by the phone's position; the same form twice is one."""
    form = await read_form(request)
    check_id = id_from(form.get("check_id"), "check_id")
    texts = {name: value.strip() for name in FIELDS if isinstance(value := form.get(name), str)}
    storable(texts)
    place, label, yours, point = await whereabouts_of(request, viewer, Filled(texts))
    if not label:
        raise Problem(422, "place-nowhere", field="place")
    if not yours:
        raise Problem(422, "place-not-yours", field="place", place=label)
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        await check_in(connection, check_id, viewer.person.id, place, point)
    return RedirectResponse(f"/m/patrol?done={check_id}", 303)
