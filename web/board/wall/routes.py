"""The wall board: today at a glance, live, and nothing of a person."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from domain.cases import Light
from domain.matters import Tier
from domain.people import DUTY_DESK
from web.board.wall import queries
from web.maps import MapId, beside
from web.render import fragment, page
from web.security import Looking, needs

router = APIRouter(include_in_schema=False)
NEEDED = needs(*sorted(DUTY_DESK))
TEMPLATE = "board/wall/page.html"


@router.get("/board", dependencies=[NEEDED])
async def board(request: Request, viewer: Looking, tier: Tier | None = None, light: Light | None = None) -> Response:
    context = {
        "numbers": await queries.counted(request, viewer),
        "news": await queries.told(request, viewer),
        "ground": await queries.ground(request, viewer),
        "tiers": [one.value for one in Tier],
        "narrowed": {"tier": tier.value if tier else "", "light": light.value if light else ""},
    }
    return page(request, TEMPLATE, context)


@router.get("/board/numbers", dependencies=[NEEDED])
async def numbers(request: Request, viewer: Looking) -> Response:
    return fragment(request, TEMPLATE, "counted", {"numbers": await queries.counted(request, viewer)})


@router.get("/board/news", dependencies=[NEEDED])
async def news(request: Request, viewer: Looking) -> Response:
    return fragment(request, TEMPLATE, "told", {"news": await queries.told(request, viewer)})


@router.get("/board/ground", dependencies=[NEEDED])
async def ground(request: Request, viewer: Looking) -> Response:
    return fragment(request, TEMPLATE, "ground", {"ground": await queries.ground(request, viewer)})


@router.get("/board/cases", dependencies=[NEEDED])
async def cases(
    request: Request, viewer: Looking, tier: Tier | None = None, light: Light | None = None, map_id: MapId = "map"
) -> Response:
    return beside(request, map_id, await queries.points(request, viewer, tier, light))
