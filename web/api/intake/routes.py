"""The way in over HTTP: the same payloads as over the broker, acknowledged after the commit."""

import base64
import binascii
import hmac
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters import mapping
from domain.intake import IntakeUnavailable, Unreadable
from settings import Settings
from web.problems import Problem
from web.security import needs
from web.services import services

router = APIRouter(include_in_schema=False)


@router.post("/intake/{adapter}", dependencies=[needs("device")])
async def take(request: Request, adapter: str, topic: str = "") -> Response:
    """202 once everything in the body is committed; 503: nothing is stored, send it again."""
    served = services(request)
    if not _known(request, served.settings):
        return JSONResponse({"code": "credentials-wrong"}, 401, headers={"WWW-Authenticate": 'Basic realm="intake"'})
    if adapter not in mapping.manifests():
        raise Problem(404, "not-found")
    payload = await request.body()
    channel = topic or request.url.path
    reading = mapping.read(adapter, channel, payload, datetime.now(UTC), transport="http", home=served.settings.home)
    unreadable: tuple[Unreadable, ...] = reading.unreadable
    try:
        taken = await served.intake.take(reading.signals, unreadable)
    except IntakeUnavailable as down:
        raise Problem(503, "intake-unavailable") from down
    return JSONResponse(taken.model_dump(), 202)


def _known(request: Request, settings: Settings) -> bool:
    """Whether the source brings the broker's credentials (Basic)."""
    scheme, _, brought = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or not settings.broker_password:
        return False
    try:
        given = base64.b64decode(brought, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given, f"{settings.broker_username}:{settings.broker_password}".encode())
