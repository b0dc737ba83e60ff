"""A case at the desk, and everything that is done to it there."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from domain.people import CASE_ROLES
from web import casepage
from web.security import Looking, needs

router = APIRouter(prefix="/console/cases", include_in_schema=False)
BASE = "/console/cases"
TEMPLATE = "console/case/page.html"
WORKS_ON_CASES = needs(*sorted(CASE_ROLES))


@router.get("/{case_id}", dependencies=[WORKS_ON_CASES])
async def show(request: Request, viewer: Looking, case_id: UUID) -> Response:
    return await casepage.show(request, viewer, case_id, BASE, TEMPLATE)


@router.post("/{case_id}/{name}", dependencies=[WORKS_ON_CASES])
async def give(request: Request, viewer: Looking, case_id: UUID, name: str) -> Response:
    return await casepage.give(request, viewer, case_id, name, BASE, TEMPLATE, "console")
