"""The names that an author may use, with what people call them."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request

from domain.matters import Audience, Evidence, Inspection, Priority, Tier
from rules.schema import json_schema
from store.catalogue import current_catalogue
from web.console.rulesets.creating.sources import sources
from web.reader import Reader, reader_of
from web.services import services
from web.words import LABELS

OPERATORS = {
    "number": ("gte", "gt", "lte", "lt", "eq", "ne"),
    "boolean": ("eq", "ne"),
    "string": ("contains_any", "contains_all", "mentions_any", "eq", "ne", "in"),
    "detection": ("is",),
    "signal": ("silent",),
}
GROUPINGS = ("device", "gateway", "place", "place.unit", "place.building", "place.community")
WIDER = ("place.committee", "place.sub_district", "place.district")  # than what one partition hears
TYPES = """
    SELECT type FROM (SELECT type FROM signals ORDER BY received_at DESC, id DESC LIMIT 20000) latest
    GROUP BY type ORDER BY count(*) DESC LIMIT 200"""
TITLES = "SELECT DISTINCT ON (id) id, title FROM rulesets WHERE stage <> 'retired' ORDER BY id, created_at DESC"
UNITS = "SELECT DISTINCT kind FROM units ORDER BY kind"


async def words(request: Request) -> dict[str, Any]:
    """For the editor's completion."""
    found = await choices(request, reader_of(request))
    async with services(request).pool.connection() as connection:
        types = [row[0] for row in await (await connection.execute(TYPES)).fetchall()]
    labelled = {
        name: [{"label": code, "detail": label} for code, label in found[name]] for name in ("categories", "units")
    }
    return {"schema": json_schema(), "types": types, "rulesets": [id_ for id_, _ in found["rulesets"]], **labelled}


async def of_the_form(request: Request) -> dict[str, Any]:
    """As `choices`, with what only the editor's form offers."""
    reader = reader_of(request)
    known = await sources(request)
    kinds = {one.type: one for one in known if not one.field}

    def labelled(kind: str, codes: Iterable[str]) -> list[tuple[str, str]]:
        return [(code, reader.label(kind, code)) for code in codes]

    return {
        **await choices(request, reader),
        "derived": labelled("derived", LABELS["derived"]),
        "detections": labelled("detection_kind", LABELS["detection_kind"]),
        "inspections": labelled("inspection", [one.value for one in Inspection]),
        "audiences": labelled("audience", [one.value for one in Audience]),
        "evidence": labelled("evidence", [one.value for one in Evidence]),
        "outcomes": labelled("outcome", LABELS["outcome"]),
        "sources": known,
        "kinds_of_signals": [(type_, f"{one.label} — {type_}") for type_, one in kinds.items()],
    }


async def choices(request: Request, reader: Reader) -> dict[str, Any]:
    """For the form's lists: pairs of code and label."""
    async with services(request).pool.connection() as connection:
        kinds = [row[0] for row in await (await connection.execute(UNITS)).fetchall()]
        titles = await (await connection.execute(TITLES)).fetchall()
        catalogue = await current_catalogue(connection)
    known = list(dict.fromkeys([*LABELS["handler"], *kinds]))
    return {
        "units": [(kind, reader.label("handler", kind)) for kind in known],
        "categories": [(code, one.label_zh) for code, one in catalogue.items()],
        "priorities": [(one.value, reader.label("priority", one.value)) for one in Priority],
        "tiers": [(one.value, reader.label("tier", one.value)) for one in Tier],
        "operators": OPERATORS,
        "groupings": [(one, reader.label("grouping", one)) for one in GROUPINGS],
        "wider": [(one, reader.label("grouping", one)) for one in (*GROUPINGS, *WIDER)],
        "rulesets": [(id_, title) for id_, title in titles],
    }
