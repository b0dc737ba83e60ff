"""新建: one of six shapes by a short form, or a copy of what is there; then the editor opens on it."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from settings.model import RULESETS
from store.rulesets import listing, versions
from store.working_copies import save, working_copy
from web.console.rulesets.access import AUTHORS, at_the_workbench, person_of, texts_of
from web.console.rulesets.creating.answers import answers_of, ruleset_id
from web.console.rulesets.creating.shapes import SHAPES, Shape, puts_of
from web.console.rulesets.creating.sources import Source, sources
from web.console.rulesets.editing import names
from web.handlers import refusal
from web.problems import Problem
from web.reader import reader_of
from web.render import page
from web.security import Looking, Viewer, read_form
from web.services import services

router = APIRouter(prefix="/console/rulesets/new", include_in_schema=False)
TEMPLATES = RULESETS / "templates"
Given = dict[str, str]


@router.get("", dependencies=[AUTHORS])
async def choose(request: Request) -> Response:
    return await _choice(request)


@router.post("", dependencies=[AUTHORS])
async def copy(request: Request, viewer: Looking) -> Response:
    """A working copy under a new id, of the version in force of another ruleset."""
    form = await read_form(request)
    given = {name: str(form.get(name) or "").strip() for name in ("of", "id")}
    try:
        new = await _free(request, viewer, given["id"])
        async with services(request).pool.connection() as connection:
            known = await versions(connection, given["of"])
            active = next((one.hash for one in known if one.stage == "active"), known[0].hash if known else "")
            definition, template = await texts_of(connection, given["of"], active)
    except Problem as problem:
        return await _choice(request, given, problem)
    return await _begin(request, viewer, new, (definition, template), [], [("ruleset", new)])


@router.get("/{shape}", dependencies=[AUTHORS])
async def ask(request: Request, shape: str) -> Response:
    wanted = _shape(shape)
    return await _questions(request, wanted, await _sources(request, wanted))


@router.post("/{shape}", dependencies=[AUTHORS])
async def answer(request: Request, viewer: Looking, shape: str) -> Response:
    wanted = _shape(shape)
    form = await read_form(request)
    given = {name: str(form.get(name) or "") for name in ("id", "title", *wanted.asks)}
    found = await _sources(request, wanted)
    try:
        new = await _free(request, viewer, given["id"].strip())
        answers = answers_of(wanted, given, found)
    except Problem as problem:
        return await _questions(request, wanted, found, given, problem)
    folder = TEMPLATES / wanted.id
    texts = tuple((folder / name).read_text(encoding="utf-8") for name in ("ruleset.yaml", "template.zh.j2"))
    rename = [wanted.field, answers["field"]] if wanted.field != answers["field"] else []
    return await _begin(request, viewer, new, (texts[0], texts[1]), rename, puts_of(wanted, new, answers))


def _shape(name: str) -> Shape:
    if name not in SHAPES:
        raise Problem(404, "not-found")
    return SHAPES[name]


async def _sources(request: Request, shape: Shape) -> list[Source]:
    return await sources(request, shape.kind) if "source" in shape.asks else []


async def _free(request: Request, viewer: Viewer, given: str) -> str:
    """An id that nobody has. Raises Problem."""
    new = ruleset_id(given)
    async with services(request).pool.connection() as connection:
        taken = await versions(connection, new) or await working_copy(connection, person_of(viewer), new)
    if taken:
        raise Problem(422, "ruleset-id-taken", field="id", name=new)
    return new


async def _begin(
    request: Request, viewer: Viewer, new: str, texts: tuple[str, str], rename: list[str], puts: list[tuple[str, Any]]
) -> Response:
    made = await at_the_workbench(
        request, "filled", definition=texts[0], template=texts[1], rename=rename, puts=puts, seconds=20.0
    )
    await save(services(request).pool, person_of(viewer), new, (made[0], made[1]))
    return RedirectResponse(f"/console/rulesets/{new}/edit", 303)


async def _choice(request: Request, given: Given | None = None, problem: Problem | None = None) -> Response:
    async with services(request).pool.connection() as connection:
        known = await listing(connection)
    refused = refusal(problem.code, problem.params, problem.status) if problem else None
    context = {"shapes": SHAPES.values(), "known": known, "given": given or {}, "refused": refused}
    return page(request, "console/rulesets/creating/page.html", context, status=problem.status if problem else 200)


async def _questions(
    request: Request,
    shape: Shape,
    found: list[Source],
    given: Given | None = None,
    problem: Problem | None = None,
) -> Response:
    reader = reader_of(request)
    refused = refusal(problem.code, problem.params, problem.status) if problem else None
    if refused and "reason" in refused["params"]:
        refused["params"]["reason"] = reader.say(refused["params"]["reason"])
    alike = [one.value for one in found if one.field == shape.field] or [one.value for one in found]
    usual = alike[0] if alike else ""
    context = {
        "shape": shape,
        "sources": [{**asdict(one), "value": one.value, "words": one.words} for one in found],
        "given": {"title": reader.say(shape.title), "source": usual, **shape.usual, **(given or {})},
        "choices": await names.choices(request, reader),
        "refused": refused,
    }
    return page(request, "console/rulesets/creating/questions.html", context, status=problem.status if problem else 200)
