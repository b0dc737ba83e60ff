"""The list beside a map: what the map draws, and the worst of it as links; the map follows it."""

from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import HTMLResponse

from domain.cases import Light
from store.geometry import FeatureCollection
from web.render import fragment

MapId = Annotated[str, Query(alias="map", pattern="^[a-z-]{1,20}$")]
WORST_FIRST = [Light.OVERDUE, Light.DUE_SOON, Light.NORMAL]
LISTED = 100


def beside(request: Request, map_id: str, points: FeatureCollection) -> HTMLResponse:
    address = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    context = {"id": map_id, "points": points, "worst": _worst(points), "address": address}
    return fragment(request, "parts/map_cases.html", "list", context)


def _worst(points: FeatureCollection) -> list[dict[str, Any]]:
    shown = (point["properties"] for point in points["features"])
    return sorted(shown, key=lambda case: WORST_FIRST.index(case["light"]))[:LISTED]
