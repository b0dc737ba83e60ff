"""What the desk's map shows: the viewer's areas, the open cases in them (also as a list), the units on duty."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.cases import Light
from domain.matters import Tier
from domain.people import CASE_ROLES
from store.geometry import outlines, points_of_cases, points_of_units
from store.pool import viewed_by
from web.maps import MapId, beside
from web.render import page
from web.security import Looking, needs
from web.services import services

router = APIRouter(include_in_schema=False)
NEEDED = needs(*sorted(CASE_ROLES))


@router.get("/console/map", dependencies=[NEEDED])
async def shown(request: Request, light: Light | None = None, case: UUID | None = None) -> Response:
    context = {"lights": list(Light), "narrowed": {"light": light or ""}, "highlight": str(case or "")}
    return page(request, "console/map/page.html", context)


@router.get("/console/map/areas.json", dependencies=[NEEDED])
async def areas(request: Request, viewer: Looking) -> JSONResponse:
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        return JSONResponse(await outlines(connection, viewer.sight))


@router.get("/console/map/cases.json", dependencies=[NEEDED])
async def cases(
    request: Request, viewer: Looking, tier: Tier | None = None, light: Light | None = None
) -> JSONResponse:
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        return JSONResponse(await points_of_cases(connection, tier=tier, light=light))


@router.get("/console/map/cases", dependencies=[NEEDED])
async def listed(
    request: Request,
    viewer: Looking,
    tier: Tier | None = None,
    light: Light | None = None,
    map_id: MapId = "map",
) -> Response:
    """The list beside the map: what the map draws, and the worst of it as links."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        points = await points_of_cases(connection, tier=tier, light=light)
    return beside(request, map_id, points)


@router.get("/console/map/units.json", dependencies=[NEEDED])
async def units(request: Request, viewer: Looking) -> JSONResponse:
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        return JSONResponse(await points_of_units(connection, viewer.sight))
