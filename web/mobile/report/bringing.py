"""A finding becomes a case, once: however often and wherever in between its form is cut off and sent again."""

from psycopg.errors import UniqueViolation

from activities.receiving import receive
from domain.commands import Settle
from store.patrol import key_of
from web.giving import carry_out
from web.mobile.report.form import Found
from web.problems import Problem
from web.security import Viewer
from web.services import Services

TRANSPORT = "mobile"
DESK_WAS_FIRST = frozenset({"wrong-stage", "already-closed"})


async def bring_in(served: Services, viewer: Viewer, found: Found) -> None:
    """Begin the case, keep its photos, settle it; each step may have been done by an earlier try of the same form.

    Raises Problem 409 where the form's id is another's, or says something else by now; and the errors of `give`.
    """
    await _begin(served, found)
    for ref, photo in found.photos:
        await served.evidence.keep_developed(served.pool, viewer.sight, found.case_id, ref, photo, by=viewer.person.id)
    if found.settled:
        await _settle(served, viewer, found)


async def _begin(served: Services, found: Found) -> None:
    try:
        if await receive(served.reach.pool, found.matter, found.case_id, TRANSPORT):
            return
    except UniqueViolation:  # the same form is being taken at this moment
        pass
    async with served.reach.pool.connection() as connection:
        if await key_of(connection, found.case_id) != found.matter.dedupe_key:
            raise Problem(409, "form-used", field="case_id")


async def _settle(served: Services, viewer: Viewer, found: Found) -> None:
    command = Settle(note=found.note, evidence=tuple(ref for ref, _ in found.photos))
    try:
        await carry_out(served, viewer, found.case_id, found.command_id, command, TRANSPORT)
    except Problem as problem:
        if problem.code not in DESK_WAS_FIRST:
            raise
