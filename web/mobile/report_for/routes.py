"""代报: a committee or grid worker reports for somebody who asked them to, at the door or on the telephone."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from domain.people import Role
from web.forms import storable
from web.public.report.form import Filled
from web.public.report.serving import show, take
from web.security import Looking, needs

router = APIRouter(include_in_schema=False)
PATH = "/m/report-for"
HELPERS = needs(Role.COMMITTEE, Role.GRID_WORKER, Role.ACCEPTOR)


@router.get(PATH, dependencies=[HELPERS])
async def form(request: Request, viewer: Looking, place: str = "") -> Response:
    storable(place, "place")
    return await show(request, Filled({"place": place}), action=PATH, viewer=viewer)


@router.post(PATH, dependencies=[HELPERS])
async def report(request: Request, viewer: Looking) -> Response:
    return await take(request, action=PATH, viewer=viewer)
