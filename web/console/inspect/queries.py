"""Cases that this inspector may inspect, with what was said and shown of the handling."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from domain.cases import Stage
from domain.events import Handled
from domain.lifecycle import offered
from store.case_pages import Filter, last_handlings, list_cases, photos
from store.pool import viewed_by
from web.casework import Card, card
from web.reader import reader_of
from web.security import Viewer
from web.services import services


@dataclass(frozen=True)
class Item:
    card: Card
    before: list[UUID]
    after: list[UUID]
    handled: Handled | None
    own: bool  # handled by the viewer: others inspect it


async def queue(request: Request, viewer: Viewer) -> list[Item]:
    """By due date; cases the viewer handled are shown, and never offered."""
    now = reader_of(request).now
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        rows = (await list_cases(connection, Filter(stage=Stage.INSPECTING))).rows
        cases = [row.case.id for row in rows]
        shown, handled = await photos(connection, cases), await last_handlings(connection, cases)
    return [
        Item(
            card=card(row, viewer.actor, now),
            before=[one for one, kind in shown[row.case.id] if kind == "photo_before"],
            after=[one for one, kind in shown[row.case.id] if kind == "photo_after"],
            handled=handled.get(row.case.id),
            own="inspect" not in offered(row.case, viewer.actor),
        )
        for row in rows
    ]
