"""The first page: where each role has its work."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse

from domain.people import Role
from web.handlers import local
from web.i18n import COOKIE, languages
from web.problems import Problem
from web.security import Looking, needs

router = APIRouter(include_in_schema=False)
DESKS = (
    (Role.DUTY_OFFICER, "/console/approvals"),
    (Role.DISPATCHER, "/console/dispatch"),
    (Role.ACCEPTOR, "/console/alarms"),
    (Role.SUPERVISOR, "/console/cases"),
    (Role.HANDLER, "/m"),
    (Role.LIAISON, "/m"),
    (Role.GRID_WORKER, "/m"),
    (Role.COMMITTEE, "/m"),
    (Role.INSPECTOR, "/console/inspect"),
    (Role.DEVICE_MANAGER, "/console/devices"),
    (Role.SYSTEM_ADMIN, "/console/devices"),
)


@router.get("/", dependencies=[needs("session")])
async def start(viewer: Looking) -> RedirectResponse:
    return RedirectResponse(next((desk for role, desk in DESKS if viewer.has(role)), "/console"), 303)


@router.get("/language/{language}", dependencies=[needs("public")])
async def choose_language(request: Request, language: str, back: str = "/") -> RedirectResponse:
    if language not in languages():
        raise Problem(404, "not-found")
    answer = RedirectResponse(local(back) or "/", 303)
    answer.set_cookie(COOKIE, language, max_age=31536000, samesite="lax", secure=request.url.scheme == "https")
    return answer
