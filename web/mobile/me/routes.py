"""我的: who is signed in, and the way out."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from web.render import page
from web.security import needs

router = APIRouter(include_in_schema=False)


@router.get("/m/me", dependencies=[needs("session")])
async def me(request: Request) -> Response:
    return page(request, "mobile/me/page.html")
