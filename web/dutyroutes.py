"""The requests that each page of the duty desk answers."""

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID, uuid5

import psycopg
from fastapi import APIRouter, Depends
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from activities.giving import StillWorking, StoreUnavailable, TemporalUnavailable
from store import desk as waits
from store.case_pages import cases_where
from store.pool import viewed_by
from web.casepage import WHOLE_AGAIN
from web.duty import Asked, Desk, asked_before, list_of, next_open, open_of, page_of, standing_in
from web.forms import command_of, fields_of, id_from, meant, storable
from web.giving import Answer, answer_form, carry_out, see
from web.handlers import beside, refusal, wants_json
from web.problems import Problem
from web.render import fragment, is_htmx, page, with_query
from web.security import Looking, Viewer, needs, read_form
from web.services import services
from web.words import LABELS

TEMPLATE = "parts/duty.html"
OPEN = "#duty-open"
AT_ONCE = 6  # commands of one bulk step under way at a time


@dataclass(frozen=True)
class Result:
    """What became of one marked case."""

    case_id: UUID
    title: str
    refused: dict[str, Any] | None


def router_of(desk: Desk) -> APIRouter:
    router = APIRouter(prefix=desk.path, include_in_schema=False)
    needed = needs(*sorted(desk.roles))

    @router.get("", dependencies=[needed])
    async def show(request: Request, viewer: Looking, asked: Annotated[Asked, Depends()]) -> Response:
        asked = replace(asked, done=asked.done if asked.done in LABELS["done"] else "")
        if not is_htmx(request):
            return page(request, TEMPLATE, await page_of(request, viewer, desk, asked))
        if request.headers.get("hx-target", "").endswith(OPEN):
            return fragment(request, TEMPLATE, "open", await open_of(request, viewer, desk, asked, asked.case))
        return fragment(request, TEMPLATE, "list", await list_of(request, viewer, desk, asked))

    @router.post("/marked", dependencies=[needed])
    async def give_all(request: Request, viewer: Looking) -> Response:
        return await _give_all(request, viewer, desk)

    @router.get("/{case_id}", dependencies=[needed])
    async def show_case(request: Request, viewer: Looking, case_id: UUID) -> Response:
        asked = replace(asked_before(request), case=case_id)
        if is_htmx(request):
            return fragment(request, TEMPLATE, "open", await open_of(request, viewer, desk, asked, case_id))
        return RedirectResponse(with_query(desk.path, asked.query, case=str(case_id)), 303)

    @router.post("/{case_id}/{name}", dependencies=[needed])
    async def give(request: Request, viewer: Looking, case_id: UUID, name: str) -> Response:
        return await _give(request, viewer, desk, case_id, name)

    return router


async def _give(request: Request, viewer: Viewer, desk: Desk, case_id: UUID, name: str) -> Response:
    """The next case, or this one again with the refusal; htmx gets only the refusal where the form stays good."""
    asked = asked_before(request)
    before = await standing_in(request, viewer, desk, asked, case_id)
    answer = await answer_form(request, viewer, case_id, name, "console")
    if wants_json(request) and not answer.accepted:
        raise Problem(answer.status, answer.code, **answer.params)
    if not answer.accepted:
        return await _refused(request, viewer, desk, replace(asked, case=case_id), answer)
    following = await next_open(request, viewer, desk, asked, case_id, before)
    asked = replace(asked, case=following, done=name, of=case_id)
    if not is_htmx(request):
        return RedirectResponse(_address(desk, asked), 303)
    return _whole(
        request, await open_of(request, viewer, desk, asked, following), _address(desk, replace(asked, of=None))
    )


def _address(desk: Desk, asked: Asked) -> str:
    opened = {"case": str(asked.case) if asked.case else ""}
    said = {"done": asked.done, "of": str(asked.of)} if asked.of else {}
    return with_query(desk.path, asked.query, **opened, **said)


def _whole(request: Request, context: dict[str, Any], address: str, status: int = 200) -> Response:
    """The open column in the place of whatever the form aimed at."""
    answer = fragment(request, TEMPLATE, "open", context, status=status)
    answer.headers.update({"HX-Retarget": OPEN, "HX-Reswap": "outerHTML", "HX-Replace-Url": address})
    return answer


async def _refused(request: Request, viewer: Viewer, desk: Desk, asked: Asked, answer: Answer) -> Response:
    if is_htmx(request) and answer.status not in WHOLE_AGAIN:
        return beside(request, {**refusal(answer.code, answer.params, answer.status), "command_id": answer.command_id})
    opened = await open_of(request, viewer, desk, asked, asked.case, answer=answer)
    if is_htmx(request):
        return _whole(request, opened, _address(desk, asked), answer.status)
    return page(request, TEMPLATE, await page_of(request, viewer, desk, asked) | opened, status=answer.status)


async def _give_all(request: Request, viewer: Viewer, desk: Desk) -> Response:
    """One command for each marked case, and what became of each; the same form sent again gives nothing twice."""
    asked = asked_before(request)
    form = await read_form(request)
    name = str(form.get("command") or "")
    if name not in desk.in_bulk.get(asked.name(desk), ()):
        raise Problem(404, "not-found")
    marked = [id_from(one, "marked") for one in form.getlist("marked")][: waits.PAGE]
    form_id = id_from(form.get("command_id"), "command_id")
    fields = fields_of(name, form)
    storable(fields)
    fields = meant(fields, services(request).settings.zone)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case_id: UUID) -> Result:
        async with gate:
            return await _one(request, viewer, case_id, uuid5(form_id, f"{name}/{case_id}"), name, fields)

    results = await asyncio.gather(*(one(case_id) for case_id in dict.fromkeys(marked)))
    context = await page_of(request, viewer, desk, asked)
    return page(request, TEMPLATE, context | {"results": results, "given": name})


async def _one(
    request: Request, viewer: Viewer, case_id: UUID, command_id: UUID, name: str, fields: dict[str, Any]
) -> Result:
    served = services(request)
    title = await _title(request, viewer, case_id)
    try:
        await see(served, viewer, case_id)
        await carry_out(served, viewer, case_id, command_id, command_of(name, fields), "console")
    except Problem as problem:
        return Result(case_id, title, refusal(problem.code, problem.params, problem.status))
    except (TemporalUnavailable, StoreUnavailable, StillWorking, psycopg.OperationalError, PoolTimeout) as lost:
        code = {TemporalUnavailable: "temporal-unavailable", StillWorking: "still-working"}
        return Result(case_id, title, refusal(code.get(type(lost), "store-unavailable"), {}, 503))
    return Result(case_id, title, None)


async def _title(request: Request, viewer: Viewer, case_id: UUID) -> str:
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        rows = await cases_where(connection, "AND c.id = %(id)s", {"id": case_id})
    return rows[0].case.title if rows else ""
