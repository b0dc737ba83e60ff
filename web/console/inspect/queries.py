"""Cases that this inspector may inspect, with what was said and shown of the handling."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from domain.cases import Stage
from domain.events import Handled
from domain.lifecycle import offered
from store.case_pages import Filter, list_cases, photos, read_case
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
        shown = await photos(connection, [row.case.id for row in rows])
        items = []
        for row in rows:
            record = await read_case(connection, row.case.id)
            events = [told.event for told in record.events] if record else []
            items.append(
                Item(
                    card=card(row, viewer.actor, now),
                    before=[one for one, kind in shown[row.case.id] if kind == "photo_before"],
                    after=[one for one, kind in shown[row.case.id] if kind == "photo_after"],
                    handled=next((event for event in reversed(events) if isinstance(event, Handled)), None),
                    own="inspect" not in offered(row.case, viewer.actor),
                )
            )
    return items
