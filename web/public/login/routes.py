"""Signing in and out; the session is the same for pages and the API."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from store import people, sessions
from store.people import LoginRefused
from web.forms import storable
from web.handlers import local, problem_json, wants_json
from web.problems import Problem
from web.reader import reader_of
from web.render import page
from web.security import keep_session, needs, read_form, refuse_other_sites, session_of
from web.security.devices import know_device, source_of
from web.security.needs import COOKIE
from web.services import services

router = APIRouter(include_in_schema=False)


@router.get("/login", dependencies=[needs("public")])
async def show(request: Request, next: str = "") -> Response:  # noqa: A002 - the query's word
    """The form; who is signed in already goes on."""
    if session_of(request):
        return RedirectResponse(local(next) or "/", 303)
    return _form(request, {"next": local(next) or ""})


@router.post("/login", dependencies=[needs("public")])
async def log_in(request: Request) -> Response:
    """`name` and `password`, as a form or as JSON."""
    refuse_other_sites(request)
    given = await _given(request)
    for name in ("name", "password"):
        if not given[name]:
            return _refused(request, 422, "field-missing", {"field": name}, given)
    served = services(request)
    source = source_of(request, given["name"])
    found = await people.log_in(served.pool, given["name"], given["password"], source, datetime.now(UTC))
    if isinstance(found, LoginRefused):
        if found.lock is None:
            return _refused(request, 401, "credentials-wrong", {}, given)
        code = "account-slowed" if found.lock.everywhere else "account-locked"
        return _refused(request, 429, code, {"until": reader_of(request).moment(found.lock.until)}, given)
    token = await sessions.begin(served.pool, found)
    answer = await _signed_in(request, token, given)
    keep_session(answer, request, token)
    know_device(answer, request, given["name"])
    return answer


async def _given(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            sent: Any = await request.json()
        except (ValueError, RecursionError) as wrong:
            raise Problem(422, "bad-request") from wrong
    else:
        sent = await read_form(request)
    if not hasattr(sent, "get"):
        raise Problem(422, "bad-request")
    given = {name: sent.get(name) for name in ("name", "password", "next")}
    texts = {name: value if isinstance(value, str) else "" for name, value in given.items()}
    storable(texts)
    return {**texts, "name": texts["name"].strip()}


async def _signed_in(request: Request, token: str, given: dict[str, str]) -> Response:
    if not wants_json(request):
        return RedirectResponse(local(given["next"]) or "/", 303)
    session = await sessions.find(services(request).pool, token)
    assert session is not None  # noqa: S101 - it has just begun
    return JSONResponse({"name": session.person.name, "csrf": session.csrf})


def _refused(request: Request, status: int, code: str, params: dict[str, Any], given: dict[str, str]) -> Response:
    if wants_json(request):
        return problem_json(request, status, code, params)
    return _form(request, given, status=status, refused={"code": code, "params": params})


def _form(request: Request, given: dict[str, str], *, status: int = 200, refused: Any = None) -> Response:
    values = {"name": given.get("name", ""), "next": local(given.get("next")) or ""}
    return page(request, "public/login/page.html", {"values": values, "refused": refused}, status=status)


@router.post("/logout", dependencies=[needs("session")])
async def log_out(request: Request) -> Response:
    await sessions.revoke(services(request).pool, request.cookies[COOKIE])
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer
