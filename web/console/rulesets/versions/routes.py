"""One ruleset: its versions, where each stands and what was done with it, and the steps that two people take."""

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain.people import Role
from domain.places import Level
from domain.rulesets import Approve, Ask, Command, Refuse, Retire, RollBack, Stage, Withdraw, offered
from store.organisation import places_within
from store.pool import viewed_by
from store.rulesets import listing, shadowing, standing, steps, versions
from store.working_copies import working_copy
from web.console.rulesets.access import AUTHORS, READERS, RulesetId, person_of, texts_of
from web.console.rulesets.versions.comparing import rows_of
from web.forms import id_from
from web.handlers import refusal
from web.problems import Problem
from web.reader import reader_of
from web.render import page
from web.security import Looking, Viewer, read_form
from web.services import services
from web.stages import take_step
from web.words import LABELS

router = APIRouter(prefix="/console/rulesets/{ruleset}", include_in_schema=False)
TEMPLATE = "console/rulesets/versions/page.html"
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
AskedHash = Annotated[str, Query(pattern=r"^([0-9a-f]{64})?$")]
SIMPLE: dict[str, type[Approve] | type[Refuse] | type[Withdraw] | type[Retire]] = {
    "approve": Approve,
    "refuse": Refuse,
    "withdraw": Withdraw,
    "retire": Retire,
}
NOTE_NEEDED = ("refuse", "retire", "roll_back")


@router.get("", dependencies=[READERS])
async def show(request: Request, viewer: Looking, ruleset: RulesetId, done: str = "") -> Response:
    return await _page(request, viewer, ruleset, done=done if done in LABELS["ruleset_done"] else "")


@router.post("/versions/{hash_}/{step}", dependencies=[AUTHORS])
async def take(request: Request, viewer: Looking, ruleset: RulesetId, hash_: Hash, step: str) -> Response:
    form = await read_form(request)
    try:
        command = _command(request, step, hash_, form)
        await take_step(services(request), viewer, ruleset, command, id_from(form.get("command_id"), "command_id"))
    except Problem as problem:
        if problem.status == 404:  # noqa: PLR2004 - there is no page to show it on
            raise
        return await _page(request, viewer, ruleset, refused=problem, at=(hash_, step))
    return RedirectResponse(f"/console/rulesets/{ruleset}?done={step}#version-{hash_[:12]}", 303)


@router.get("/diff", dependencies=[READERS])
async def compare(request: Request, ruleset: RulesetId, before: AskedHash = "", after: AskedHash = "") -> Response:
    """Two versions side by side; where none are named, the newest and the one before it."""
    async with services(request).pool.connection() as connection:
        known = await versions(connection, ruleset)
        if not known:
            raise Problem(404, "not-found")
        after, before = after or known[0].hash, before or known[min(1, len(known) - 1)].hash
        texts = [await texts_of(connection, ruleset, hash_) for hash_ in (before, after)]
    by_hash = {one.hash: one for one in known}
    files = [(name, rows_of(texts[0][n], texts[1][n])) for n, name in enumerate(("ruleset.yaml", "template.zh.j2"))]
    context = {
        "ruleset": ruleset,
        "versions": known,
        "before": by_hash[before],
        "after": by_hash[after],
        "files": files,
    }
    return page(request, "console/rulesets/versions/diff.html", context)


@router.get("/shadow", dependencies=[READERS])
async def would_have(request: Request, viewer: Looking, ruleset: RulesetId) -> Response:
    """What the version in shadow would have done, against what is in force."""
    async with viewed_by(services(request).pool, viewer.person.areas) as connection:
        known = await versions(connection, ruleset)
        found = await shadowing(connection, ruleset)
    if not known:
        raise Problem(404, "not-found")
    context = {"ruleset": ruleset, "title": known[0].title, "found": found}
    return page(request, "console/rulesets/versions/shadow.html", context)


def _command(request: Request, step: str, hash_: str, form: Any) -> Command:
    note = str(form.get("note") or "").strip()[:500]
    if step in NOTE_NEEDED and not note:
        raise Problem(422, "field-missing", field="reason")
    if step == "roll_back":
        return RollBack(active=hash_, note=note)
    if step in SIMPLE:
        return SIMPLE[step](version=hash_, note=note)
    if step != "ask":
        raise Problem(404, "not-found")
    stage = str(form.get("stage") or "")
    if stage not in ("shadow", "canary", "active"):
        raise Problem(422, "stage-not-asked", field="stage")
    areas = tuple(str(area)[:200] for area in form.getlist("areas")) if stage == "canary" else ()
    starts_at = _instant(request, str(form.get("starts_at") or ""))
    try:
        return Ask(version=hash_, stage=Stage(stage), areas=areas, starts_at=starts_at, note=note)
    except ValidationError as wrong:  # what is no area at all: everything else was looked at
        raise Problem(422, "area-unknown", field="areas", area="、".join(areas)) from wrong


def _instant(request: Request, text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Problem(422, "field-invalid", field="starts_at", reason=text) from wrong
    return found if found.tzinfo else found.replace(tzinfo=reader_of(request).zone)


async def _page(
    request: Request,
    viewer: Viewer,
    ruleset: str,
    *,
    done: str = "",
    refused: Problem | None = None,
    at: tuple[str, str] = ("", ""),
) -> Response:
    writes = viewer.has(Role.RULE_AUTHOR)
    async with viewed_by(services(request).pool, viewer.person.areas) as connection:
        known = await versions(connection, ruleset)
        stands = await standing(connection, ruleset)
        taken = await steps(connection, ruleset)
        copy = await working_copy(connection, person_of(viewer), ruleset) if writes else None
        areas = await places_within(connection, viewer.person.areas)
        health = next((one.health for one in await listing(connection) if one.id == ruleset), None)
    if not known and copy is None:
        raise Problem(404, "not-found")
    if not known:
        return RedirectResponse(f"/console/rulesets/{ruleset}/edit", 303)
    reader = reader_of(request)
    soon = f"{reader.now.astimezone(reader.zone):%Y-%m-%dT%H:%M}"
    context = {
        "ruleset": ruleset,
        "versions": known,
        "stands": stands.versions,
        "people": {str(row.by): row.by_name for row in taken if row.by},
        "steps": list(reversed(taken)),
        "offered": {one.hash: offered(stands, one.hash, viewer.actor) if writes else () for one in known},
        "copy": copy,
        "health": health,
        "areas": [one for one in areas if one.level in (Level.COMMITTEE, Level.COMMUNITY)],
        "places": {one.path: one.label for one in areas},
        "writes": writes,
        "done": done,
        "refused": refusal(refused.code, refused.params, refused.status) if refused else None,
        "refused_at": at,
        "soon": soon,
        "key": lambda: str(uuid4()),
    }
    return page(request, TEMPLATE, context, status=refused.status if refused else 200)
