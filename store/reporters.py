"""How to reach who reported: masked for all who see the case, open for who must call them, each opening on record."""

from dataclasses import dataclass
from uuid import UUID

from domain.cases import Case
from domain.people import Actor, Role
from store.anchoring import record
from store.contacts import Contacts, Unopenable, masked
from store.pool import Connection

CALLERS = frozenset({Role.ACCEPTOR, Role.DUTY_OFFICER})
OPENED = "reporter-opened"  # in the audit record
ROW = "SELECT name, phone, on_behalf_by IS NOT NULL FROM reports WHERE id = %s"


@dataclass(frozen=True)
class Contact:
    """Who reported, as this actor may read it now; empty where they did not say."""

    name: str
    phone: str
    on_behalf: bool
    may_open: bool  # the actor may ask for the whole number
    opened: bool = False

    @property
    def anonymous(self) -> bool:
        return not self.name and not self.phone


def may_call(case: Case, actor: Actor) -> bool:
    """Who has to speak with the reporter: the duty desk's acceptors and officers, and whoever holds the case."""
    holds = case.person is not None and case.person.id == actor.id
    return holds or (bool(CALLERS & actor.roles) and actor.covers(case.place))


async def contact_of(connection: Connection, case: Case, actor: Actor, contacts: Contacts) -> Contact | None:
    """Who reported the case, masked; None: nobody did, or not for these eyes (run it inside `viewed_by`)."""
    row = await _row(connection, case.report)
    if row is None:
        return None
    name, phone, on_behalf = _unsealed(row, contacts)
    may_open = bool(phone or name) and may_call(case, actor)
    return Contact(name[:1] + "*" * (len(name) - 1), masked(phone) if phone else "", on_behalf, may_open)


async def open_contact(connection: Connection, case: Case, actor: Actor, contacts: Contacts) -> Contact | None:
    """The whole name and number, and a line in the audit record of who read them; None: the actor may not."""
    row = await _row(connection, case.report)
    if row is None or not may_call(case, actor):
        return None
    name, phone, on_behalf = _unsealed(row, contacts)
    await record(connection, actor.id, OPENED, str(case.id), {"report": str(case.report), "name": actor.name})
    return Contact(name, phone, on_behalf, may_open=True, opened=True)


async def _row(connection: Connection, report: UUID | None) -> tuple[bytes | None, bytes | None, bool] | None:
    if report is None:
        return None
    row = await (await connection.execute(ROW, (report,))).fetchone()
    return (row[0], row[1], row[2]) if row else None


def _unsealed(row: tuple[bytes | None, bytes | None, bool], contacts: Contacts) -> tuple[str, str, bool]:
    name, phone, on_behalf = row
    return _opened(name, contacts), _opened(phone, contacts), on_behalf


def _opened(sealed: bytes | None, contacts: Contacts) -> str:
    """Nothing where the key it was sealed with is lost: the page still opens."""
    if not sealed:
        return ""
    try:
        return contacts.open(bytes(sealed))
    except Unopenable:
        return ""
