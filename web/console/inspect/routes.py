"""核查: what was handled and waits for an inspector, with the photos before and after."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.people import Role
from web.console.inspect.queries import queue
from web.giving import answer_form
from web.handlers import beside, refusal
from web.render import fragment, is_htmx, page
from web.security import Looking, needs

router = APIRouter(include_in_schema=False)
INSPECTORS = needs(Role.INSPECTOR)
TEMPLATE = "console/inspect/page.html"


@router.get("/console/inspect", dependencies=[INSPECTORS])
async def show(request: Request, viewer: Looking) -> Response:
    items = await queue(request, viewer)
    context = {"items": items, "done": request.query_params.get("done"), "refused": None, "refused_case": None}
    if is_htmx(request):
        return fragment(request, TEMPLATE, "list", context)
    return page(request, TEMPLATE, context)


@router.post("/console/inspect/{case_id}/inspect", dependencies=[INSPECTORS])
async def inspect(request: Request, viewer: Looking, case_id: UUID) -> Response:
    answer = await answer_form(request, viewer, case_id, "inspect", "console")
    refused = {**refusal(answer.code, answer.params, answer.status), "command_id": answer.command_id}
    if is_htmx(request):
        if answer.accepted:
            return fragment(request, "console/inspect/_finished.html", "finished", {"case_id": case_id})
        return beside(request, refused)
    if answer.accepted:
        return RedirectResponse("/console/inspect?done=inspect", 303)
    items = await queue(request, viewer)
    context = {"items": items, "done": None, "refused": {**refused, "values": answer.values}, "refused_case": case_id}
    return page(request, TEMPLATE, context, status=answer.status)
