"""The QR code on the wall, for everybody: who works here goes to their work there, a resident reports."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse

from domain.people import CASE_ROLES
from web.render import with_query
from web.security import Viewer, needs, session_of

router = APIRouter(include_in_schema=False)


@router.get("/at", dependencies=[needs("public")])
async def at(request: Request, place: str = "") -> RedirectResponse:
    session = session_of(request)
    works_here = session is not None and Viewer(session).has(*CASE_ROLES)
    return RedirectResponse(with_query("/m/at" if works_here else "/report", {"place": place}), 303)
