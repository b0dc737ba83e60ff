"""The editor: a working copy as a form or as YAML, looked through while it is written, kept by itself."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from store.rulesets import versions
from store.working_copies import ChangedElsewhere, WorkingCopy, drop, save, undo, working_copy
from web.console.rulesets.access import AUTHORS, RulesetId, at_the_workbench, person_of, texts_of
from web.console.rulesets.editing import changing, names
from web.console.rulesets.editing.beside import Beside
from web.console.rulesets.editing.results import results
from web.console.rulesets.editing.submitting import submit
from web.handlers import beside, refusal, wants_json
from web.problems import Problem
from web.render import fragment, is_htmx, page
from web.security import Looking, Viewer, read_form
from web.services import services
from web.workbench.texts import texts_given

router = APIRouter(prefix="/console/rulesets/{ruleset}", include_in_schema=False)
TEMPLATE = "console/rulesets/editing/page.html"
VIEWS = ("form", "yaml")
Opened = Annotated[str, Query(alias="open", max_length=100)]
MOST_AT_ONCE = 8  # parts of the form that are sent at the same moment
LONGEST_MUTATION = 15.0  # seconds; the page waits 20


@router.get("/edit", dependencies=[AUTHORS])
async def edit(
    request: Request, viewer: Looking, ruleset: RulesetId, view: str = "form", begin: str = "", opened: Opened = ""
) -> Response:
    """`begin`: the hash of the version to begin a working copy with, where there is none yet.

    `open`: the part to unfold.
    """
    copy = await _copy(request, viewer, ruleset, begin)
    return await _page(request, copy, view if view in VIEWS else "form", opened=opened)


@router.post("/edit", dependencies=[AUTHORS])
async def change(request: Request, viewer: Looking, ruleset: RulesetId) -> Response:
    """Keep what was written, change one part of it, take the last change back, or make a version of it."""
    given = await read_form(request)
    do = str(given.get("do") or "save")
    copy = await _copy(request, viewer, ruleset, str(given.get("begin") or ""))
    view = "yaml" if "yaml" in given else "form"
    if do == "undo":
        await undo(services(request).pool, person_of(viewer), ruleset)
        return await _again(request, viewer, ruleset, view)
    if do == "drop":
        await drop(services(request).pool, person_of(viewer), ruleset)
        return RedirectResponse("/console/rulesets?done=dropped", 303)
    try:
        at, at_part = await (_write if view == "yaml" else _change_part)(request, viewer, copy, given)
    except ChangedElsewhere:
        return await _refused(request, viewer, ruleset, view, Problem(409, "changed-elsewhere"))
    except Problem as problem:
        return await _refused(request, viewer, ruleset, view, problem, given)
    if is_htmx(request) and view == "yaml" and do == "save":
        return fragment(request, "console/rulesets/editing/_saved.html", "saved", {"at": at, "refused": None})
    opened = do.removeprefix("open:") if do.startswith("open:") else str(given.get("open") or "")
    at_part = at_part or (f"{opened}-work" if do.startswith("open:") else "")
    return await _again(
        request, viewer, ruleset, do if do in VIEWS else view, at_part, str(given.get("part") or ""), opened
    )


@router.post("/check", dependencies=[AUTHORS])
async def check(request: Request, viewer: Looking, ruleset: RulesetId) -> Response:
    """What lint finds in what is written and what came of its tests; nothing is kept."""
    given = await read_form(request)
    texts = _texts(given, await _copy(request, viewer, ruleset, str(given.get("begin") or "")))
    found = await results(request, ruleset, texts)
    if wants_json(request):
        return JSONResponse({key: found[key] for key in ("sound", "problems", "tests", "missed", "unanswered")})
    return fragment(request, "console/rulesets/editing/_results.html", "results", {"found": found, "ruleset": ruleset})


@router.post("/mutants", dependencies=[AUTHORS])
async def mutants(request: Request, viewer: Looking, ruleset: RulesetId) -> Response:
    """The small changes of the working copy that none of its tests notices."""
    copy = await _copy(request, viewer, ruleset)
    texts = texts_given(ruleset, copy.definition, copy.template)
    found = await results(request, ruleset, (copy.definition, copy.template))
    survivors = None
    if found["sound"]:
        zone = services(request).settings.zone.key
        survivors = await at_the_workbench(request, "mutated", texts=texts, zone=zone, seconds=LONGEST_MUTATION)
    context = {"ruleset": ruleset, "survivors": survivors}
    if is_htmx(request):
        return fragment(request, "console/rulesets/editing/mutants.html", "mutants", context)
    return page(request, "console/rulesets/editing/mutants.html", context)


@router.post("/submit", dependencies=[AUTHORS])
async def make_version(request: Request, viewer: Looking, ruleset: RulesetId) -> Response:
    given = await read_form(request)
    copy = await _copy(request, viewer, ruleset)
    try:
        made = await submit(request, viewer, copy, str(given.get("note") or "").strip()[:500])
    except Problem as problem:
        return await _refused(request, viewer, ruleset, "form", problem)
    return RedirectResponse(f"/console/rulesets/{ruleset}?done=submitted#version-{made[:12]}", 303)


@router.get("/words.json", dependencies=[AUTHORS])
async def words(request: Request, viewer: Looking, ruleset: RulesetId) -> Response:
    """What the editor completes: the form of a ruleset, and the codes of units, categories and signals."""
    del viewer, ruleset
    return JSONResponse(await names.words(request))


async def _kept(request: Request, viewer: Viewer, ruleset: str) -> WorkingCopy | None:
    async with services(request).pool.connection() as connection:
        return await working_copy(connection, person_of(viewer), ruleset)


async def _copy(request: Request, viewer: Viewer, ruleset: str, begin: str = "") -> WorkingCopy:
    """What is kept; before anything is: the version asked for, else the active one, else the newest."""
    if kept := await _kept(request, viewer, ruleset):
        return kept
    async with services(request).pool.connection() as connection:
        known = await versions(connection, ruleset)
        if not known:
            raise Problem(404, "not-found")
        active = next((one for one in known if one.stage == "active"), known[0])
        version = next((one for one in known if one.hash == begin), active)
        definition, template = await texts_of(connection, ruleset, version.hash)
    return WorkingCopy(ruleset, definition, template, version.hash, version.created_at)


async def _write(request: Request, viewer: Viewer, copy: WorkingCopy, given: Any) -> tuple[datetime, str]:
    """Keep the texts as they were sent, after the save that the page names. Raises ChangedElsewhere."""
    after = changing.moment(str(given.get("seq") or ""))
    return await _keep(request, viewer, copy, _texts(given, copy), after), ""


async def _change_part(request: Request, viewer: Viewer, copy: WorkingCopy, given: Any) -> tuple[datetime, str]:
    """A part of the form changes its own place only, in the text as it stands now; and the part to look at then."""
    for _ in range(MOST_AT_ONCE):
        texts, at_part = await changing.changed(request, copy, given)
        try:
            return await _keep(request, viewer, copy, texts, copy.at), at_part
        except ChangedElsewhere as elsewhere:
            copy = elsewhere.now
    raise ChangedElsewhere(copy)


async def _keep(
    request: Request, viewer: Viewer, copy: WorkingCopy, texts: tuple[str, str], after: datetime | None
) -> datetime:
    """With the first change what it began with is kept too, so that it can be taken back. Raises ChangedElsewhere."""
    pool, person = services(request).pool, person_of(viewer)
    if await _kept(request, viewer, copy.ruleset):
        return await save(pool, person, copy.ruleset, texts, after=after)
    await save(pool, person, copy.ruleset, (copy.definition, copy.template), based_on=copy.based_on)
    return await save(pool, person, copy.ruleset, texts)


def _texts(given: Any, copy: WorkingCopy) -> tuple[str, str]:
    """What the editor sent; what it did not send is as it was kept. Raises Problem."""
    return changing.text_of(given, "yaml", copy.definition), changing.text_of(given, "template", copy.template)


async def _again(
    request: Request, viewer: Viewer, ruleset: str, view: str, moved_to: str = "", part: str = "", opened: str = ""
) -> Response:
    """The page as it is kept now, at the part where the button was pressed, or at the one that it made or moved."""
    if is_htmx(request):
        return await _page(request, await _copy(request, viewer, ruleset), view, in_part=moved_to, opened=opened)
    part = moved_to or part
    anchor = f"#{quote(part)}" if part else ""
    query = urlencode({"view": view, **({"open": opened} if opened else {})})
    return RedirectResponse(f"/console/rulesets/{ruleset}/edit?{query}{anchor}", 303)


async def _refused(
    request: Request, viewer: Viewer, ruleset: str, view: str, problem: Problem, given: Any = None
) -> Response:
    """The page as it is kept, with the reason beside what was refused, and there what was written."""
    refused = refusal(problem.code, problem.params, problem.status)
    if is_htmx(request) and view == "yaml":
        return beside(request, refused)
    copy = await _copy(request, viewer, ruleset)
    typed = {name: str(value) for name, value in (given or {}).items()}
    return await _page(request, copy, view, refused=refused, typed=typed)


async def _page(
    request: Request,
    copy: WorkingCopy,
    view: str,
    *,
    refused: dict[str, Any] | None = None,
    typed: dict[str, str] | None = None,
    in_part: str = "",
    opened: str = "",
) -> Response:
    """Only what changes with the text, where a part of the page asked; `in_part`: what of the form to look at then."""
    found = await results(request, copy.ruleset, (copy.definition, copy.template))
    shown = await at_the_workbench(request, "shown", definition=copy.definition) if view == "form" else None
    context = {
        "copy": copy,
        "ruleset": copy.ruleset,
        "view": view,
        "shown": shown,
        "refused": refused,
        "typed": typed or {},
        "in_part": in_part,
        "opened": opened or (typed or {}).get("open", ""),
        "found": found,
        "beside": Beside(found["problems"]),
        "choices": await names.of_the_form(request) if view == "form" else {},
    }
    status = refused["status"] if refused else 200
    if is_htmx(request):
        return fragment(request, "console/rulesets/editing/_model.html", "changed", context, status=status)
    return page(request, TEMPLATE, context, status=status)
