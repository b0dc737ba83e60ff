"""Styles, scripts and the icon."""

import gzip
from functools import cache
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


@cache
def packed(name: str) -> bytes:
    return gzip.compress(assets()[name], mtime=0)


@router.get("/assets/{name:path}", dependencies=[needs("public")])
async def asset(request: Request, name: str) -> Response:
    if name not in assets():
        raise Problem(404, "not-found")
    small = "gzip" in request.headers.get("accept-encoding", "")
    content = packed(name) if small else assets()[name]
    tag = f'"{sha256(content).hexdigest()[:16]}"'
    kept = FOR_EVER if request.query_params.get("v") else "no-cache"
    headers = {"ETag": tag, "Cache-Control": kept, "Vary": "Accept-Encoding"}
    if small:
        headers["Content-Encoding"] = "gzip"
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=guess_type(name)[0], headers=headers)
