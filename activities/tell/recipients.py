"""Who exactly is meant: an audience becomes one person, whoever is on the roster now and first by login name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from domain.matters import Tier
from domain.people import DUTY_DESK, Role
from domain.places import UNPLACED
from store.contacts import Contacts, Unopenable, masked
from store.pool import Connection

PERSON = """
    SELECT p.id AS person, NULL::uuid AS report, p.display_name AS label, p.wecom_id, p.phone,
           'liaison' = ANY (p.roles) AND coalesce(u.kind = 'committee', false) AS secretary,
           'supervisor' = ANY (p.roles) AS leader,
           EXISTS (SELECT FROM rosters r WHERE r.person_id = p.id AND r.starts_at <= %(now)s AND r.ends_at > %(now)s)
               AS on_duty
    FROM people p LEFT JOIN units u ON u.id = p.unit
    WHERE p.active"""
COVERS = """ (EXISTS (SELECT FROM unnest(p.areas) area WHERE starts_with(%(place)s, area))
    OR (starts_with(%(place)s, %(unplaced)s) AND p.roles && %(desk)s::text[]))"""
FIRST = " ORDER BY {before} on_duty DESC, p.name LIMIT 1"
BY_ID = f"{PERSON} AND p.id = %(person)s"
OF_UNIT = PERSON + " AND p.unit = %(unit)s" + FIRST.format(before="'liaison' = ANY (p.roles) DESC,")
OF_KIND = f"{PERSON} AND u.kind = %(kind)s AND {COVERS}" + FIRST.format(
    before="length(u.area) DESC, 'liaison' = ANY (p.roles) DESC,"
)
OF_ROLE = f"{PERSON} AND %(role)s = ANY (p.roles) AND {COVERS}" + FIRST.format(before="")
ALL_OF_ROLE = PERSON + " AND %(role)s = ANY (p.roles) AND u.kind = %(kind)s ORDER BY p.name"
REPORTER = """
    SELECT NULL::uuid AS person, id AS report, '' AS label, NULL::text AS wecom_id, phone, false AS secretary,
           false AS leader, false AS on_duty
    FROM reports WHERE id = %(report)s"""
DESK: dict[str, list[str] | str] = {"unplaced": UNPLACED, "desk": sorted(DUTY_DESK)}


@dataclass(frozen=True)
class Recipient:
    """One person, or the resident of a report; `phone` is sealed."""

    person: UUID | None
    report: UUID | None
    label: str
    wecom_id: str | None
    phone: bytes | None
    secretary: bool
    leader: bool
    on_duty: bool


async def meant_by(
    connection: Connection, audience: str, place: str, now: datetime, *, emergency: bool
) -> Recipient | None:
    """The one person of an audience (contract of the outbox); the duty officer where it has nobody."""
    meant = _meant(audience, emergency=emergency)
    found = await _one(connection, meant[0], now, place, **meant[1]) if meant else None
    if found is None and not audience.startswith("report:"):
        return await _one(connection, OF_ROLE, now, place, role=Role.DUTY_OFFICER)
    return found


def _meant(audience: str, *, emergency: bool) -> tuple[str, dict[str, Any]] | None:
    """Which of the statements above finds the person, and what it asks for."""
    kind, _, name = audience.partition(":")
    if kind == "tier_above" and name == Tier.COMMITTEE:
        kind, name = "kind", "grid"
    elif kind in ("tier_above", "brain"):
        acts = emergency or kind == "brain" or name == Tier.GRID
        kind, name = "role", Role.DUTY_OFFICER if acts else Role.SUPERVISOR
    found = {"liaison": (OF_UNIT, "unit"), "kind": (OF_KIND, "kind"), "role": (OF_ROLE, "role")}
    statement, asked = (found | {"report": (REPORTER, "report")}).get(kind, ("", ""))
    return (statement, {asked: name}) if statement else None


async def person(connection: Connection, id_: UUID, now: datetime) -> Recipient | None:
    """Someone named; None: they no longer work here."""
    return await _one(connection, BY_ID, now, "", person=id_)


async def reporter(connection: Connection, report: UUID, now: datetime) -> Recipient | None:
    return await _one(connection, REPORTER, now, "", report=report)


async def everybody(connection: Connection, role: Role, kind: str, now: datetime) -> list[Recipient]:
    """Who has this role in units of a kind."""
    async with connection.cursor(row_factory=class_row(Recipient)) as cursor:
        await cursor.execute(ALL_OF_ROLE, {"role": role.value, "kind": kind, "now": now})
        return await cursor.fetchall()


async def _one(connection: Connection, statement: str, now: datetime, place: str, **asked: Any) -> Recipient | None:
    async with connection.cursor(row_factory=class_row(Recipient)) as cursor:
        await cursor.execute(statement, {"now": now, "place": place, **DESK, **asked})
        return await cursor.fetchone()


def label_of(recipient: Recipient, contacts: Contacts) -> str:
    """What the case's page may show of whom: a colleague's name, a resident's masked phone."""
    if recipient.person is not None or recipient.phone is None:
        return recipient.label
    try:
        return masked(contacts.open(recipient.phone))
    except Unopenable:
        return recipient.label
