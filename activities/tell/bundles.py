"""Several messages told as one: the secretaries' digest at 8:30, the red list at 16:30, and what a rate limit held.

The notifier's own clock and a key per day and person are all that this needs: nothing to lose when Temporal is
away, nothing told twice after a restart, and a restart at 8:40 still tells.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from activities.tell import recipients
from activities.tell.addressing import Draft, Post, put
from activities.tell.manners import DIGEST_AT, RED_LIST_AT, Bundle, due_today
from activities.tell.recipients import Recipient
from activities.tell.wording import Words, bundled, moment
from domain.people import Role
from store.pool import Connection, Pool

BRAIN, COMMITTEE = "urban-operations", "committee"
HEADS = {Bundle.DIGEST: "今日待办", Bundle.RED_LIST: "超期红榜", Bundle.SUMMARY: "消息汇总"}
KNOWN = "SELECT EXISTS (SELECT FROM messages WHERE key = %s)"
LISTED = 100  # cases read for one list
OPEN_IN_AREAS = f"""
    SELECT c.title, c.due_at FROM cases c JOIN people p ON p.id = %(person)s
    WHERE c.closed_at IS NULL AND c.state IS NOT NULL
      AND EXISTS (SELECT FROM unnest(p.areas) area WHERE starts_with(c.place, area))
      AND (NOT %(overdue)s OR c.due_at < %(now)s)
    ORDER BY c.due_at NULLS LAST, c.id LIMIT {LISTED}"""  # noqa: S608 - a constant
HELD = """
    SELECT id, title FROM messages WHERE person = %s AND bundle = %s AND told_in IS NULL AND state = 'waiting'
    ORDER BY created_at, id FOR UPDATE"""
TOLD = "UPDATE messages SET told_in = %s WHERE id = ANY (%s)"
LEFT = "UPDATE messages SET state = 'given-up', error_code = 'nobody' WHERE id = ANY (%s)"
HELD_TOO_LONG = """
    SELECT person, bundle, min(next_at) FROM messages
    WHERE state = 'waiting' AND bundle IS NOT NULL AND told_in IS NULL AND next_at <= %s AND person IS NOT NULL
    GROUP BY person, bundle"""


@dataclass(frozen=True)
class Daily:
    """What goes out once a day: to whom, and which cases it lists."""

    bundle: Bundle
    roles: tuple[Role, ...]
    kind: str  # of unit
    overdue: bool  # only cases past their deadline; else all open ones


DIGEST = Daily(Bundle.DIGEST, (Role.LIAISON,), COMMITTEE, overdue=False)
RED_LIST = Daily(Bundle.RED_LIST, (Role.SUPERVISOR, Role.DUTY_OFFICER), BRAIN, overdue=True)


async def tell_daily(connections: Pool, post: Post, now: datetime, done: set[tuple[Bundle, date]]) -> int:
    """The digest and the red list when it is time for them; once per day and person. `done`: not looked at again."""
    local = now.astimezone(post.zone)
    due = [daily for daily, at in ((DIGEST, DIGEST_AT), (RED_LIST, RED_LIST_AT)) if due_today(at, local)]
    told = 0
    for daily in due:
        if (daily.bundle, local.date()) in done:
            continue
        async with connections.connection() as connection, connection.transaction():
            for role in daily.roles:
                for who in await recipients.everybody(connection, role, daily.kind, now):
                    told += await _tell_daily(connection, post, daily, who, now)
        done.add((daily.bundle, local.date()))
    return told


async def _tell_daily(connection: Connection, post: Post, daily: Daily, who: Recipient, now: datetime) -> int:
    key = f"{daily.bundle}:{now.astimezone(post.zone):%Y-%m-%d}:{who.person}"
    ((known,),) = await (await connection.execute(KNOWN, (key,))).fetchall()
    if known:
        return 0
    asked: dict[str, Any] = {"person": who.person, "overdue": daily.overdue, "now": now}
    found = await (await connection.execute(OPEN_IN_AREAS, asked)).fetchall()
    titles = [_line(title, due, now, post) for title, due in found]
    held = await (await connection.execute(HELD, (who.person, daily.bundle))).fetchall()
    if not titles and not held:
        return 0
    words = bundled(HEADS[daily.bundle], titles or [title for _, title in held])
    await _put(connection, post, key, who, words, daily.bundle, [id_ for id_, _ in held], now)
    return 1


def _line(title: str, due: datetime | None, now: datetime, post: Post) -> str:
    if due is None:
        return title
    return f"{title}，{'应在' if due < now else ''}{moment(due, now, post.zone)} 前"


async def tell_held(connections: Pool, post: Post, now: datetime) -> int:
    """What was held and is due: one message per person; also what no daily list took with it."""
    async with connections.connection() as connection, connection.transaction():
        groups = await (await connection.execute(HELD_TOO_LONG, (now,))).fetchall()
        for person, bundle, since in groups:
            held = await (await connection.execute(HELD, (person, bundle))).fetchall()
            who = await recipients.person(connection, person, now)
            if who is None:
                await connection.execute(LEFT, ([id_ for id_, _ in held],))
                continue
            words = bundled(HEADS[Bundle(bundle)], [title for _, title in held])
            key = f"{bundle}:{since.isoformat()}:{person}"
            await _put(connection, post, key, who, words, Bundle(bundle), [id_ for id_, _ in held], now)
    return len(groups)


async def _put(
    connection: Connection,
    post: Post,
    key: str,
    who: Recipient,
    words: Words,
    bundle: Bundle,
    held: list[UUID],
    now: datetime,
) -> None:
    message = await put(connection, post, Draft(key=key, who=who, words=words, reason=bundle.value), now)
    if message is not None:
        await connection.execute(TOLD, (message, held))
