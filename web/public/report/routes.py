"""诉求: a resident says what is wrong and where, without login, in under a minute."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from store import attempts
from web.contacts import not_too_often
from web.forms import storable
from web.plain import Plain
from web.public.report.form import Filled
from web.public.report.serving import TEMPLATE, around_now, show, take
from web.reader import reader_of
from web.render import fragment
from web.security import needs
from web.services import services

MOST_LOOKS = 600  # an hour, from one address: some for each report that it may send
router = APIRouter(include_in_schema=False)


@router.get("/report", dependencies=[needs("public")])
async def form(request: Request, place: str = "") -> Response:
    """The form; `place` comes from the QR code on the wall, `elder=1` makes everything larger, the next times too."""
    storable(place, "place")
    return await show(request, Filled({"place": place}))


@router.get("/report/nearby", dependencies=[needs("public")])
async def nearby(request: Request) -> Response:
    """What the page asks for when place or kind change: the place's name, and open matters like this one."""
    sender = await not_too_often(request, "nearby", MOST_LOOKS)
    await attempts.note(services(request).pool, "nearby", sender)
    around = await around_now(request)
    return fragment(request, TEMPLATE, "nearby", {"around": around, "asked": False, "plain": Plain(reader_of(request))})


@router.post("/report", dependencies=[needs("public")])
async def report(request: Request) -> Response:
    return await take(request)
