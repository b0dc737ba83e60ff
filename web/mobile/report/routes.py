"""上报: what a grid worker or a committee finds on patrol, settled on the spot or left to the desk."""

from typing import Annotated
from uuid import UUID

import psycopg
from fastapi import APIRouter, Query
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from activities.giving import StillWorking, StoreUnavailable, TemporalUnavailable
from domain.people import Role
from domain.places import Point
from store.ids import new_id
from store.pool import viewed_by
from web.forms import storable
from web.handlers import wants_json
from web.mobile.report.bringing import bring_in
from web.mobile.report.form import filled, found_by, shots_in
from web.mobile.report.queries import around, case_of, where
from web.problems import Problem
from web.public.report.form import Filled
from web.render import fragment, page
from web.security import Looking, Viewer, needs, read_form
from web.services import services

router = APIRouter(prefix="/m/report", include_in_schema=False)
TEMPLATE = "mobile/report/page.html"
ON_PATROL = needs(Role.GRID_WORKER, Role.COMMITTEE)
KEPT_ALL_THE_SAME = (503, 202)  # the same form may be sent again, under the same id
Latitude = Annotated[float, Query(ge=-90, le=90)]
Longitude = Annotated[float, Query(ge=-180, le=180)]


@router.get("", dependencies=[ON_PATROL])
async def form(request: Request, viewer: Looking, place: str = "", done: UUID | None = None) -> Response:
    """The form; `place` comes from the QR code on the wall, `done` is the case that the last form has become."""
    storable(place, "place")
    return await _shown(request, viewer, Filled({"place": place}), done=done)


@router.get("/where", dependencies=[ON_PATROL])
async def name_of(request: Request, viewer: Looking, lat: Latitude, lon: Longitude) -> Response:
    """What the phone's position is called, for whoever stands there."""
    found = await where(request, viewer, Point(lat=lat, lon=lon))
    return fragment(request, TEMPLATE, "where", {"where": found})


@router.post("", dependencies=[ON_PATROL])
async def report(request: Request, viewer: Looking) -> Response:
    """The next form, with what became of this one; or this one with what is wrong beside its field."""
    sent = filled(await read_form(request))
    try:
        case_id = await _taken(request, viewer, sent)
    except Problem as problem:
        refused = problem
    except TemporalUnavailable:
        refused = Problem(503, "temporal-unavailable")
    except StillWorking:
        refused = Problem(202, "still-working")
    except (StoreUnavailable, psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout):
        refused = Problem(503, "store-unavailable")
    else:
        return RedirectResponse(f"/m/report?done={case_id}", 303)
    if wants_json(request):
        raise refused
    return await _shown(request, viewer, sent, refused=refused)


async def _taken(request: Request, viewer: Viewer, sent: Filled) -> UUID:
    served = services(request)
    photos = await shots_in(sent, await read_form(request))
    async with viewed_by(served.pool, viewer.sight) as connection:
        found = await found_by(connection, viewer, sent, photos)
    await bring_in(served, viewer, found)
    return found.case_id


async def _shown(
    request: Request, viewer: Viewer, sent: Filled, *, refused: Problem | None = None, done: UUID | None = None
) -> Response:
    again = refused is not None and refused.status in KEPT_ALL_THE_SAME
    context = {
        "around": await around(request, viewer, sent.get("place")),
        "values": {**sent.values, "case_id": sent.get("case_id") if again else str(new_id())},
        "refused": refused,
        "done": done,
        "case": await case_of(request, viewer, done) if done else None,
        "where": None,
    }
    return page(request, TEMPLATE, context, status=refused.status if refused else 200)
