"""The stream that an open page listens to: which case changed, never what it says."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import Response

from domain.people import Role
from web.live.hub import Page, TooManyPages
from web.problems import Problem
from web.security import Looking, needs
from web.security.needs import COOKIE
from web.services import services

router = APIRouter(include_in_schema=False)


async def opened(request: Request, viewer: Looking) -> AsyncIterator[Page]:
    """A page of the hub for as long as the response lasts. Raises Problem 429."""
    hub = services(request).live
    try:
        page = hub.join(request.cookies[COOKIE], viewer.sight, of_author=viewer.has(Role.RULE_AUTHOR))
    except TooManyPages as many:
        raise Problem(429, "too-many-pages") from many
    try:
        yield page
    finally:
        hub.leave(page)


@router.get("/live", dependencies=[needs("session")])
async def live(page: Annotated[Page, Depends(opened)]) -> Response:
    """Events: `case`, `backtest` with its id; `all`: anything may have changed; `lost`: nothing is known; `beat`."""
    return EventSourceResponse(page.told(), headers={"X-Accel-Buffering": "no"})
