"""A one-time link from an SMS: a page with one button, so that scanners of links do not use it up."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from store import links, messages, sessions
from web.problems import Problem
from web.render import page
from web.security import keep_session, needs, refuse_other_sites
from web.services import services

router = APIRouter(include_in_schema=False)


@router.get("/l/{token}", dependencies=[needs("public")])
async def show(request: Request, token: str) -> Response:
    """Changes nothing. Raises Problem 410 where the link is used up or too old."""
    async with services(request).reach.pool.connection() as connection:
        found = await links.look(connection, token)
    if found is None:
        raise Problem(410, "link-used")
    return page(request, "public/link/page.html", {"token": token})


@router.post("/l/{token}", dependencies=[needs("public")])
async def enter(request: Request, token: str) -> Response:
    """A session for that case alone; the link is used up. Raises Problem."""
    refuse_other_sites(request)
    served = services(request)
    async with served.reach.pool.connection() as connection, connection.transaction():
        link = await links.use(connection, token)
        if link is None:
            raise Problem(410, "link-used")
        await messages.opened(connection, link.person, case_id=link.case_id, message=link.message)
    session = await sessions.begin(served.pool, link.person, link.case_id)
    answer = RedirectResponse(f"/m/cases/{link.case_id}", 303)
    keep_session(answer, request, session)
    return answer
