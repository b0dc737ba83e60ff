"""The page on which residents report, and staff on behalf of who calls them: one form, shown and taken the same way."""

from dataclasses import dataclass, field, replace
from secrets import token_urlsafe

import psycopg
import structlog
from fastapi import APIRouter
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.intake import IntakeUnavailable
from domain.people import Role
from domain.places import UNPLACED
from store import attempts
from store.contacts import ContactKeyMissing
from store.nearby import Helpline, OpenMatter, frequent, helpline, place_named, places_to_choose, similar
from store.organisation import Place
from store.pool import viewed_by
from store.reports import SEES_ALL, FormUsed, NewReport, accept
from web.contacts import contacts_of, not_too_often
from web.forms import storable
from web.handlers import wants_json
from web.plain import Plain
from web.problems import Problem
from web.public.report.chips import CODES, OPEN_TO_ALL, PLACE_KINDS, Chip, chips_by
from web.public.report.form import FORM_ID, Filled, developed, filled, report_of, whereabouts
from web.reader import reader_of
from web.render import page
from web.security import Looking, Viewer, needs, read_form, refuse_other_sites
from web.services import services

TEMPLATE = "public/report/page.html"
ELDER = "elder"  # the cookie of the elders' mode
MOST_AN_HOUR = 60  # reports from one address: many residents share one of a mobile network
LOST = (IntakeUnavailable, psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, ContactKeyMissing)
log = structlog.get_logger()


@dataclass(frozen=True)
class Surroundings:
    """What the page knows of a place; empty while the store is away, and the form still works."""

    place_label: str | None = None
    places: list[Place] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=lambda: chips_by([]))
    similar: list[OpenMatter] = field(default_factory=list)
    helpline: Helpline | None = None


def elder(request: Request) -> bool:
    asked = request.query_params.get(ELDER)
    return asked == "1" if asked in ("0", "1") else request.cookies.get(ELDER) == "1"


async def surroundings(request: Request, place: str, hint: str) -> Surroundings:
    try:
        async with viewed_by(services(request).pool, SEES_ALL) as connection:
            return Surroundings(
                await place_named(connection, place) if place else None,
                await places_to_choose(connection),
                chips_by(await frequent(connection, place, CODES)),
                await similar(connection, place, hint, OPEN_TO_ALL),
                await helpline(connection, place or UNPLACED),
            )
    except LOST as lost:
        log.warning("report page without surroundings", error=type(lost).__name__)
        return Surroundings()


async def show(
    request: Request,
    sent: Filled,
    *,
    action: str = "/report",
    viewer: Viewer | None = None,
    refused: Problem | None = None,
    asked: bool = False,
    status: int = 200,
) -> Response:
    """The form, with what was filled in. `asked`: matters nearby are shown as the last question before sending."""
    around = await surroundings(request, sent.get("place"), sent.get("hint"))
    values = dict(sent.values)
    if not FORM_ID.fullmatch(values.get("form", "")) or (refused and refused.code == "form-used"):
        values["form"] = token_urlsafe(32)
    context = {
        "around": around,
        "values": values,
        "scanned": around.place_label is not None and "place" in request.query_params,
        "refused": refused,
        "asked": asked,
        "photos_lost": bool(sent.photos),
        "place_kinds": PLACE_KINDS,
        "plain": Plain(reader_of(request)),
        "elder": elder(request),
        "on_behalf": viewer is not None,
        "action": action,
    }
    answer = page(request, TEMPLATE, context, status=status)
    answer.set_cookie(
        ELDER, "1" if elder(request) else "0", max_age=31536000, samesite="lax", secure=request.url.scheme == "https"
    )
    return answer


def router_for_helpers(path: str, *roles: Role) -> APIRouter:
    """The same form at `path`, for staff of these roles who report for somebody."""
    router = APIRouter(prefix=path, include_in_schema=False)
    helpers = needs(*roles)

    @router.get("", dependencies=[helpers])
    async def form(request: Request, viewer: Looking, place: str = "") -> Response:
        storable(place, "place")
        return await show(request, Filled({"place": place}), action=path, viewer=viewer)

    @router.post("", dependencies=[helpers])
    async def report(request: Request, viewer: Looking) -> Response:
        return await take(request, action=path, viewer=viewer)

    return router


async def take(request: Request, *, action: str = "/report", viewer: Viewer | None = None) -> Response:
    """What became of a form: its follow page, one question before, or the form again with what is wrong."""
    refuse_other_sites(request)
    sent = await filled(await read_form(request))
    try:
        return await _taken(request, sent, action, viewer)
    except Problem as problem:
        refused = problem
    except FormUsed:
        refused = Problem(409, "form-used")
    except LOST as lost:
        log.warning("report not kept", error=type(lost).__name__)
        refused = Problem(503, "report-not-kept")
    if wants_json(request):
        raise refused
    return await show(request, sent, action=action, viewer=viewer, refused=refused, status=refused.status)


async def _taken(request: Request, sent: Filled, action: str, viewer: Viewer | None) -> Response:
    served = services(request)
    sender = None if viewer else await not_too_often(request, "reports", MOST_AN_HOUR)
    async with viewed_by(served.pool, SEES_ALL) as connection:
        report = await report_of(connection, sent, elder=elder(request), viewer=viewer)
        around = (
            await similar(connection, report.place, report.hint, OPEN_TO_ALL) if _to_be_asked(request, sent) else []
        )
    if around:
        again = Filled({**sent.values, "place": report.place, "looked": "1"}, sent.photos)
        return await show(request, again, action=action, viewer=viewer, asked=True)
    token = await _accepted(request, replace(report, photos=await developed(sent.photos)))
    if sender is not None:
        await attempts.note(served.pool, "reports", sender)
    return RedirectResponse(f"/f/{token}?new=1", 303)


def _to_be_asked(request: Request, sent: Filled) -> bool:
    """Whether the matters nearby were neither shown nor answered: without JavaScript nobody shows them before."""
    return not (sent.get("looked") or sent.get("follows") or wants_json(request))


async def _accepted(request: Request, report: NewReport) -> str:
    served = services(request)
    return await accept(served.pool, served.intake, contacts_of(request), served.evidence, report)


async def around_now(request: Request) -> Surroundings:
    """The matters around the place or the point that the form holds now."""
    given = Filled({name: request.query_params.get(name, "").strip() for name in ("place", "lat", "lon", "hint")})
    storable(given.values)
    async with viewed_by(services(request).pool, SEES_ALL) as connection:
        try:
            place, _ = await whereabouts(connection, given)
        except Problem:
            return Surroundings()
        return Surroundings(similar=await similar(connection, place, given.get("hint"), OPEN_TO_ALL))
