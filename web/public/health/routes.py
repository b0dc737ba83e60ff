"""Whether the process lives; says nothing of what is inside."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from web.security import needs
from web.services import services

router = APIRouter(include_in_schema=False)


@router.get("/health", dependencies=[needs("public")])
async def health(request: Request) -> JSONResponse:
    """200 while it answers; `database` says whether it reaches Postgres at this moment."""
    async with services(request).pool.connection(timeout=2) as connection:
        await connection.execute("SELECT 1")
    return JSONResponse({"status": "ok"})
