"""The desk's first page: what this person may open."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from web.render import page
from web.security import needs

router = APIRouter(include_in_schema=False)


@router.get("/console", dependencies=[needs("session")])
async def home(request: Request) -> Response:
    return page(request, "console/home/page.html")
