"""Outbox to messages: each row becomes one message to one person, in one transaction, once for ever by its key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from psycopg import OperationalError

from activities.tell import recipients, wording
from activities.tell.manners import channel_for
from activities.tell.recipients import Recipient, label_of
from activities.tell.wording import Words
from domain.cases import Case
from store.contacts import Contacts
from store.ids import new_id
from store.organisation import place_label
from store.pool import Connection, Pool
from store.reports import follow_token

AT_ONCE = 50
UNWRITTEN = Words("消息没有写成", "这件事本该告诉一个人，但消息写不出来。请打开案件，必要时打电话，并告诉系统管理员。")
log = structlog.get_logger("notifier")
TAKE = f"""
    SELECT o.id, o.key, o.case_id, o.person, o.audience, o.reason, o.urgency, c.state::text
    FROM outbox o JOIN cases c ON c.id = o.case_id
    WHERE o.addressed_at IS NULL ORDER BY o.id LIMIT {AT_ONCE} FOR UPDATE OF o SKIP LOCKED"""  # noqa: S608 - a constant
DONE = "UPDATE outbox SET addressed_at = %s WHERE id = ANY (%s)"
INSERT = """
    INSERT INTO messages (id, key, outbox_id, case_id, person, report, to_label, channel, reason, urgency, title, text,
                          url, state, next_at, error_code, created_at)
    VALUES (%(id)s, %(key)s, %(outbox_id)s, %(case_id)s, %(person)s, %(report)s, %(to_label)s, %(channel)s, %(reason)s,
            %(urgency)s, %(title)s, %(text)s, %(url)s, %(state)s, %(now)s, %(error_code)s, %(now)s)
    ON CONFLICT (key) DO NOTHING RETURNING id"""


@dataclass(frozen=True)
class Post:
    """What composing a message takes besides the case."""

    public_url: str
    zone: ZoneInfo
    contacts: Contacts
    wecom: bool  # there is a government WeChat


class Row(NamedTuple):
    id: int
    key: str
    case_id: UUID
    person: UUID | None
    audience: str | None
    reason: str
    urgency: int
    state: str | None


@dataclass(frozen=True)
class Draft:
    """A message before it is kept; `url` empty: the card opens the case, or the phone's first page."""

    key: str
    who: Recipient | None
    words: Words
    reason: str
    urgency: int = 0
    case_id: UUID | None = None
    outbox_id: int | None = None
    url: str = ""


async def address(connections: Pool, post: Post, now: datetime) -> int:
    """Make messages of what waits in the outbox; how many rows there were."""
    async with connections.connection() as connection, connection.transaction():
        rows = [Row(*found) for found in await (await connection.execute(TAKE)).fetchall()]
        for row in rows:
            await _address_or_say(connection, post, row, now)
        if rows:
            await connection.execute(DONE, (now, [row.id for row in rows]))
    return len(rows)


async def _address_or_say(connection: Connection, post: Post, row: Row, now: datetime) -> None:
    """What cannot be put into words is listed with the case as given up, and keeps no other message waiting."""
    try:
        async with connection.transaction():
            await _address(connection, post, row, now)
    except OperationalError:  # the store is away, or busy
        raise
    except Exception:
        log.exception("no message was made", outbox=row.id, case=str(row.case_id), reason=row.reason)
        unwritten = Draft(
            key=f"{row.key}:unwritten",
            who=None,
            words=UNWRITTEN,
            reason=row.reason,
            urgency=row.urgency,
            case_id=row.case_id,
            outbox_id=row.id,
        )
        await put(connection, post, unwritten, now)


async def _address(connection: Connection, post: Post, row: Row, now: datetime) -> None:
    if row.state is None:
        return
    case = Case.model_validate_json(row.state)
    who = await _who(connection, row, case.place, now)
    if who is not None and who.report is not None:
        if who.phone is None:
            return  # they asked not to be called: the follow page says it all
        words = wording.of_report(case, row.reason, now, post.zone)
        url = f"{post.public_url}/f/{follow_token(post.contacts, who.report)}"
    else:
        place = await place_label(connection, case.place) or case.place
        words, url = wording.of_case(case, row.reason, place, now, post.zone), ""
    draft = Draft(
        key=f"{row.key}:{_to(who)}",
        who=who,
        words=words,
        reason=row.reason,
        urgency=row.urgency,
        case_id=case.id,
        outbox_id=row.id,
        url=url,
    )
    await put(connection, post, draft, now)


async def _who(connection: Connection, row: Row, place: str, now: datetime) -> Recipient | None:
    named = await recipients.person(connection, row.person, now) if row.person else None
    if named is not None:
        return named
    emergency = row.urgency > 0
    return await recipients.meant_by(connection, row.audience or "", place, now, emergency=emergency)


def _to(who: Recipient | None) -> str:
    return str(who.person or who.report) if who else "nobody"


async def put(connection: Connection, post: Post, draft: Draft, now: datetime) -> UUID | None:
    """A message that waits to be sent; given up at once where nobody is meant, or nothing reaches them.

    None: another notifier has put it there already.
    """
    message, who = new_id(), draft.who
    wecom, phone = bool(who and who.wecom_id and post.wecom), bool(who and who.phone)
    channel = channel_for(draft.urgency, wecom=wecom, phone=phone)
    row: dict[str, Any] = {
        "id": message,
        "key": draft.key,
        "outbox_id": draft.outbox_id,
        "case_id": draft.case_id,
        "person": who.person if who else None,
        "report": who.report if who else None,
        "to_label": label_of(who, post.contacts) if who else "",
        "channel": channel or "none",
        "reason": draft.reason,
        "urgency": draft.urgency,
        "title": draft.words.title,
        "text": draft.words.text,
        "url": draft.url or link(post.public_url, message, draft.case_id),
        "state": "waiting" if channel else "given-up",
        "error_code": None if channel else "no-address" if who else "nobody",
        "now": now,
    }
    added = await (await connection.execute(INSERT, row)).fetchone()
    return message if added else None


def link(public_url: str, message: UUID, case_id: UUID | None) -> str:
    """What a card opens: the case, on the phone, logged in by government WeChat."""
    return f"{public_url}/w?case={case_id}&m={message}" if case_id else f"{public_url}/w?m={message}"
