"""Giving a command from a page or the API: what was sent, through `give`, to an answer that can be shown."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout
from starlette.requests import Request

from activities.giving import Given, StillWorking, StoreUnavailable, TemporalUnavailable, give
from domain.cases import EvidenceRef
from domain.commands import Command
from store import around, evidence
from store.case_pages import standing
from store.evidence import PhotoRefused
from store.pool import viewed_by
from web.forms import NUMBER_FIELD, Upload, command_of, fields_of, id_from, meant, storable, uploads_of
from web.problems import Problem, status_of
from web.security import Viewer, read_form
from web.services import Services, services

ACCEPTED = 200


@dataclass(frozen=True)
class Answer:
    """What became of a command that somebody gave on a page."""

    command: str
    status: int
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)  # what was filled in, to be shown again
    command_id: UUID | None = None  # set where the same form may be sent again

    @property
    def accepted(self) -> bool:
        return self.status == ACCEPTED


async def see(served: Services, viewer: Viewer, case_id: UUID) -> None:
    """Raises Problem 404 where the viewer sees no such case."""
    async with viewed_by(served.pool, viewer.sight) as connection:
        if await standing(connection, case_id) is None:
            raise Problem(404, "not-found")


async def keep(served: Services, viewer: Viewer, case_id: UUID, uploads: list[Upload]) -> None:
    """Keep the photos of a form. Raises Problem where one cannot be read."""
    for upload in uploads:
        try:
            await served.evidence.keep(served.pool, viewer.sight, case_id, upload.ref, upload.raw, by=viewer.person.id)
        except PhotoRefused as refused:
            status = 413 if refused.code == "photo-too-large" else 422
            raise Problem(status, refused.code, field=upload.ref.kind.value, **refused.params) from refused


async def carry_out(
    served: Services, viewer: Viewer, case_id: UUID, command_id: UUID, command: Command, transport: str
) -> None:
    """Give a command of somebody who sees the case. Raises Problem with the refusal, or the errors of `give`."""
    brought: tuple[EvidenceRef, ...] = getattr(command, "evidence", ())
    if brought:
        async with viewed_by(served.pool, viewer.sight) as connection:
            if await evidence.foreign(connection, case_id, brought):
                raise Problem(422, "evidence-unknown", field="evidence")
    given = Given(command_id=command_id, case_id=case_id, actor=viewer.actor, command=command, transport=transport)
    outcome = await give(served.reach, given)
    if not outcome.accepted:
        raise Problem(status_of(outcome.code), outcome.code, **outcome.params)


async def answer_form(request: Request, viewer: Viewer, case_id: UUID, name: str, transport: str) -> Answer:
    """Give the command of a page's form. Raises Problem 404 only: every other refusal is shown beside the button."""
    served = services(request)
    await see(served, viewer, case_id)
    form = await read_form(request)
    fields = fields_of(name, form)
    try:
        command_id = id_from(form.get("command_id"), "command_id")
    except Problem as problem:
        return Answer(name, problem.status, problem.code, problem.params, fields)
    try:
        uploads = await uploads_of(command_id, form)
        if uploads:
            fields["evidence"] = [upload.ref.model_dump() for upload in uploads]
        storable(fields)
        command = command_of(name, await _found(served, viewer, meant(fields, served.settings.zone)))
        await keep(served, viewer, case_id, uploads)
        await carry_out(served, viewer, case_id, command_id, command, transport)
    except Problem as problem:
        if problem.code == "not-found":
            raise
        return Answer(name, problem.status, problem.code, problem.params, _texts(fields))
    except (TemporalUnavailable, StoreUnavailable, StillWorking, psycopg.OperationalError, PoolTimeout) as lost:
        return _unanswered(name, lost, fields, command_id)
    return Answer(name, ACCEPTED)


async def _found(served: Services, viewer: Viewer, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with the id of the case that was named by its number; a number counts before a choice.

    Raises Problem where the viewer sees no case of that number.
    """
    number = fields.pop(NUMBER_FIELD, "")
    if not number:
        return fields
    async with viewed_by(served.pool, viewer.sight) as connection:
        found = await around.numbered(connection, number)
    if found is None:
        raise Problem(422, "no-such-case", field="to")
    return {**fields, "to": str(found)}


def _unanswered(name: str, lost: Exception, fields: dict[str, Any], command_id: UUID) -> Answer:
    """No answer yet: the same form may be sent again, and counts once."""
    match lost:
        case StillWorking():
            status, code = 202, "still-working"
        case TemporalUnavailable():
            status, code = 503, "temporal-unavailable"
        case _:
            status, code = 503, "store-unavailable"
    return Answer(name, status, code, {}, _texts(fields), command_id)


def _texts(fields: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in fields.items() if isinstance(value, str)}
