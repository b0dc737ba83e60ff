"""What residents report: kept and handed to intake in one step, once per form; how to reach them lies apart, sealed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from psycopg.rows import class_row

from domain.intake import Intake
from domain.places import UNPLACED, Point
from domain.signals import Kind, Location, Phase, Signal, Source, TimeOrigin, signal_id
from store.contacts import Contacts
from store.evidence import EvidenceStore, Photo
from store.pool import Connection, Pool, viewed_by

ADAPTER, INSTANCE, TYPE = "citizen-report", "public", "report"
LONGEST_TEXT = 1000  # characters
LONGEST_NAME = 40
MOST_PHOTOS = 5
SEES_ALL = ("*",)  # a report is written before anybody could see it
_REPORTS = uuid5(NAMESPACE_URL, "linli:report")
_COLUMNS = """id, text, place, place_kind, lat, lon, hint, elder, follows, on_behalf_by, received_at,
    phone IS NOT NULL AS reachable"""
KEEP = f"""
    INSERT INTO reports (id, follow_hash, text, place, place_kind, lat, lon, hint, phone, phone_blind, name,
                         on_behalf_by, elder, follows)
    VALUES (%(id)s, %(follow_hash)s, %(text)s, %(place)s, %(place_kind)s, %(lat)s, %(lon)s, %(hint)s, %(phone)s,
            %(phone_blind)s, %(name)s, %(on_behalf_by)s, %(elder)s, %(follows)s)
    ON CONFLICT DO NOTHING RETURNING {_COLUMNS}"""  # noqa: S608 - constants
KEEP_PHOTO = """
    INSERT INTO report_photos (id, report_id, sha256, path, media_type, width, height, exif)
    VALUES (%s, %s, %s, %s, 'image/jpeg', %s, %s, %s)"""
PHOTOS = "SELECT id, path FROM report_photos WHERE report_id = %s ORDER BY kept_at, id"


class FormUsed(Exception):
    """The form was sent before, and said something else."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token


@dataclass(frozen=True)
class NewReport:
    """A report as its form says it; the form's random id, which only its sender has, makes the report's id."""

    form: str
    text: str
    place: str = UNPLACED
    place_kind: str = ""
    point: Point | None = None
    hint: str = ""
    phone: str = ""
    name: str = ""
    on_behalf_by: UUID | None = None
    elder: bool = False
    follows: UUID | None = None  # the case that a "me too" follows instead of opening one
    photos: Sequence[Photo] = field(default=())

    @property
    def id(self) -> UUID:
        return uuid5(_REPORTS, self.form)


@dataclass(frozen=True)
class Report:
    """A report as it is kept, without who sent it."""

    id: UUID
    text: str
    place: str
    place_kind: str
    lat: float | None
    lon: float | None
    hint: str
    elder: bool
    follows: UUID | None
    on_behalf_by: UUID | None
    received_at: datetime
    reachable: bool  # a phone was left


@dataclass(frozen=True)
class KeptPhoto:
    id: UUID
    path: str


def follow_token(contacts: Contacts, report: UUID) -> str:
    """The secret of a report's follow link, the same each time: `<public_url>/f/<token>`."""
    return contacts.token(f"follow/{report}")


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def accept(
    connections: Pool, intake: Intake, contacts: Contacts, objects: EvidenceStore, report: NewReport
) -> str:
    """Keep a report and hand it to intake; its follow token, after both are committed.

    The same form sent again gives the same token and changes nothing. Raises FormUsed, IntakeUnavailable; then
    nothing of it is stored.
    """
    token = follow_token(contacts, report.id)
    async with viewed_by(connections, SEES_ALL) as connection:
        kept = await _keep(connection, contacts, report, token)
        if kept is None:
            before = await found(connection, token)
            if before is None or (before.text, before.follows) != (report.text, report.follows):
                raise FormUsed(token)
            return token
        await _keep_photos(connection, objects, report)
        if report.follows is None:
            await intake.take([signal_of(kept)])
    return token


async def _keep(connection: Connection, contacts: Contacts, report: NewReport, token: str) -> Report | None:
    """The row, or None where this form was sent before (waits for the one that is just being sent)."""
    given = {
        "id": report.id,
        "follow_hash": _digest(token),
        "text": report.text,
        "place": report.place,
        "place_kind": report.place_kind,
        "lat": report.point.lat if report.point else None,
        "lon": report.point.lon if report.point else None,
        "hint": report.hint,
        "phone": contacts.seal(report.phone) if report.phone else None,
        "phone_blind": contacts.index(report.phone) if report.phone else None,
        "name": contacts.seal(report.name) if report.name else None,
        "on_behalf_by": report.on_behalf_by,
        "elder": report.elder,
        "follows": report.follows,
    }
    return await _one(connection, KEEP, given)


async def _one(connection: Connection, statement: str, given: Any) -> Report | None:
    async with connection.cursor(row_factory=class_row(Report)) as cursor:
        await cursor.execute(statement, given)
        return await cursor.fetchone()


async def _keep_photos(connection: Connection, objects: EvidenceStore, report: NewReport) -> None:
    for place, photo in enumerate(report.photos):
        id_ = uuid5(report.id, f"photo/{place}")
        path = f"reports/{report.id}/{id_}.jpg"
        await objects.put(path, photo.data)
        digest = sha256(photo.data).digest()
        row = (id_, report.id, digest, path, photo.width, photo.height, json.dumps(photo.exif))
        await connection.execute(KEEP_PHOTO, row)


def signal_of(report: Report) -> Signal:
    """What intake is told: no name, no phone."""
    source = Source(adapter=ADAPTER, instance=INSTANCE, device_id=str(report.id))
    return Signal(
        id=signal_id(source, str(report.id), TYPE, Phase.NONE),
        source=source,
        kind=Kind.EVENT,
        type=TYPE,
        fields={
            "text": report.text,
            "category_hint": report.hint,
            "place_kind": report.place_kind,
            "anonymous": not report.reachable,
            "on_behalf": report.on_behalf_by is not None,
        },
        event_time=report.received_at,
        event_time_origin=TimeOrigin.ARRIVAL,
        received_at=report.received_at,
        location=Location(place_code=report.place, lat=report.lat, lon=report.lon),
    )


async def found(connection: Connection, token: str) -> Report | None:
    """The report of a follow link, if there is one."""
    statement = f"SELECT {_COLUMNS} FROM reports WHERE follow_hash = %s"  # noqa: S608 - constants
    return await _one(connection, statement, (_digest(token),))


async def photos_of(connection: Connection, report: UUID) -> list[KeptPhoto]:
    """In the order in which they were sent."""
    async with connection.cursor(row_factory=class_row(KeptPhoto)) as cursor:
        await cursor.execute(PHOTOS, (report,))
        return await cursor.fetchall()


async def followers(connection: Connection, case_id: UUID) -> int:
    """How many said "me too" of a case."""
    cursor = await connection.execute("SELECT count(*) FROM reports WHERE follows = %s", (case_id,))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
