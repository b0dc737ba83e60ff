"""类别目录与权责清单: what kinds of matters there are, what each keeps to, and which kind of unit does what."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.people import Role
from rules.catalogue import Kind
from rules.category_codes import CODES
from rules.duties import Part
from store.catalogue_imports import rulesets_using
from web.catalogue import in_force, look_up
from web.clocks import span
from web.console.catalogue import importing
from web.console.catalogue.access import EXCHANGED, READERS, Table
from web.console.catalogue.queries import Wanted, listed, listed_duties
from web.forms import storable
from web.problems import Problem
from web.reader import reader_of
from web.render import page
from web.security import Looking
from web.services import services

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Query(max_length=100)]
Code = Annotated[str, Path(max_length=60)]
FILES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/console/catalogue", dependencies=[READERS])
async def categories(
    request: Request,
    viewer: Looking,
    q: Text = "",
    kind: Text = "",
    group: Text = "",
    after: Text = "",
    done: Text = "",
) -> Response:
    await _look(request)
    now, wanted = in_force(), Wanted(q=q.strip(), kind=kind, group=group)
    storable(wanted.query)
    context = {
        "found": listed(now, wanted, after),
        "wanted": wanted,
        "kinds": list(Kind),
        "groups": list(dict.fromkeys(category.class_zh for category in now.catalogue.values())),
        "span": _span(request),
    }
    return page(request, "console/catalogue/page.html", {**context, **_common(viewer, Table.CATALOGUE, done)})


@router.get("/console/catalogue/categories/{code}", dependencies=[READERS])
async def category(request: Request, viewer: Looking, code: Code) -> Response:
    """One category: its triple, its floor, who does what, and the rulesets in force that open it."""
    await _look(request)
    now = in_force()
    found = now.catalogue.get(code)
    if found is None:
        raise Problem(404, "not-found")
    async with services(request).pool.connection() as connection:
        rulesets = (await rulesets_using(connection)).get(code, [])
    duties = now.duties.of(code)
    context = {
        "one": found,
        "codes": [(name, now.forms.get(name)) for name in CODES],
        "duties": [(part, [duty for duty in duties if duty.part is part]) for part in Part],
        "rulesets": rulesets,
        "opens_rulesets": viewer.has(Role.RULE_AUTHOR),
        "span": _span(request),
    }
    return page(request, "console/catalogue/category.html", {**context, **_common(viewer, Table.CATALOGUE)})


@router.get("/console/catalogue/duties", dependencies=[READERS])
async def duties(
    request: Request, viewer: Looking, q: Text = "", unit: Text = "", part: Text = "", after: Text = "", done: Text = ""
) -> Response:
    await _look(request)
    now, wanted = in_force(), Wanted(q=q.strip(), unit=unit, part=part)
    storable(wanted.query)
    context = {
        "found": listed_duties(now, wanted, after),
        "wanted": wanted,
        "units": sorted({duty.unit_kind for duty in now.duties.items}),
        "parts": list(Part),
        "known": now.catalogue,
    }
    return page(request, "console/catalogue/duties.html", {**context, **_common(viewer, Table.DUTIES, done)})


@router.get("/console/catalogue/export", dependencies=[READERS])
async def export(request: Request, table: Table, form: Annotated[str, Query(pattern="^(csv|xlsx)$")]) -> Response:
    """The table in force, as a file."""
    await _look(request)
    exchanged, now = EXCHANGED[table], in_force()
    data = exchanged.workbook(now) if form == "xlsx" else exchanged.csv(now)
    named = {"content-disposition": f'attachment; filename="{table}.{form}"'}
    return Response(data, media_type=FILES[form], headers=named)


async def _look(request: Request) -> None:
    async with services(request).pool.connection() as connection:
        await look_up(connection)


def _span(request: Request) -> object:
    reader = reader_of(request)
    return lambda length: span(length, reader.say)


def _common(viewer: Looking, table: Table, done: str = "") -> dict[str, object]:
    return {"table": table, "imports": viewer.has(Role.SYSTEM_ADMIN), "done": done == "imported"}


router.routes += importing.router.routes
