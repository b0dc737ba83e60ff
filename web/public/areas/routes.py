"""The ground that a resident's map is drawn on: outlines and names of areas, and nothing that happened there."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from store.geometry import outlines
from web.security import needs
from web.services import services

router = APIRouter(include_in_schema=False)
EVERYWHERE = ("/",)


@router.get("/report/areas.json", dependencies=[needs("public")])
async def areas(request: Request) -> JSONResponse:
    async with services(request).pool.connection() as connection:
        found = await outlines(connection, EVERYWHERE)
    return JSONResponse(found, headers={"Cache-Control": "public, max-age=300"})
