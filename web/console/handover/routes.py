"""交接班: the open items as they stand, the note of who goes, the confirmation of who comes, and the duty log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.people import DUTY_DESK
from store import handovers
from store.handovers import HandoverRefused
from store.pool import viewed_by
from web import cursors
from web.casework import card
from web.forms import id_from, storable
from web.handlers import refusal
from web.i18n import N_
from web.problems import Problem
from web.reader import reader_of
from web.render import page
from web.security import Looking, Viewer, needs, read_form
from web.services import services

router = APIRouter(prefix="/console/handover", include_in_schema=False)
DESK = needs(*sorted(DUTY_DESK))
LONGEST_NOTE = 2000  # characters
NAMES = {
    "urgent": N_("紧急"),
    "overdue": N_("超期"),
    "to-rule": N_("等裁定或审批"),
    "pause-ends": N_("24 小时内到期的暂停"),
    "calls": N_("要打的电话"),
}


@router.get("", dependencies=[DESK])
async def show(request: Request, viewer: Looking, cursor: Annotated[str, Query(max_length=200)] = "") -> Response:
    return await _page(request, viewer, cursor)


@router.post("", dependencies=[DESK])
async def give(request: Request, viewer: Looking) -> Response:
    try:
        note = await _note(request, needed=True)
        form = id_from((await read_form(request)).get("command_id"), "command_id")
    except Problem as refused:
        return await _page(request, viewer, refused={**refusal(refused.code, refused.params, 422), "of": ""})
    pool = services(request).pool
    async with viewed_by(pool, viewer.sight) as connection:
        found = await handovers.open_items(connection)
    await handovers.give(pool, _desk_of(viewer), viewer.person.id, note, found, form=form)
    return RedirectResponse("/console/handover?done=give", 303)


@router.post("/{handover}/take", dependencies=[DESK])
async def take(request: Request, viewer: Looking, handover: UUID) -> Response:
    try:
        note = await _note(request, needed=False)
        await handovers.take(services(request).pool, _desk_of(viewer), handover, viewer.person.id, note)
    except Problem as problem:
        refused = {**refusal(problem.code, problem.params, 422), "of": str(handover)}
        return await _page(request, viewer, refused=refused)
    except HandoverRefused as no:
        refused = {**refusal(no.code, {"by": no.by}, 409), "of": str(handover)}
        return await _page(request, viewer, refused=refused)
    return RedirectResponse("/console/handover?done=take", 303)


def _desk_of(viewer: Viewer) -> str:
    """Whose log it is: the unit's; of somebody without a unit their own."""
    return viewer.actor.unit or str(viewer.person.id)


async def _note(request: Request, *, needed: bool) -> str:
    """Raises Problem."""
    given = {"note": str((await read_form(request)).get("note") or "").strip()}
    storable(given)
    if needed and not given["note"]:
        raise Problem(422, "field-missing", field="note")
    if len(given["note"]) > LONGEST_NOTE:
        raise Problem(422, "field-invalid", field="note", reason=str(LONGEST_NOTE))
    return given["note"]


async def _page(
    request: Request, viewer: Viewer, cursor: str = "", *, refused: dict[str, object] | None = None
) -> Response:
    now = reader_of(request).now
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        found = await handovers.open_items(connection)
        entries, following = await handovers.log(connection, _desk_of(viewer), cursors.read(cursor))
    context = {
        "items": {name: [card(row, viewer.actor, now) for row in rows] for name, rows in found.items()},
        "names": NAMES,
        "most": handovers.MOST_ITEMS,
        "log": entries,
        "next": cursors.written(following),
        "refused": refused,
        "done": request.query_params.get("done", ""),
    }
    return page(request, "console/handover/page.html", context, status=409 if refused else 200)
