"""How refusals and failures are shown: problem+json to scripts, beside the button to htmx, as a page else."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from activities.giving import StillWorking, StoreUnavailable, TemporalUnavailable
from web.problems import NotSignedIn, Problem
from web.reader import reader_of
from web.render import fragment, is_htmx, page

SCRIPTS = ("/api/", "/intake/", "/live")
CODES = {
    401: "session-ended",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    503: "store-unavailable",
}
log = structlog.get_logger()


def wants_json(request: Request) -> bool:
    return request.url.path.startswith(SCRIPTS) or "application/json" in request.headers.get("accept", "")


def problem_json(request: Request, status: int, code: str, params: dict[str, Any]) -> JSONResponse:
    """RFC 9457, with the code that scripts rely on and what it is about."""
    body = {
        "type": f"urn:linli:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "params": params,
        "detail": reader_of(request).refusal(code, params),
    }
    if "field" in params:
        body["field"] = params["field"]
    return JSONResponse(body, status, media_type="application/problem+json")


def refusal(code: str, params: dict[str, Any], status: int) -> dict[str, Any]:
    return {"code": code, "params": params, "status": status, "command_id": None}


def answer(request: Request, problem: Problem) -> Response:
    if wants_json(request):
        return problem_json(request, problem.status, problem.code, problem.params)
    context = refusal(problem.code, problem.params, problem.status)
    if is_htmx(request):
        return beside(request, context)
    return page(request, "parts/problem.html", {"refused": context}, status=problem.status)


def beside(request: Request, refused: dict[str, Any], login: str | None = None) -> Response:
    """The refusal alone, for the place beside the button; with a fresh id for the form's next try."""
    context = {"refused": refused, "login": login}
    return fragment(request, "parts/answer.html", "answer", context, status=refused["status"])


def local(path: str | None) -> str | None:
    """`path` if it leads to a page of ours and nowhere else."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(char) < 32 for char in path):  # noqa: PLR2004
        return None
    return path if not urlsplit(path).netloc else None


def came_from(request: Request) -> str:
    """The page to return to: this one, or the one that held the form or the fragment."""
    if request.method == "GET" and not is_htmx(request):
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    try:
        held = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "")
    except ValueError:
        return "/"
    return local(held.path + (f"?{held.query}" if held.query else "")) or "/"


async def _not_signed_in(request: Request, _: Exception) -> Response:
    if wants_json(request):
        return problem_json(request, 401, "session-ended", {})
    login = "/login?" + urlencode({"next": came_from(request)})
    if is_htmx(request):
        return beside(request, refusal("session-ended", {}, 401), login)
    return RedirectResponse(login, 303)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 - registered for it
    return answer(request, problem)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    if error.status_code == HTTPStatus.BAD_REQUEST and "exceeded" in str(error.detail):
        return answer(request, Problem(413, "body-too-large", field="body"))
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return answer(request, Problem(413, "body-too-large", field="body"))
    return answer(request, Problem(error.status_code, CODES.get(error.status_code, "bad-request")))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    issues = error.errors()
    if any(issue["loc"][:1] == ("path",) for issue in issues):
        return answer(request, Problem(404, "not-found"))
    place = [part for part in issues[0]["loc"][1:] if isinstance(part, str)]
    field = place[0] if place else "body"
    if issues[0]["type"] == "missing":
        return answer(request, Problem(422, "field-missing", field=field))
    return answer(request, Problem(422, "field-invalid", field=field, reason=issues[0]["msg"]))


async def _store(request: Request, error: Exception) -> Response:
    log.warning("store unavailable", error=type(error).__name__, path=request.url.path)
    return answer(request, Problem(503, "store-unavailable"))


async def _temporal(request: Request, _: Exception) -> Response:
    return answer(request, Problem(503, "temporal-unavailable"))


async def _working(request: Request, _: Exception) -> Response:
    return answer(request, Problem(202, "still-working"))


async def _unstorable(request: Request, _: Exception) -> Response:
    return answer(request, Problem(422, "bad-request"))


async def _internal(request: Request, error: Exception) -> Response:
    log.error("request failed", path=request.url.path, method=request.method, exc_info=error)
    return answer(request, Problem(500, "internal"))


def install(app: FastAPI) -> None:
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, StoreUnavailable):
        app.add_exception_handler(kind, _store)
    app.add_exception_handler(TemporalUnavailable, _temporal)
    app.add_exception_handler(StillWorking, _working)
    app.add_exception_handler(psycopg.DataError, _unstorable)
    app.add_exception_handler(Exception, _internal)
