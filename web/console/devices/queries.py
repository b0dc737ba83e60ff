"""Devices within the viewer's areas, and those that nobody registered yet."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from starlette.requests import Request

from domain.places import Level
from store.organisation import Place, containing, nearest_label, places_within
from web.forms import storable
from web.security import Viewer
from web.services import services

PAGE = 50
LIST = f"""
    SELECT d.adapter, d.device_id, d.kind, d.label, d.place, d.registered, d.first_seen_at,
           {nearest_label("d.place")} AS place_label
    FROM devices d
    WHERE d.registered = %(registered)s AND (d.place IS NULL OR d.place ^@ ANY (%(areas)s))
      AND (%(text)s = '' OR d.device_id ILIKE %(like)s OR d.label ILIKE %(like)s OR d.place ILIKE %(like)s
           OR d.place ^@ ANY (ARRAY(SELECT path FROM areas WHERE label ILIKE %(like)s)))
      AND (d.adapter, d.device_id) > (%(adapter)s, %(device)s)
    ORDER BY d.adapter, d.device_id LIMIT %(limit)s"""  # noqa: S608 - constants
WAITING = "SELECT count(*) FROM devices WHERE NOT registered"


@dataclass(frozen=True)
class Device:
    adapter: str
    device_id: str
    kind: str
    label: str
    place: str | None
    registered: bool
    first_seen_at: datetime
    place_label: str | None

    @property
    def key(self) -> str:
        return f"{self.adapter}/{self.device_id}"


@dataclass(frozen=True)
class Listed:
    devices: list[Device]
    next: str | None
    unregistered: int
    places: list[Place]


async def listed(request: Request, viewer: Viewer, *, registered: bool, text: str, after: str) -> Listed:
    """A page of devices by adapter and id, behind `after` (adapter/id)."""
    storable({"q": text, "after": after})
    adapter, _, device = after.partition("/")
    given = {
        "registered": registered,
        "areas": list(viewer.actor.areas),
        "text": text,
        "like": containing(text),
        "adapter": adapter,
        "device": device,
        "limit": PAGE + 1,
    }
    async with services(request).pool.connection() as connection:
        async with connection.cursor(row_factory=class_row(Device)) as cursor:
            await cursor.execute(LIST, given)
            devices = await cursor.fetchall()
        waiting = await (await connection.execute(WAITING)).fetchone()
        places = await places_within(connection, viewer.actor.areas) if not registered else []
    more = devices[PAGE - 1].key if len(devices) > PAGE else None
    units = [place for place in places if place.level >= Level.BUILDING]
    return Listed(devices[:PAGE], more, waiting[0] if waiting else 0, units)
