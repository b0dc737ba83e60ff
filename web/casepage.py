"""The requests that a case's page answers, the same for desk and phone: show it, and give its commands."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.casework import case_view, shown
from web.giving import ACCEPTED, Answer, answer_form
from web.handlers import beside, refusal, wants_json
from web.problems import Problem
from web.render import fragment, is_htmx, page
from web.security import Viewer
from web.words import LABELS

WHOLE_AGAIN = (ACCEPTED, 403, 409)  # the case stands otherwise than the form thought: show it anew


async def show(request: Request, viewer: Viewer, case_id: UUID, base: str, template: str) -> Response:
    view = await case_view(request, viewer, case_id)
    done = request.query_params.get("done")
    context = shown(view, base, done=done if done in LABELS["done"] else None)
    context["place_scanned"] = request.query_params.get("place", "")
    if is_htmx(request):
        return fragment(request, template, "case", context)
    return page(request, template, context)


async def give(
    request: Request, viewer: Viewer, case_id: UUID, name: str, base: str, template: str, transport: str
) -> Response:
    """The case anew with what was done or why not; htmx forms get only the refusal where their inputs stay good."""
    answer = await answer_form(request, viewer, case_id, name, transport)
    if wants_json(request) and not answer.accepted:
        raise Problem(answer.status, answer.code, **answer.params)
    if not is_htmx(request) and answer.accepted:
        return RedirectResponse(f"{base}/{case_id}?done={name}", 303)
    if is_htmx(request) and not request.headers.get("hx-target", "").endswith("#case"):
        return _beside(request, answer, f"{base}/{case_id}?done={name}")
    if is_htmx(request) and answer.status not in WHOLE_AGAIN:
        return _beside(request, answer, "")
    view = await case_view(request, viewer, case_id)
    context = shown(view, base, answer, done=name if answer.accepted else None)
    context["place_scanned"] = ""
    if is_htmx(request):
        return fragment(request, template, "case", context, status=answer.status)
    return page(request, template, context, status=answer.status)


def _beside(request: Request, answer: Answer, done: str) -> Response:
    if answer.accepted:
        return Response(status_code=200, headers={"HX-Redirect": done})
    refused = {**refusal(answer.code, answer.params, answer.status), "command_id": answer.command_id}
    return beside(request, refused)
