"""试算: what a version would have made of what was stored; asked for, watched while it is played, and read."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.people import Role
from store import backtests
from store.backtests import MOST_UNFINISHED, Backtest, OutsideYourAreas, TooMany
from store.ids import new_id
from store.pool import Connection
from store.rulesets import versions
from store.working_copies import working_copy
from web import cursors
from web.console.rulesets.access import AUTHORS, READERS, RulesetId, person_of
from web.console.rulesets.backtests.asking import FIELDS, PERIODS, areas_of, read
from web.console.rulesets.backtests.showing import CHANGES, PROBLEMS, STATES, area_bars, days, hour_bars, labels_of
from web.handlers import refusal
from web.problems import Problem
from web.reader import reader_of
from web.render import fragment, is_htmx, page
from web.security import Looking, Viewer, read_form
from web.services import services

router = APIRouter(prefix="/console/rulesets/{ruleset}/backtests", include_in_schema=False)
LIST, FORM, ONE = (f"console/rulesets/backtests/{name}.html" for name in ("list", "form", "page"))


@router.get("", dependencies=[READERS])
async def all_of_them(
    request: Request, viewer: Looking, ruleset: RulesetId, cursor: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    areas = viewer.person.areas
    async with services(request).pool.connection() as connection:
        await _known(connection, viewer, ruleset)
        found = await backtests.listing(connection, ruleset, areas, cursors.read(cursor), backtests.PAGE + 1)
        names = await labels_of(connection, {one.area for one in found})
    rows, more = found[: backtests.PAGE], len(found) > backtests.PAGE
    last = (rows[-1].asked_at, rows[-1].id) if more else None
    writes = viewer.has(Role.RULE_AUTHOR)
    context: dict[str, Any] = {"ruleset": ruleset, "rows": rows, "next": cursors.written(last), "names": names}
    context |= {"states": STATES, "writes": writes, "days": days}
    return page(request, LIST, context)


@router.get("/new", dependencies=[AUTHORS])
async def form(
    request: Request,
    viewer: Looking,
    ruleset: RulesetId,
    version: Annotated[str, Query(max_length=64)] = "",
    against: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    return await _form(request, viewer, ruleset, {"version": version, "against": against})


@router.post("", dependencies=[AUTHORS])
async def ask(request: Request, viewer: Looking, ruleset: RulesetId) -> Response:
    sent = await read_form(request)
    given = {name: str(sent.get(name) or "").strip() for name in FIELDS}
    try:
        async with services(request).pool.connection() as connection:
            known = await versions(connection, ruleset)
            copy = await working_copy(connection, person_of(viewer), ruleset)
            new = read(given, ruleset, {one.hash for one in known}, copy, reader_of(request))
            await backtests.ask(connection, new, viewer.actor)
    except OutsideYourAreas:
        problem = Problem(422, "field-invalid", field="area", reason=given["area"])
        return await _form(request, viewer, ruleset, given, problem)
    except TooMany:
        problem = Problem(429, "too-many-backtests", most=MOST_UNFINISHED)
        return await _form(request, viewer, ruleset, given, problem)
    except Problem as problem:
        return await _form(request, viewer, ruleset, given, problem)
    return RedirectResponse(f"/console/rulesets/{ruleset}/backtests/{new.id}", 303)


@router.get("/{backtest}", dependencies=[READERS])
async def one(
    request: Request,
    viewer: Looking,
    ruleset: RulesetId,
    backtest: UUID,
    change: Annotated[str, Query(max_length=10)] = "",
    after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    if change and change not in CHANGES:
        raise Problem(422, "field-invalid", field="change", reason=change)
    async with services(request).pool.connection() as connection:
        found = await _one(connection, viewer, ruleset, backtest)
        shown = change or _first(found)
        items = await backtests.items(connection, backtest, shown, after, backtests.PAGE + 1)
        places = {item["place"] for item in items} | {of["area"] for of in (found.result or {}).get("by_area", ())}
        names = await labels_of(connection, {found.area, *places})
    context = {
        "ruleset": ruleset,
        "backtest": found,
        "names": names,
        "change": shown,
        "changes": CHANGES,
        "days": days,
        "items": [{**item, "at": datetime.fromisoformat(item["opened_at"])} for item in items[: backtests.PAGE]],
        "next": items[backtests.PAGE - 1]["n"] if len(items) > backtests.PAGE else None,
        "hours": hour_bars(found.result) if found.result else (),
        "areas": area_bars(found.result) if found.result else (),
        "problem": PROBLEMS.get(found.problem or "", PROBLEMS[""]),
        "writes": viewer.has(Role.RULE_AUTHOR),
    }
    if is_htmx(request):
        return fragment(request, ONE, "standing", context)
    return page(request, ONE, context)


@router.post("/{backtest}/cancel", dependencies=[AUTHORS])
async def cancel(request: Request, viewer: Looking, ruleset: RulesetId, backtest: UUID) -> Response:
    """Whoever is late finds the result, and no refusal: what was to be stopped is over."""
    async with services(request).pool.connection() as connection:
        await _one(connection, viewer, ruleset, backtest)
        await backtests.cancel(connection, backtest, viewer.person.areas)
    return RedirectResponse(f"/console/rulesets/{ruleset}/backtests/{backtest}", 303)


async def _one(connection: Connection, viewer: Viewer, ruleset: str, backtest: UUID) -> Backtest:
    """Raises Problem where there is none in the viewer's areas."""
    found = await backtests.one(connection, backtest, viewer.person.areas)
    if found is None or found.ruleset != ruleset:
        raise Problem(404, "not-found")
    return found


async def _known(connection: Connection, viewer: Viewer, ruleset: str) -> None:
    """Raises Problem where nobody has written such a ruleset."""
    if not await versions(connection, ruleset) and not await working_copy(connection, person_of(viewer), ruleset):
        raise Problem(404, "not-found")


def _first(found: Backtest) -> str:
    """The change whose cases are shown where none was chosen: what is gone first, the same last."""
    result = found.result or {}
    return next((name for name in CHANGES if result.get(name)), "gone")


async def _form(
    request: Request, viewer: Viewer, ruleset: str, given: dict[str, str], problem: Problem | None = None
) -> Response:
    async with services(request).pool.connection() as connection:
        await _known(connection, viewer, ruleset)
        known = await versions(connection, ruleset)
        copy = await working_copy(connection, person_of(viewer), ruleset)
        areas = await areas_of(connection, viewer.person.areas)
    active = next((one.hash for one in known if one.stage == "active"), "")
    usual: dict[str, Any] = {"version": "copy" if copy else active, "against": active, "period": "month"}
    context = {
        "ruleset": ruleset,
        "title": known[0].title if known else ruleset,
        "versions": known,
        "copy": copy,
        "periods": PERIODS,
        "areas": areas,
        "key": new_id(),
        "given": usual | {name: value for name, value in given.items() if value},
        "refused": refusal(problem.code, problem.params, problem.status) if problem else None,
    }
    return page(request, FORM, context, status=problem.status if problem else 200)
