"""The rulesets: what is in force, how each is doing, who waits for an answer, and what one is writing oneself."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from domain.people import Role
from domain.rulesets import Stage
from store.pool import viewed_by
from store.rulesets import Summary, folders, listing
from store.working_copies import working_copies
from web.console.rulesets.access import READERS, person_of
from web.problems import Problem
from web.render import page
from web.security import Looking
from web.services import services
from web.words import LABELS

router = APIRouter(prefix="/console/rulesets", include_in_schema=False)


@router.get("", dependencies=[READERS])
async def rulesets(
    request: Request,
    viewer: Looking,
    stage: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=60)] = "",
    done: str = "",
) -> Response:
    if stage and stage not in {*Stage, "asked"}:
        raise Problem(422, "field-invalid", field="stage", reason=stage)
    writes = viewer.has(Role.RULE_AUTHOR)
    async with viewed_by(services(request).pool, viewer.person.areas) as connection:
        found = await listing(connection)
        waiting = [folder for folder in await folders(connection) if folder.hash is None]
        copies = await working_copies(connection, person_of(viewer)) if writes else []
    wanted = q.strip().casefold()
    shown = [one for one in found if wanted in f"{one.id} {one.title}".casefold()]
    context = {
        "rows": [one for one in shown if not stage or stage in stages_of(one)],
        "counts": {name: sum(name in stages_of(one) for one in shown) for name in (*Stage, "asked")},
        "stage": stage,
        "q": q,
        "stages": [one.value for one in Stage],
        "stages_of": stages_of,
        "broken": [folder for folder in waiting if not folder.still_changing],
        "changing": [folder for folder in waiting if folder.still_changing],
        "copies": copies,
        "writes": writes,
        "done": done if done in LABELS["ruleset_done"] else "",
    }
    return page(request, "console/rulesets/listing/page.html", context)


def stages_of(one: Summary) -> tuple[str, ...]:
    """Where its versions stand, what is in force first; a ruleset none of whose versions is anywhere is retired."""
    there = [name for name in ("active", "canary", "shadow") if getattr(one, name)]
    there += ["draft"] if one.drafts else []
    return (*(there or ["retired"]), *(["asked"] if one.asked else []))
