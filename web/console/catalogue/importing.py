"""Import: a file is compared with what is in force, and comes in only when somebody has seen what it changes."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rules import catalogue as categories
from rules import duties as responsibilities
from rules.problems import Problem as Fault
from rules.problems import RulesetInvalid
from store.catalogue import ChangedMeanwhile
from store.catalogue_imports import Proposal
from web.catalogue import in_force, look_up
from web.console.catalogue.access import EXCHANGED, IMPORTERS, PAGES, TITLES, Table
from web.forms import storable
from web.handlers import refusal
from web.i18n import SOURCE
from web.problems import Problem
from web.reader import reader_of
from web.render import page
from web.security import Looking, read_form
from web.services import services

router = APIRouter(include_in_schema=False)
COLUMNS = {column.name: column for column in (*categories.COLUMNS, *responsibilities.COLUMNS)}
SHOWN = 300  # rows of each list of a difference
LONGEST_NOTE = 200


@dataclass(frozen=True)
class Sent:
    """A file with the table that it is for; `base`: the version whose difference to it was shown."""

    table: Table
    name: str
    data: bytes
    base: str = ""
    note: str = ""

    @property
    def written(self) -> str:
        """The file as a field of the form that confirms it."""
        return base64.b64encode(self.data).decode()


@router.get("/console/catalogue/import", dependencies=[IMPORTERS])
async def choose(request: Request, table: Table = Table.CATALOGUE) -> Response:
    return await _page(request, table)


@router.post("/console/catalogue/import", dependencies=[IMPORTERS])
async def compare(request: Request) -> Response:
    """What the file would change; nothing is changed yet."""
    form = await read_form(request)
    table, file = _table(form), form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _refused(request, table, Problem(422, "field-missing", field="file"))
    sent = Sent(table, file.filename[-100:], await file.read())
    return await _shown(request, sent)


@router.post("/console/catalogue/import/confirm", dependencies=[IMPORTERS])
async def confirm(request: Request, viewer: Looking) -> Response:
    """The same file once more: read, compared and checked again, then brought in."""
    sent = _confirmed(await read_form(request))
    async with services(request).pool.connection() as connection:
        proposal = await _proposal(request, connection, sent)
        if not isinstance(proposal, Proposal) or proposal.broken:
            return await _shown(request, sent)
        if proposal.base != sent.base:
            return await _shown(request, sent, Problem(409, "catalogue-changed"))
        try:
            await proposal.put(connection, viewer.person.id, sent.note)
        except ChangedMeanwhile:
            return await _shown(request, sent, Problem(409, "catalogue-changed"))
        await look_up(connection)
    return RedirectResponse(f"{PAGES[sent.table]}?done=imported", 303)


def _table(form: Any) -> Table:
    try:
        return Table(str(form.get("table") or ""))
    except ValueError:
        raise Problem(422, "field-invalid", field="table", reason="catalogue, duties") from None


def _confirmed(form: Any) -> Sent:
    texts = {name: str(form.get(name) or "") for name in ("name", "data", "base", "note")}
    storable(texts)
    try:
        data = base64.b64decode(texts["data"], validate=True)
    except (binascii.Error, ValueError):
        raise Problem(422, "field-invalid", field="data", reason="base64") from None
    if not data or not texts["base"]:
        raise Problem(422, "field-missing", field="data")
    return Sent(_table(form), texts["name"][-100:], data, texts["base"], texts["note"].strip()[:LONGEST_NOTE])


async def _proposal(request: Request, connection: Any, sent: Sent) -> Proposal | tuple[Fault, ...]:
    """What the file would change, or what is wrong with it."""
    try:
        return await EXCHANGED[sent.table].propose(connection, sent.data, sent.name, services(request).settings.zone)
    except RulesetInvalid as invalid:
        return invalid.problems


async def _shown(request: Request, sent: Sent, problem: Problem | None = None) -> Response:
    async with services(request).pool.connection() as connection:
        proposal = await _proposal(request, connection, sent)
    if not isinstance(proposal, Proposal):
        return await _page(request, sent.table, {"faults": proposal, "sent": sent}, status=422)
    context = {"proposal": proposal, "sent": sent, "faults": proposal.broken}
    if problem is not None:
        return await _refused(request, sent.table, problem, context)
    return await _page(request, sent.table, context, status=422 if proposal.broken else 200)


async def _refused(request: Request, table: Table, problem: Problem, context: Any = None) -> Response:
    refused = refusal(problem.code, problem.params, problem.status)
    return await _page(request, table, {**(context or {}), "refused": refused}, status=problem.status)


def _said(request: Request) -> Callable[[str, str], str]:
    """What stands in a cell, its fixed words as one reads them."""
    chinese = reader_of(request).language == SOURCE
    return lambda column, text: COLUMNS[column].shown(text) if chinese and column in COLUMNS else text


async def _page(request: Request, table: Table, context: Any = None, status: int = 200) -> Response:
    async with services(request).pool.connection() as connection:
        await look_up(connection)
        versions = await EXCHANGED[table].versions(connection)
    empty = {"proposal": None, "sent": None, "faults": (), "refused": None}
    given = {"table": table, "title": TITLES[table], "versions": versions, "shown": SHOWN}
    known = {"known": in_force().catalogue, "back": PAGES[table], "said": _said(request)}
    return page(request, "console/catalogue/import.html", {**empty, **given, **known, **(context or {})}, status=status)
