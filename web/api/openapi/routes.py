"""The API's own description."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from web.security import needs

router = APIRouter(include_in_schema=False)


@router.get("/api/v1/openapi.json", dependencies=[needs("session")])
async def openapi(request: Request) -> dict[str, Any]:
    described: dict[str, Any] = request.app.openapi()
    return described
