"""The photos themselves, for whoever sees their case."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from store.evidence import kept
from store.pool import viewed_by
from web.problems import Problem
from web.security import Looking, needs
from web.services import services

router = APIRouter(include_in_schema=False)


@router.get("/evidence/{evidence_id}", dependencies=[needs("session")])
async def photo(request: Request, viewer: Looking, evidence_id: UUID) -> Response:
    served = services(request)
    async with viewed_by(served.pool, viewer.sight) as connection:
        found = await kept(connection, evidence_id)
    if found is None:
        raise Problem(404, "not-found")
    try:
        content = await served.evidence.read(found.path)
    except FileNotFoundError as lost:
        raise Problem(404, "not-found") from lost
    headers = {
        "Cache-Control": "private, max-age=86400, immutable",
        "Vary": "Cookie",  # who signs in next at the same desk asks anew
        "Content-Disposition": "inline",
    }
    return Response(content, media_type=found.media_type, headers=headers)
