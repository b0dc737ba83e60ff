"""谁反映的: masked for who sees the case, open for who must call, each opening on record."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from domain.people import CASE_ROLES
from store.case_pages import standing
from store.pool import viewed_by
from store.reporters import Contact, contact_of, open_contact
from store.reports import followers
from web.contacts import contacts_of
from web.problems import Problem
from web.render import fragment, is_htmx, page
from web.security import Looking, needs
from web.services import services

router = APIRouter(prefix="/reporter", include_in_schema=False)
TEMPLATE = "console/reporter/page.html"
WORKS_ON_CASES = needs(*sorted(CASE_ROLES))


@router.get("/{case_id}", dependencies=[WORKS_ON_CASES])
async def masked(request: Request, viewer: Looking, case_id: UUID) -> Response:
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        case = await standing(connection, case_id)
        if case is None:
            raise Problem(404, "not-found")
        contact = await contact_of(connection, case, viewer.actor, contacts_of(request))
        people = await followers(connection, case_id)
    return _shown(request, case_id, contact, people)


@router.post("/{case_id}", dependencies=[WORKS_ON_CASES])
async def opened(request: Request, viewer: Looking, case_id: UUID) -> Response:
    """The whole number; who asked for it is written down first."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        case = await standing(connection, case_id)
        if case is None:
            raise Problem(404, "not-found")
        contact = await open_contact(connection, case, viewer.actor, contacts_of(request))
        if contact is None:
            raise Problem(403, "not-for-you-to-call")
        people = await followers(connection, case_id)
    return _shown(request, case_id, contact, people)


def _shown(request: Request, case_id: UUID, contact: Contact | None, people: int) -> Response:
    context = {"case_id": case_id, "contact": contact, "people": people}
    if is_htmx(request):
        return fragment(request, TEMPLATE, "reporter", context)
    return page(request, TEMPLATE, context)
