"""What the finding's form offers: where this person may be, and what they find most."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from domain.cases import Case
from domain.places import UNPLACED, Point
from store.case_pages import standing
from store.frequency import frequent
from store.geometry import nearest_place
from store.nearby import place_named
from store.organisation import Place, place_label
from store.patrol import places_of
from store.pool import viewed_by
from web.catalogue import category_label
from web.mobile.report.form import findings
from web.reader import reader_of
from web.security import Viewer
from web.services import services

FIRST = 6
Kind = tuple[str, str]  # a category's code, and what it is called


@dataclass(frozen=True)
class Around:
    """`scanned`: the place of the code on the wall, by name; None where there is none or it is not the viewer's."""

    scanned: str | None
    places: list[Place]
    first: list[Kind]
    more: list[Kind]


@dataclass(frozen=True)
class Where:
    """What a position is called; `yours`: whether it lies in the viewer's areas."""

    place: str
    label: str
    yours: bool


async def around(request: Request, viewer: Viewer, place: str) -> Around:
    kinds = list(findings().kinds)
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        scanned = await place_named(connection, place) if viewer.actor.covers(place) else None
        most = await frequent(connection, viewer.actor.areas, kinds, FIRST)
        places = await places_of(connection, viewer.actor.areas)
    language = reader_of(request).language
    named = [(code, category_label(code, language)) for code in (*most, *(kind for kind in kinds if kind not in most))]
    return Around(scanned, places, named[:FIRST], named[FIRST:])


async def where(request: Request, viewer: Viewer, point: Point) -> Where:
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        place = await nearest_place(connection, point)
        label = await place_label(connection, place) or ""
    return Where(place, label, place != UNPLACED and viewer.actor.covers(place))


async def case_of(request: Request, viewer: Viewer, case_id: UUID) -> Case | None:
    """The case that a form has become; None: it is about to begin."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        return await standing(connection, case_id)
