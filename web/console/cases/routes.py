"""案件: the list, its filters in the address."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from domain.cases import Stage
from domain.people import CASE_ROLES
from web import cursors
from web.console.cases.queries import listed, my_areas
from web.listing import Wanted
from web.render import fragment, is_htmx, page
from web.security import Looking, needs

router = APIRouter(include_in_schema=False)


@router.get("/console/cases", dependencies=[needs(*sorted(CASE_ROLES))])
async def cases(request: Request, viewer: Looking, wanted: Annotated[Wanted, Depends()]) -> Response:
    cards, following = await listed(request, viewer, wanted)
    context = {
        "cards": cards,
        "next": cursors.written(following),
        "wanted": wanted,
        "stages": [stage.value for stage in Stage],
        "areas": await my_areas(request, viewer),
    }
    if is_htmx(request):
        return fragment(request, "console/cases/page.html", "list", context)
    return page(request, "console/cases/page.html", context)
