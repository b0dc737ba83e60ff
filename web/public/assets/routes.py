"""Styles, scripts and the icon."""

from hashlib import sha256
from mimetypes import guess_type

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from web.problems import Problem
from web.render import assets
from web.security import needs

router = APIRouter(include_in_schema=False)
FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/assets/{name:path}", dependencies=[needs("public")])
async def asset(request: Request, name: str) -> Response:
    content = assets().get(name)
    if content is None:
        raise Problem(404, "not-found")
    tag = f'"{sha256(content).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": FOR_EVER if request.query_params.get("v") else "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=guess_type(name)[0], headers=headers)
