"""What somebody must not see: a resident's case in 双阳二村 with a marker in everything of it; and who asks for it."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import psycopg
from browsing import just_now
from builders import ACCEPTOR, DUTY_OFFICER, PROPERTY, UNIT_2, WANG, a_case, a_policy, a_residents_matter, store_case
from databases import Database
from psycopg import sql
from road import KEY
from stored_month import keep_played

from domain.cases import EvidenceRef
from domain.commands import Close, Comment, File, Handle, Rate
from domain.matters import Evidence
from domain.people import Role, the_reporter
from store import links, sessions
from store.contacts import Contacts
from store.evidence import evidence_id
from store.links import Link
from store.reports import follow_token
from web.services import Services

MARK = "Zm9yZWlnbg"  # in every word of the foreign case, its photos and messages
PHONE, NAME = "13899990000", f"{MARK}阿婆"
HERE, ELSEWHERE = "/310110/kj/c07/", "/310110/kj/c09/"
DEVICE = ("mqtt-json", "their-device")
EVERY_ROLE = tuple(role for role in Role if role not in (Role.REPORTER, Role.RULE))
OWN_TRACES = frozenset({"sessions", "attempts", "login_states"})  # what any request may leave of its sender
BIG = frozenset({"areas", "calendars", "rulesets", "partition_seq", "partitions"})
REPORT = """
    INSERT INTO reports (id, follow_hash, text, place, place_kind, hint, phone, name)
    VALUES (%s, %s, %s, %s, '', '', %s, %s)"""
REPORT_PHOTO = """
    INSERT INTO report_photos (id, report_id, sha256, path, media_type, width, height, exif)
    VALUES (%s, %s, '', %s, 'image/jpeg', 1, 1, '{}')"""
MESSAGE = """
    INSERT INTO messages (id, key, case_id, person, to_label, channel, reason, title, text, state, next_at, created_at,
                          sent_at)
    VALUES (%s, %s, %s, %s, %s, 'wecom', 'assigned', %s, %s, 'sent', now(), now(), now())"""
DEVICE_THERE = "INSERT INTO devices (adapter, device_id, label, place, registered) VALUES (%s, %s, %s, %s, true)"
CHECKED = "INSERT INTO patrol_checks (id, person, place, via) VALUES (%s, %s, %s, 'qr')"
PERSON = """
    INSERT INTO people (id, name, display_name, password_hash, roles, areas, unit)
    VALUES (%s, %s, %s, '', %s, %s, %s)"""
SHIFT = "INSERT INTO rosters (id, person_id, starts_at, ends_at) VALUES (%s, %s, %s, %s)"
HANDOVER = "INSERT INTO handovers (id, unit, given_by, note, counts, items) VALUES (%s, %s, %s, %s, '{}', '[]')"
BAD = "INSERT INTO quarantine (id, adapter, reason, sha256, raw) VALUES (%s, 'mqtt-json', 'unreadable', '', %s)"
PHOTO = """
    INSERT INTO evidence (id, case_id, kind, sha256, path, media_type, width, height, exif, uploaded_by)
    VALUES (%s, %s, 'photo_after', '', %s, 'image/jpeg', 1, 1, '{}', %s)"""


@dataclass(frozen=True)
class Theirs:
    """The foreign objects by the names that paths and forms use."""

    case_id: UUID
    evidence_id: UUID
    photo: UUID
    report: UUID
    token: str
    link: str
    quarantine_id: UUID
    message: UUID
    person: UUID
    shift: UUID
    handover: UUID
    backtest: UUID


async def all_of_theirs(served: Services, words: str = MARK, *, closed: bool = False) -> Theirs:
    """A case with photos, messages, links, a device and a bad payload; `words`: what everybody wrote in it."""
    report, message, quarantined, person, shift, handover = (uuid4() for _ in range(6))
    contacts = Contacts(KEY)
    token, link = follow_token(contacts, report), secrets.token_urlsafe(32)
    case, piece = await _case(served, report, words, closed=closed)
    hour = timedelta(hours=1)
    sealed = contacts.seal(PHONE), contacts.seal(f"{words}阿婆")
    rows: tuple[tuple[str, tuple[object, ...]], ...] = (
        (REPORT, (report, sha256(token.encode()).digest(), words, UNIT_2, *sealed)),
        (REPORT_PHOTO, (piece, report, f"reports/{report}/photo.jpg")),
        (MESSAGE, (message, str(message), case, WANG.id, words, words, words)),
        (DEVICE_THERE, (*DEVICE, words, UNIT_2)),
        (CHECKED, (uuid4(), WANG.id, UNIT_2)),
        (PERSON, (person, words, words, ["handler"], [HERE], PROPERTY)),
        (SHIFT, (shift, person, just_now() - hour, just_now() + hour)),
        (HANDOVER, (handover, PROPERTY, person, words)),
        (BAD, (quarantined, words.encode())),
    )
    async with served.reach.pool.connection() as connection:
        for statement, row in rows:
            await connection.execute(statement.encode(), row)
        await links.offer(connection, link, Link(UUID(WANG.id), case, message))
        backtest = await keep_played(connection, HERE, words)
    await served.evidence.put(f"reports/{report}/photo.jpg", words.encode())
    return Theirs(case, piece, piece, report, token, link, quarantined, message, person, shift, handover, backtest)


async def _case(served: Services, report: UUID, words: str, *, closed: bool) -> tuple[UUID, UUID]:
    policy = a_policy(closing="manual", filing="desk", inspection="never" if closed else "always")
    matter = a_residents_matter(policy, report=report, title=words, text=words, place=UNIT_2, dedupe_key=str(report))
    piece = EvidenceRef(id=evidence_id(uuid4(), Evidence.PHOTO_AFTER, words.encode()), kind=Evidence.PHOTO_AFTER)
    story = a_case(matter, at=just_now()).by(ACCEPTOR, File(number=f"KJ-{words}"))
    story.assigned_to(PROPERTY, WANG).signed_by(WANG).by(WANG, Comment(text=words))
    story.by(WANG, Handle(outcome="solved", note=words, evidence=(piece,), reply=words))
    if closed:
        resident = the_reporter(str(report))
        story.by(DUTY_OFFICER, Close(reply=words)).by(resident, Rate(stars=1, text=words))
    path = f"{story.case.id}/{piece.id}.jpg"
    async with served.reach.pool.connection() as connection:
        case = await store_case(connection, story)
        await connection.execute(PHOTO.encode(), (piece.id, case.id, path, WANG.id))
    await served.evidence.put(path, words.encode())
    return case.id, piece.id


async def session_of(served: Services, roles: Iterable[Role], area: str, unit: str | None = None) -> str:
    """The session of somebody with these roles alone, in this area alone."""
    person, named = uuid4(), [role.value for role in roles]
    async with served.reach.pool.connection() as connection:
        await connection.execute(PERSON.encode(), (person, str(person), "x", named, [area], unit))
    return await sessions.begin(served.pool, person)


async def session_by_link(served: Services, person: str) -> tuple[str, UUID]:
    """The session of a one-time link to a case of their own, next door to the foreign one; and that case."""
    async with served.reach.pool.connection() as connection:
        case = await store_case(connection, a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    return await sessions.begin(served.pool, UUID(person), case.id), case.id


def end_of_log(database: Database) -> str:
    """Of the server's own log: as long as it stands, nothing was written. It moves by itself, too, now and then."""
    with psycopg.connect(database.owner_dsn) as connection:
        ((end,),) = connection.execute("SELECT pg_current_wal_insert_lsn()::text").fetchall()
    return str(end)


def everything(database: Database) -> dict[str, tuple[int, str]]:
    """Of each table how many rows there are and a digest of them."""
    with psycopg.connect(database.owner_dsn) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        counted = sql.SQL(" UNION ALL ").join(
            sql.SQL(
                "SELECT {name}, count(*), coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM {table} t"
            ).format(name=sql.Literal(name), table=sql.Identifier(name))
            for (name,) in names
            if name not in OWN_TRACES | BIG
        )
        return {name: (count, digest) for name, count, digest in connection.execute(counted).fetchall()}
