"""What somebody on patrol is shown: what is open where they stand, and where they have been today."""

from dataclasses import dataclass

from starlette.requests import Request

from domain.places import UNPLACED, Level, Point, at_level
from store.case_pages import Filter, list_cases
from store.geometry import nearest_place
from store.nearby import place_named
from store.organisation import Place, place_label
from store.patrol import Check, checked, places_of
from store.pool import Connection, viewed_by
from web.casework import Card, card
from web.public.report.form import Filled, whereabouts
from web.reader import reader_of
from web.security import Viewer
from web.services import services

MOST = 20


@dataclass(frozen=True)
class Here:
    """A place, whether it is the viewer's to look after, and the open cases around it that they may see."""

    place: str
    label: str
    yours: bool
    point: Point | None
    open: list[Card]


async def at_place(request: Request, viewer: Viewer, place: str) -> Here:
    """What is open at a place whose code was scanned: there and in all that lies in it."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        label = await place_named(connection, place)
        yours = label is not None and viewer.actor.covers(place)
        return Here(place, label or "", yours, None, await _open(connection, request, viewer, place))


async def at_point(request: Request, viewer: Viewer, point: Point) -> Here:
    """What is open in the community where the phone is."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        place = await nearest_place(connection, point)
        label = await place_label(connection, place) or ""
        yours = place != UNPLACED and viewer.actor.covers(place)
        around = at_level(place, Level.COMMUNITY) or place
        return Here(place, label, yours, point, await _open(connection, request, viewer, around) if yours else [])


async def _open(connection: Connection, request: Request, viewer: Viewer, area: str) -> list[Card]:
    found = await list_cases(connection, Filter(area=area, only_open=True), limit=MOST)
    now = reader_of(request).now
    return [card(row, viewer.actor, now) for row in found.rows]


async def today(request: Request, viewer: Viewer) -> tuple[list[Check], list[Place]]:
    """Where the viewer has been since midnight, newest first; and the places they look after."""
    reader = reader_of(request)
    midnight = reader.now.astimezone(reader.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        checks = await checked(connection, viewer.person.id, midnight)
        return checks, await places_of(connection, viewer.actor.areas)


async def whereabouts_of(request: Request, viewer: Viewer, sent: Filled) -> tuple[str, str, bool, Point | None]:
    """The place that a form names or its position lies in: path, name, whether it is the viewer's. Raises Problem."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        place, point = await whereabouts(connection, sent)
        label = await place_label(connection, place) or ""
    scanned = bool(sent.get("place"))
    return place, label, place != UNPLACED and viewer.actor.covers(place), None if scanned else point
