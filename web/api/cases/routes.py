"""Cases for scripts: read them, give their commands, bring evidence."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, File, Form, Header, UploadFile
from starlette.requests import Request

from domain.matters import Evidence
from store.case_pages import list_cases, read_case, standing
from store.evidence import LARGEST_BYTES, PHOTOS
from store.ids import new_id
from store.messages import of_case
from store.pool import viewed_by
from web import cursors
from web.api.cases.shapes import Brought, Found, Given, Refusal, Told, found, item, message
from web.forms import Upload, command_of, id_from
from web.giving import carry_out, keep, see
from web.listing import Wanted
from web.problems import Problem
from web.security import Looking, needs
from web.services import services

router = APIRouter(prefix="/api/v1/cases", tags=["cases"])
REFUSALS: dict[int | str, dict[str, Any]] = {
    code: {"model": Refusal, "content": {"application/problem+json": {}}}
    for code in (400, 401, 403, 404, 409, 413, 422, 503)
}
NO_BODY: dict[str, Any] = {}


@router.get("", dependencies=[needs("session")], responses=REFUSALS)
async def cases(
    request: Request, viewer: Looking, wanted: Annotated[Wanted, Depends()], limit: int = 50
) -> dict[str, Any]:
    """A page of cases; `next` is the cursor of the following one, null on the last."""
    most = max(1, min(limit, 200))
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        page = await list_cases(connection, wanted.filter(viewer), cursors.read(wanted.cursor), most)
    return {"items": [item(row) for row in page.rows], "next": cursors.written(page.next)}


@router.get("/{case_id}", dependencies=[needs("session")], responses=REFUSALS)
async def case(request: Request, viewer: Looking, case_id: UUID) -> Found:
    """The case as it stands, its events, and the commands offered to the asker."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        record = await read_case(connection, case_id)
    if record is None:
        raise Problem(404, "not-found")
    return found(record, viewer.actor)


@router.get("/{case_id}/messages", dependencies=[needs("session")], responses=REFUSALS)
async def messages(request: Request, viewer: Looking, case_id: UUID) -> Told:
    """Who was told of the case, over which channel, and what became of it; newest first."""
    await see(services(request), viewer, case_id)
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        return Told(items=[message(one) for one in await of_case(connection, case_id)])


@router.post(
    "/{case_id}/commands/{name}", dependencies=[needs("session")], responses={**REFUSALS, 202: {"model": Refusal}}
)
async def give(
    request: Request,
    viewer: Looking,
    case_id: UUID,
    name: str,
    body: Annotated[dict[str, Any], Body()] = NO_BODY,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Given:
    """Give a command. The Idempotency-Key (a UUID) makes a repeated request the same request, for ever."""
    served = services(request)
    await see(served, viewer, case_id)
    if idempotency_key is None:
        raise Problem(422, "key-missing", field="Idempotency-Key")
    command_id = id_from(idempotency_key, "Idempotency-Key")
    await carry_out(served, viewer, case_id, command_id, command_of(name, body), "api")
    async with viewed_by(served.pool, viewer.sight) as connection:
        now = await standing(connection, case_id)
    if now is None:
        raise Problem(404, "not-found")
    return Given(version=now.version, stage=now.stage.value)


@router.post("/{case_id}/evidence", dependencies=[needs("session")], status_code=201, responses=REFUSALS)
async def bring(
    request: Request, viewer: Looking, case_id: UUID, kind: Annotated[str, Form()], file: Annotated[UploadFile, File()]
) -> Brought:
    """A photo, to be named as `{"id", "kind"}` in a command's `evidence`."""
    served = services(request)
    await see(served, viewer, case_id)
    if kind not in {photo.value for photo in PHOTOS}:
        raise Problem(422, "field-invalid", field="kind", reason=", ".join(photo.value for photo in PHOTOS))
    upload = Upload(new_id(), Evidence(kind), await file.read(LARGEST_BYTES + 1))
    await keep(served, viewer, case_id, [upload])
    return Brought(id=upload.ref.id, kind=kind)
