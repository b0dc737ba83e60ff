"""我的待办: what waits for this person, by due date."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from domain.people import CASE_ROLES
from web.mobile.todos.queries import located, my_todos
from web.render import fragment, is_htmx, page
from web.security import Looking, needs

router = APIRouter(include_in_schema=False)


@router.get("/m", dependencies=[needs(*sorted(CASE_ROLES))])
async def todos(request: Request, viewer: Looking) -> Response:
    cards = await my_todos(request, viewer)
    context = {"cards": cards, "points": await located(request, viewer, cards)}
    if is_htmx(request):
        return fragment(request, "mobile/todos/page.html", "list", context)
    return page(request, "mobile/todos/page.html", context)
