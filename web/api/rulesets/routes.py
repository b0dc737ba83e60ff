"""Rulesets for scripts; `GET` for whoever leads by rules, the rest for rule authors."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Header, Path
from starlette.requests import Request
from starlette.responses import Response

from domain.people import Role
from domain.rulesets import Approve, Ask, Command, Refuse, Retire, RollBack, Stage, Withdraw
from store.pool import viewed_by
from store.rulesets import folders, listing, standing, steps, texts, versions
from web.api.cases.routes import REFUSALS
from web.api.rulesets import shapes
from web.api.rulesets.shapes import AskGiven, Found, Made, NewVersion, RollBackGiven, Stands, Texts
from web.forms import id_from, storable
from web.problems import Problem
from web.security import Looking, needs
from web.services import services
from web.stages import new_version, take_step

router = APIRouter(prefix="/api/v1/rulesets", tags=["rulesets"])
READERS = needs(Role.RULE_AUTHOR, Role.SUPERVISOR, Role.DUTY_OFFICER)
AUTHORS = needs(Role.RULE_AUTHOR)
RulesetId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


class StepName(StrEnum):
    ASK = "ask"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    RETIRE = "retire"


OTHERS: dict[StepName, type[Approve] | type[Refuse] | type[Withdraw] | type[Retire]] = {
    StepName.APPROVE: Approve,
    StepName.REFUSE: Refuse,
    StepName.WITHDRAW: Withdraw,
    StepName.RETIRE: Retire,
}


@router.get("", dependencies=[READERS], responses=REFUSALS)
async def rulesets(request: Request, viewer: Looking) -> dict[str, Any]:
    """Every ruleset with its stages and health, and the folders that are looked through. One page: `next` is null."""
    async with viewed_by(services(request).pool, viewer.person.areas) as connection:
        items = [shapes.item(row) for row in await listing(connection)]
        seen = [shapes.folder(row) for row in await folders(connection)]
    return {"items": items, "next": None, "folders": seen}


@router.get("/{ruleset}", dependencies=[READERS], responses=REFUSALS)
async def ruleset(request: Request, viewer: Looking, ruleset: RulesetId) -> Found:
    """Its versions, the latest first, and all their steps."""
    async with services(request).pool.connection() as connection:
        rows, stands = await versions(connection, ruleset), await standing(connection, ruleset)
        taken = await steps(connection, ruleset)
    if not rows:
        raise Problem(404, "not-found")
    found = [shapes.version(row, stands, viewer.actor) for row in rows]
    return Found(id=ruleset, versions=found, steps=[shapes.step(row) for row in taken])


@router.get("/{ruleset}/versions/{hash_}", dependencies=[READERS], responses=REFUSALS)
async def version(request: Request, viewer: Looking, ruleset: RulesetId, hash_: Hash) -> Texts:
    """The texts of a version, and how it stands."""
    async with services(request).pool.connection() as connection:
        found, stands = await texts(connection, hash_), await standing(connection, ruleset)
    if found is None or found.ruleset != ruleset:
        raise Problem(404, "version-unknown")
    said = shapes.stands(ruleset, stands, hash_, viewer.actor).model_dump()
    return Texts(**said, definition=found.definition, template=found.template)


@router.post("/{ruleset}/versions", dependencies=[AUTHORS], status_code=201, responses=REFUSALS)
async def add(
    request: Request,
    answer: Response,
    viewer: Looking,
    ruleset: RulesetId,
    body: NewVersion,
    idempotency_key: Key = None,
) -> Made:
    """A draft version of these texts; 200 where the same texts are a version already."""
    storable(body.model_dump())
    key, wanted = _key(idempotency_key), (body.definition, body.template)
    made, added = await new_version(
        services(request), viewer, ruleset, *wanted, note=body.note, based_on=body.based_on, key=key
    )
    if not added:
        answer.status_code = 200
    async with services(request).pool.connection() as connection:
        stands = await standing(connection, ruleset)
    return Made(ruleset=ruleset, hash=made, stage=stands.versions[made].stage)


@router.post("/{ruleset}/versions/{hash_}/{step}", dependencies=[AUTHORS], responses=REFUSALS)
async def take(
    request: Request,
    viewer: Looking,
    ruleset: RulesetId,
    hash_: Hash,
    step: StepName,
    body: Annotated[AskGiven, Body()] = AskGiven(),
    idempotency_key: Key = None,
) -> Stands:
    """Ask for a stage, approve, refuse, withdraw or retire. The Idempotency-Key makes a repeat the same request."""
    storable(body.model_dump(mode="json"))
    command = _command(step, hash_, body)
    taken = await take_step(services(request), viewer, ruleset, command, _key(idempotency_key))
    return shapes.stands(ruleset, taken.ruleset, hash_, viewer.actor)


@router.post("/{ruleset}/roll-back", dependencies=[AUTHORS], responses=REFUSALS)
async def roll_back(
    request: Request,
    viewer: Looking,
    ruleset: RulesetId,
    body: Annotated[RollBackGiven, Body()] = RollBackGiven(),
    idempotency_key: Key = None,
) -> Stands:
    """Back to the version that was active before; answers with the one that is active now."""
    storable(body.model_dump())
    command = RollBack(active=body.active, note=body.note)
    taken = await take_step(services(request), viewer, ruleset, command, _key(idempotency_key))
    now = taken.ruleset.at(Stage.ACTIVE)
    if now is None:
        raise Problem(409, "nothing-before")
    return shapes.stands(ruleset, taken.ruleset, now.id, viewer.actor)


def _command(step: StepName, hash_: str, body: AskGiven) -> Command:
    if step is not StepName.ASK:
        return OTHERS[step](version=hash_, note=body.note)
    if body.stage is None:
        raise Problem(422, "field-missing", field="stage")
    return Ask(version=hash_, stage=body.stage, areas=body.areas, starts_at=body.starts_at, note=body.note)


def _key(given: str | None) -> UUID:
    if given is None:
        raise Problem(422, "key-missing", field="Idempotency-Key")
    return id_from(given, "Idempotency-Key")
