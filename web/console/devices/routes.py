"""设备: the registered ones, and those that were heard and wait to be adopted."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.people import Role
from domain.places import within_any
from store.devices import NoSuchDevice, NoSuchPlace, adopt
from web.console.devices.queries import listed
from web.forms import storable
from web.handlers import refusal
from web.problems import Problem
from web.render import page
from web.security import Looking, Viewer, needs, read_form
from web.services import services

router = APIRouter(include_in_schema=False)
MANAGERS = needs(Role.DEVICE_MANAGER, Role.SYSTEM_ADMIN)
UNREGISTERED = "unregistered"


@router.get("/console/devices", dependencies=[MANAGERS])
async def show(
    request: Request,
    viewer: Looking,
    tab: str = "",
    q: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    return await _page(request, viewer, tab=tab, q=q.strip(), after=after)


@router.post("/console/devices/adopt", dependencies=[MANAGERS])
async def give_place(request: Request, viewer: Looking) -> Response:
    """One click: this device hangs there; its signals from now on count there."""
    form = await read_form(request)
    given = {name: str(form.get(name) or "").strip() for name in ("adapter", "device_id", "place")}
    problem = await _adopted(request, viewer, given)
    if problem is None:
        return RedirectResponse(f"/console/devices?tab={UNREGISTERED}&done=adopt", 303)
    refused = {**refusal(problem.code, problem.params, problem.status), "device": given}
    return await _page(request, viewer, tab=UNREGISTERED, refused=refused, status=problem.status)


async def _adopted(request: Request, viewer: Viewer, given: dict[str, str]) -> Problem | None:
    storable(given)
    adapter, device_id, place = given["adapter"], given["device_id"], given["place"]
    if not place:
        return Problem(422, "field-missing", field="place")
    if not within_any(place, viewer.actor.areas):
        return Problem(422, "field-invalid", field="place", reason=place)
    try:
        served, areas = services(request), viewer.actor.areas
        await adopt(served.pool, adapter, device_id, place, by=str(viewer.person.id), areas=areas)
    except (NoSuchPlace, NoSuchDevice):
        return Problem(404, "not-found")
    return None


async def _page(
    request: Request,
    viewer: Viewer,
    *,
    tab: str,
    q: str = "",
    after: str = "",
    refused: dict[str, object] | None = None,
    status: int = 200,
) -> Response:
    found = await listed(request, viewer, registered=tab != UNREGISTERED, text=q, after=after)
    done = request.query_params.get("done") == "adopt"
    context = {"found": found, "tab": tab, "q": q, "refused": refused, "done": done}
    return page(request, "console/devices/page.html", context, status=status)
