"""进度: what became of a report, for whoever holds its link; and what they may say to it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from fastapi import APIRouter
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from activities.giving import Given, StillWorking, StoreUnavailable, TemporalUnavailable, give
from store import attempts
from store.following import Followed, follow
from store.nearby import helpline
from store.pool import viewed_by
from store.reports import SEES_ALL
from web.contacts import not_too_often
from web.forms import as_read, command_of, fields_of, id_from
from web.handlers import wants_json
from web.problems import Problem, status_of
from web.public.follow.progress import MAY, progress, reporter
from web.public.report.serving import elder
from web.reader import reader_of
from web.render import page
from web.security import needs, read_form, refuse_other_sites
from web.services import services

router = APIRouter(prefix="/f", include_in_schema=False)
TEMPLATE = "public/follow/page.html"
PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
MOST_WRONG_LINKS = 60  # an hour, from one address
MOST_ANSWERS = 20  # an hour, to one report
SAID = {
    "already-rated": "rated-before",
    "reopen-window-over": "too-late-here",
    "newer-case-open": "same-still-open",
    "still-working": "still-working",
}
LOST = (TemporalUnavailable, StoreUnavailable, psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)


@dataclass(frozen=True)
class Refused:
    """Why something was not taken, and what was written, to be shown again."""

    command: str
    code: str
    status: int
    params: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    command_id: UUID | None = None  # the same form may be sent again


async def _followed(request: Request, token: str) -> Followed:
    """Raises Problem: the same for every link that leads nowhere."""
    async with viewed_by(services(request).pool, SEES_ALL) as connection:
        followed = await follow(connection, token)
    if followed is None:
        sender = await not_too_often(request, "links", MOST_WRONG_LINKS)
        await attempts.note(services(request).pool, "links", sender)
        raise Problem(404, "link-unknown")
    return followed


@router.get("/{token}", dependencies=[needs("public")])
async def show(request: Request, token: str) -> Response:
    try:
        followed = await _followed(request, token)
    except Problem as problem:
        if wants_json(request):
            raise
        context = {"problem": problem, "elder": elder(request)}
        return _private(page(request, "public/follow/unknown.html", context, status=problem.status))
    return await _page(request, token, followed)


async def _page(request: Request, token: str, followed: Followed, refused: Refused | None = None) -> Response:
    async with services(request).pool.connection() as connection:
        helper = await helpline(connection, followed.report.place)
    done = request.query_params.get("done")
    context = {
        "token": token,
        "followed": followed,
        "progress": progress(followed, reader_of(request)),
        "address": f"{services(request).settings.public_url.rstrip('/')}/f/{token}",
        "new": request.query_params.get("new") == "1" and not (followed.case and followed.case.settled),
        "done": done if done in MAY else None,
        "refused": refused,
        "helpline": helper,
        "elder": elder(request),
    }
    return _private(page(request, TEMPLATE, context, status=refused.status if refused else 200))


def _private(answer: Response) -> Response:
    answer.headers.update(PRIVATE)
    return answer


@router.post("/{token}/{name}", dependencies=[needs("public")])
async def say(request: Request, token: str, name: str) -> Response:
    """Answer a question, rate, say that it is not solved, or add something."""
    refuse_other_sites(request)
    if name not in MAY:
        raise Problem(404, "not-found")
    followed = await _followed(request, token)
    refused = await _said(request, followed, name)
    if refused is None:
        return _private(RedirectResponse(f"/f/{token}?done={name}", 303))
    if wants_json(request):
        raise Problem(refused.status, refused.code, **refused.params)
    return await _page(request, token, await _followed(request, token), refused)


async def _said(request: Request, followed: Followed, name: str) -> Refused | None:
    form = await read_form(request)
    fields = {key: as_read(value) for key, value in fields_of(name, form).items()}
    if followed.own is None:
        return Refused(name, "moved-on", 409, values=fields)
    command_id = None
    try:
        sender = await not_too_often(request, "answers", MOST_ANSWERS, f"report/{followed.report.id}")
        await attempts.note(services(request).pool, "answers", sender)
        command_id = id_from(form.get("command_id"), "command_id")
        given = Given(
            command_id=command_id,
            case_id=followed.own.id,
            actor=reporter(followed),
            command=command_of(name, fields),
            transport="public",
        )
        outcome = await give(services(request).reach, given)
    except Problem as problem:
        return Refused(name, problem.code, problem.status, problem.params, fields)
    except StillWorking:
        return Refused(name, "still-working", 202, values=fields, command_id=command_id)
    except LOST:
        return Refused(name, "answer-not-kept", 503, values=fields, command_id=command_id)
    if outcome.accepted:
        return None
    code = SAID.get(outcome.code, "moved-on")
    return Refused(name, code, status_of(outcome.code), _params(request, outcome.params), fields)


def _params(request: Request, params: dict[str, Any]) -> dict[str, Any]:
    """With the instant as people say it."""
    until = params.get("until")
    said = {"until": reader_of(request).moment(datetime.fromisoformat(until))} if until else {}
    return {**params, **said}


@router.get("/{token}/photos/{photo}", dependencies=[needs("public")])
async def photo(request: Request, token: str, photo: UUID) -> Response:
    """One that the page shows: the reporter's own, or what was released with the reply."""
    followed = await _followed(request, token)
    path = next((one.path for one in (*followed.photos, *followed.after) if one.id == photo), None)
    if path is None:
        raise Problem(404, "not-found")
    try:
        content = await services(request).evidence.read(path)
    except FileNotFoundError as lost:
        raise Problem(404, "not-found") from lost
    answer = Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})
    return _private(answer)
