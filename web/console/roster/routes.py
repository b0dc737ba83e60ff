"""值班表: who is on duty now and next, the week, and its shifts: added, changed, removed."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.people import DUTY_DESK, Role
from store import rosters
from store.rosters import Shift, ShiftRefused
from web.console.roster.week import Row, rows_of
from web.forms import id_from, storable
from web.handlers import refusal
from web.problems import Problem
from web.reader import reader_of
from web.render import page, with_query
from web.security import Looking, Viewer, needs, read_form
from web.services import services

router = APIRouter(prefix="/console/roster", include_in_schema=False)
CHANGERS = frozenset({Role.DUTY_OFFICER, Role.SUPERVISOR, Role.SYSTEM_ADMIN})
READS = needs(*sorted(DUTY_DESK | CHANGERS))
CHANGES = needs(*sorted(CHANGERS))
WEEK = timedelta(days=7)
SOON = timedelta(hours=24)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)  # what a roster can hold
EVERYBODY = "all"  # instead of a unit
FIELDS = ("person", "starts", "ends")


@router.get("", dependencies=[READS])
async def show(
    request: Request,
    viewer: Looking,
    week: Annotated[date | None, Query(ge=FIRST_DAY, le=LAST_DAY)] = None,
    unit: Annotated[str | None, Query(max_length=80)] = None,
    shift: UUID | None = None,
) -> Response:
    return await _page(request, viewer, week, unit, shift=shift)


@router.post("", dependencies=[CHANGES])
async def put(request: Request, viewer: Looking) -> Response:
    form = await read_form(request)
    given = {name: str(form.get(name) or "").strip() for name in (*FIELDS, "shift", "unit", "week")}
    storable(given)
    shift = id_from(given["shift"], "shift") if given["shift"] else None
    try:
        person, times = _read(given, request)
        await rosters.put(services(request).pool, viewer.actor.areas, shift, person, times, by=str(viewer.person.id))
    except (Problem, ShiftRefused) as refused:
        return await _refused(request, viewer, given, shift, refused)
    return RedirectResponse(_back(given, "put"), 303)


@router.post("/{shift}/remove", dependencies=[CHANGES])
async def remove(request: Request, viewer: Looking, shift: UUID) -> Response:
    form = await read_form(request)
    given = {name: str(form.get(name) or "").strip() for name in (*FIELDS, "unit", "week")}
    storable(given)
    try:
        await rosters.remove(services(request).pool, viewer.actor.areas, shift, by=str(viewer.person.id))
    except ShiftRefused as refused:
        return await _refused(request, viewer, given, None, refused)
    return RedirectResponse(_back(given, "remove"), 303)


def _back(given: dict[str, str], done: str) -> str:
    return with_query("/console/roster", {"unit": given["unit"], "week": given["week"]}, done=done)


def _read(given: dict[str, str], request: Request) -> tuple[UUID, tuple[datetime, datetime]]:
    for name in FIELDS:
        if not given[name]:
            raise Problem(422, "field-missing", field=name)
    zone = reader_of(request).zone
    try:
        starts, ends = (datetime.fromisoformat(given[name]).replace(tzinfo=zone) for name in ("starts", "ends"))
    except ValueError as wrong:
        raise Problem(422, "field-invalid", field="starts", reason=given["starts"]) from wrong
    if starts.date() < FIRST_DAY or ends.date() > LAST_DAY:
        raise Problem(422, "field-invalid", field="starts", reason=given["starts"])
    if starts >= ends:
        raise Problem(422, "shift-ends-first", field="ends")
    return id_from(given["person"], "person"), (starts, ends)


def _week(text: str) -> date | None:
    """The week that was shown; another than this one only where it is a date."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


async def _refused(
    request: Request, viewer: Viewer, given: dict[str, str], shift: UUID | None, refused: Problem | ShiftRefused
) -> Response:
    params: dict[str, Any] = {}
    if isinstance(refused, Problem):
        params = refused.params
    elif refused.other is not None:
        say = reader_of(request).moment
        params = {
            "person": refused.other.name,
            "starts": say(refused.other.starts),
            "ends": say(refused.other.ends),
        }
    status = 422 if isinstance(refused, Problem) else 409
    try:
        week = _week(given["week"])
    except ValueError:
        week = None
    answer = {**refusal(refused.code, params, status), "values": given}
    return await _page(request, viewer, week, given["unit"] or None, shift=shift, refused=answer)


async def _page(
    request: Request,
    viewer: Viewer,
    week: date | None,
    unit: str | None,
    *,
    shift: UUID | None = None,
    refused: dict[str, Any] | None = None,
) -> Response:
    reader = reader_of(request)
    today = reader.now.astimezone(reader.zone).date()
    monday = (week or today) - timedelta(days=(week or today).weekday())
    begins = datetime(monday.year, monday.month, monday.day, tzinfo=reader.zone)
    shown = unit or viewer.actor.unit or EVERYBODY
    wanted = None if shown == EVERYBODY else shown
    areas = viewer.actor.areas
    async with services(request).pool.connection() as connection:
        found = await rosters.shifts(connection, areas, begins, begins + WEEK, wanted)
        around_now = await rosters.shifts(connection, areas, reader.now, reader.now + SOON, wanted)
        people = await rosters.people(connection, areas)
    rows: list[Row] = rows_of(found, begins)
    chosen: Shift | None = next((one for one in (*found, *around_now) if one.id == shift), None)
    context = {
        "rows": rows,
        "days": [monday + timedelta(days=n) for n in range(7)],
        "today": today,
        "monday": monday,
        "before": monday - WEEK,
        "after": monday + WEEK,
        "now_on": [one for one in around_now if one.starts <= reader.now],
        "next_on": [one for one in around_now if one.starts > reader.now],
        "people": people,
        "units": dict.fromkeys((one.unit, one.unit_label) for one in people),
        "unit": shown,
        "everybody": EVERYBODY,
        "chosen": chosen,
        "fields": {"starts": _field(chosen.starts, reader.zone), "ends": _field(chosen.ends, reader.zone)}
        if chosen
        else {},
        "refused": refused,
        "done": request.query_params.get("done", ""),
        "may_change": viewer.has(*CHANGERS),
    }
    return page(request, "console/roster/page.html", context, status=refused["status"] if refused else 200)


def _field(instant: datetime, zone: Any) -> str:
    """As a field of date and time wants it."""
    return f"{instant.astimezone(zone):%Y-%m-%dT%H:%M}"
