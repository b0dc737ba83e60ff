"""Messages to phones: lease what is due, hand it over, record what became of it, turn to the next channel."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from activities.tell import recipients
from activities.tell.addressing import Post
from activities.tell.channels import Channels, Letter
from activities.tell.manners import PUSHES, PUSHES_WITHIN, Hold, Occasion, louder, manner
from activities.tell.recipients import Recipient
from adapters.outcomes import Outcome, Verdict
from store import links
from store.failpoints import reached
from store.ids import new_id
from store.links import Link
from store.pool import Connection, Pool

LEASE = timedelta(seconds=20)  # longer than any channel takes to answer
AT_ONCE = 16
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)  # between two tries; doubles
PATIENCE = timedelta(hours=24)  # with a channel that does not answer
PATIENCE_IN_EMERGENCY = timedelta(seconds=45)  # with the first of several
TAKE = f"""
    UPDATE messages SET next_at = %(now)s + %(lease)s, tries = tries + 1
    WHERE id IN (SELECT id FROM messages WHERE state = 'waiting' AND told_in IS NULL AND bundle IS NULL
                 AND next_at <= %(now)s ORDER BY next_at, id LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED)
    RETURNING id, key, case_id, person, report, channel, reason, urgency, title, text, url, tries, created_at"""  # noqa: S608
PUSHED = f"""
    SELECT sent_at FROM messages WHERE person = %s AND sent_at > %s AND told_in IS NULL AND channel = 'wecom'
    ORDER BY sent_at DESC LIMIT {PUSHES}"""  # noqa: S608 - a constant
HOLD = "UPDATE messages SET next_at = %s, bundle = %s, tries = tries - 1 WHERE id = %s"
SENT = """
    UPDATE messages SET state = 'sent', sent_at = %(now)s, error_code = NULL, error = NULL
    WHERE (id = %(id)s OR told_in = %(id)s) AND state = 'waiting'"""
SENT_FROM_OUTBOX = """
    UPDATE outbox SET sent_at = %(now)s WHERE sent_at IS NULL AND id IN (
        SELECT outbox_id FROM messages WHERE id = %(id)s OR told_in = %(id)s)"""
AGAIN = "UPDATE messages SET next_at = %(at)s, error_code = %(code)s, error = %(said)s WHERE id = %(id)s"
FAILED = """
    UPDATE messages SET state = %(state)s, error_code = %(code)s, error = %(said)s
    WHERE (id = %(id)s OR told_in = %(id)s) AND state = 'waiting'"""
NEXT = """
    INSERT INTO messages (id, key, outbox_id, case_id, person, report, to_label, channel, reason, urgency, title, text,
                          url, state, next_at, created_at)
    SELECT %(new)s, key || ':' || %(channel)s, outbox_id, case_id, person, report, to_label, %(channel)s,
           %(reason)s, urgency, title, text, replace(url, id::text, %(new)s::text), 'waiting', %(now)s, %(now)s
    FROM messages WHERE id = %(id)s ON CONFLICT (key) DO NOTHING"""
SEEN_TO = ("inspecting", "closing")  # nobody is rung up for what has been dealt with
UNREAD = f"""
    SELECT m.id, m.channel FROM messages m JOIN cases c ON c.id = m.case_id
    JOIN people p ON p.id = m.person JOIN outbox o ON o.id = m.outbox_id
    WHERE m.urgency > 0 AND m.state = 'sent' AND m.channel <> 'voice' AND p.phone IS NOT NULL
      AND m.sent_at <= %(before)s AND c.closed_at IS NULL AND c.stage NOT IN {SEEN_TO}
      AND (o.reason <> 'assigned' OR c.stage = 'assigned' AND coalesce(c.person, m.person) = m.person)
      AND NOT EXISTS (SELECT FROM messages n WHERE n.key IN (m.key || ':sms', m.key || ':voice'))
    ORDER BY m.sent_at LIMIT 50"""  # noqa: S608 - constants


@dataclass(frozen=True)
class Leased:
    """A message that this notifier alone may send for a while."""

    id: UUID
    key: str
    case_id: UUID | None
    person: UUID | None
    report: UUID | None
    channel: str
    reason: str
    urgency: int
    title: str
    text: str
    url: str
    tries: int
    created_at: datetime

    @property
    def emergency(self) -> bool:
        return self.urgency > 0


async def send_due(connections: Pool, post: Post, channels: Channels, now: datetime) -> int:
    """Send what is due; how many messages that were. A crash in between sends again after the lease."""
    async with connections.connection() as connection:
        async with connection.cursor(row_factory=class_row(Leased)) as cursor:
            await cursor.execute(TAKE, {"now": now, "lease": LEASE})
            leased = await cursor.fetchall()
        going = await _those_to_go(connection, post, sorted(leased, key=lambda one: (one.created_at, one.id)), now)
    outcomes = await asyncio.gather(*(channels.send(m.channel, who, _letter(m, who, post)) for m, who in going))
    if going:
        reached("after-send")
    async with connections.connection() as connection:
        for (message, who), outcome in zip(going, outcomes, strict=True):
            async with connection.transaction():
                await _record(connection, message, who, outcome, now)
    return len(leased)


async def _those_to_go(
    connection: Connection, post: Post, leased: list[Leased], now: datetime
) -> list[tuple[Leased, Recipient]]:
    """Those that may be told now; the others are put off, and who no longer works here is told nothing."""
    going = []
    pushed: dict[UUID, list[datetime]] = {}
    for message in leased:
        who = await _recipient(connection, message, now)
        if who is None:
            await connection.execute(FAILED, {"id": message.id, "state": "given-up", "code": "nobody", "said": None})
            continue
        hold = await _hold(connection, post, message, who, pushed, now)
        if hold is not None:
            await connection.execute(HOLD, (hold.until, hold.bundle, message.id))
            continue
        if message.channel == "sms" and who.person and not who.wecom_id and message.case_id:
            await links.offer(connection, _token(message, post), Link(who.person, message.case_id, message.id))
        going.append((message, who))
    return going


async def _hold(
    connection: Connection, post: Post, message: Leased, who: Recipient, pushed: dict[UUID, list[datetime]],
    now: datetime,
) -> Hold | None:  # fmt: skip
    if who.person is not None and who.person not in pushed:
        found = await connection.execute(PUSHED, (who.person, now - PUSHES_WITHIN))
        pushed[who.person] = sorted(at for (at,) in await found.fetchall())
    before = pushed.get(who.person, []) if who.person else []
    occasion = Occasion(
        reason=message.reason,
        emergency=message.emergency,
        secretary=who.secretary,
        leader=who.leader,
        on_duty=who.on_duty,
        pushed=() if _gathers(message) else before,
    )
    hold = manner(occasion, now.astimezone(post.zone))
    if hold is None:
        before.append(now)
    return hold


def _gathers(message: Leased) -> bool:
    """A digest, a red list or a summary is never held for the next one."""
    return message.case_id is None


async def _recipient(connection: Connection, message: Leased, now: datetime) -> Recipient | None:
    if message.person is not None:
        return await recipients.person(connection, message.person, now)
    return await recipients.reporter(connection, message.report, now) if message.report else None


def _token(message: Leased, post: Post) -> str:
    return post.contacts.token(f"message/{message.id}")


def _letter(message: Leased, who: Recipient, post: Post) -> Letter:
    """Who has no account in government WeChat gets a link that lets them in once."""
    url = message.url
    if message.channel == "sms" and who.person and not who.wecom_id and message.case_id:
        url = f"{post.public_url}/l/{_token(message, post)}"
    return Letter(message.id, message.title, message.text, url)


async def _record(connection: Connection, message: Leased, who: Recipient, outcome: Outcome, now: datetime) -> None:
    about: dict[str, Any] = {"id": message.id, "now": now, "code": outcome.code, "said": outcome.said[:500]}
    if outcome.verdict is Verdict.SENT:
        await connection.execute(SENT, about)
        await connection.execute(SENT_FROM_OUTBOX, about)
        return
    following = louder(message.channel, emergency=message.emergency, phone=bool(who.phone))
    patience = PATIENCE_IN_EMERGENCY if message.emergency and following else PATIENCE
    if outcome.verdict is Verdict.LATER and now < message.created_at + patience:
        await connection.execute(AGAIN, about | {"at": now + pause(message.tries, outcome.wait)})
        return
    state = "failed" if outcome.verdict is Verdict.REFUSED else "given-up"
    await connection.execute(FAILED, about | {"state": state})
    if following:
        await turn_to(connection, message.id, following, message.reason, now)


def pause(tries: int, at_least: timedelta) -> timedelta:
    """Before the next try: 5 s, doubling, at most five minutes, never less than the channel asks for."""
    ours = min(FIRST_PAUSE * float(2 ** min(tries - 1, 10)), LONGEST_PAUSE)
    return max(ours, at_least * float(2 ** min(tries - 1, 4)))


async def turn_to(connection: Connection, message: UUID, channel: str, reason: str, now: datetime) -> None:
    """The same to the same person over another channel; once, whoever asks how often."""
    await connection.execute(NEXT, {"id": message, "new": new_id(), "channel": channel, "reason": reason, "now": now})


async def louder_where_unread(connections: Pool, after: timedelta, now: datetime) -> int:
    """Emergencies that nobody opened within `after`: over the next louder channel, up to the telephone."""
    async with connections.connection() as connection:
        found = await (await connection.execute(UNREAD, {"before": now - after})).fetchall()
        for message, channel in found:
            if following := louder(channel, emergency=True, phone=True):
                await turn_to(connection, message, following, "unread", now)
    return len(found)
