"""What the wall shows: numbers that lead to their cases, what just happened, hours, places, committees."""

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request

from domain.cases import Light
from domain.matters import Tier
from store import board
from store.board import CommitteeLights, HotPlace, News
from store.geometry import FeatureCollection, points_of_cases
from store.pool import viewed_by
from web.catalogue import category_label
from web.clocks import span
from web.i18n import N_
from web.listing import Wanted, midnight
from web.reader import reader_of
from web.render import with_query
from web.security import Viewer
from web.services import services

LIST = "/console/cases"


@dataclass(frozen=True)
class Number:
    """A number of the wall; `query` leads to exactly the cases that it counts."""

    label: str
    query: dict[str, str]
    light: str = "plain"


NUMBERS = {
    "received": Number(N_("今天收到"), {"today": "received"}),
    "filed": Number(N_("今天立案"), {"today": "filed"}),
    "closed": Number(N_("今天结案"), {"today": "closed"}),
    "open": Number(N_("未结"), {"open": "1"}),
    "overdue": Number(N_("超期"), {"light": "overdue"}, "overdue"),
    "due-soon": Number(N_("临期"), {"light": "due-soon"}, "due-soon"),
    "waiting": Number(N_("等诉求人答复"), {"pause": "waiting-for-reporter"}),
}


@dataclass(frozen=True)
class Counted:
    label: str
    href: str
    figure: str
    light: str


@dataclass(frozen=True)
class Ground:
    """The lower part: the last 24 hours, the places with most of today's matters, the committees by light."""

    curve: dict[str, list[int]]  # hours of the day, received, closed
    hot: list[HotPlace]
    committees: list[CommitteeLights]


async def counted(request: Request, viewer: Viewer) -> list[Counted]:
    """Today's numbers, last the average time to sign."""
    since, reader = midnight(request), reader_of(request)
    lists = {name: Wanted(request, **number.query).filter(viewer) for name, number in NUMBERS.items()}
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        found = await board.numbers(connection, lists)
        signed = await board.signed_after(connection, since)
    shown = [
        Counted(
            number.label, with_query(LIST, number.query), str(found[name]), number.light if found[name] else "plain"
        )
        for name, number in NUMBERS.items()
    ]
    average = "–" if signed is None else span(max(signed, timedelta()), reader.say)
    return [*shown, Counted(N_("平均签收用时"), with_query(LIST, {"today": "signed"}), average, "plain")]


async def told(request: Request, viewer: Viewer) -> list[News]:
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        return await board.news(connection)


async def ground(request: Request, viewer: Viewer) -> Ground:
    zone = reader_of(request).zone
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        hours = await board.curve(connection)
        return Ground(
            curve={
                "hours": [hour.at.astimezone(zone).hour for hour in hours],
                "received": [hour.received for hour in hours],
                "closed": [hour.closed for hour in hours],
            },
            hot=await board.hot_places(connection, midnight(request)),
            committees=await board.committees_by_light(connection, viewer.sight),
        )


async def points(request: Request, viewer: Viewer, tier: Tier | None, light: Light | None) -> FeatureCollection:
    """Open cases for the wall: named by their category, for a title may name a person."""
    language = reader_of(request).language
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        found = await points_of_cases(connection, tier=tier, light=light)
    for point in found["features"]:
        case = point["properties"]
        case["title"] = category_label(case["category"], language)
    return found
