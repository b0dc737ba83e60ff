"""Rulesets' news to messages: what authors are told of their versions, each once for ever by its key."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from psycopg import OperationalError

from activities.tell import recipients, wording
from activities.tell.addressing import Draft, Post, put
from activities.tell.recipients import Recipient
from domain.people import Role
from store.pool import Connection, Pool

TAKE = """
    SELECT n.id, n.key, n.ruleset, n.hash, n.reason, n.params, coalesce(r.title, n.ruleset), r.author
    FROM ruleset_news n LEFT JOIN rulesets r ON r.hash = n.hash
    WHERE n.addressed_at IS NULL ORDER BY n.id LIMIT 50 FOR UPDATE OF n SKIP LOCKED"""
DONE = "UPDATE ruleset_news SET addressed_at = %s WHERE id = ANY (%s)"
RULE_AUTHORS = "SELECT id FROM people WHERE active AND %s = ANY (roles) ORDER BY name"


log = structlog.get_logger("notifier")


class News(NamedTuple):
    key: str
    ruleset: str
    version: str | None
    reason: str
    params: dict[str, Any]
    title: str
    author: UUID | None


async def tell_authors(connections: Pool, post: Post, now: datetime) -> int:
    """How many news there were."""
    async with connections.connection() as connection, connection.transaction():
        found = await (await connection.execute(TAKE)).fetchall()
        for id_, *news in found:
            try:
                async with connection.transaction():
                    await _tell(connection, post, News(*news), now)
            except OperationalError:  # the store is away, or busy
                raise
            except Exception:  # it stands in the console, and keeps no other news waiting
                log.exception("no message was made", news=id_)
        if found:
            await connection.execute(DONE, (now, [id_ for id_, *_ in found]))
    return len(found)


async def _tell(connection: Connection, post: Post, news: News, now: datetime) -> None:
    words = wording.of_ruleset(news.title, news.version, news.reason, news.params)
    url = f"{post.public_url}/console/rulesets/{news.ruleset}"
    for who in await _meant(connection, news.reason, news.author, news.params.get("asker"), now):
        draft = Draft(key=f"{news.key}:{who.person}", who=who, words=words, reason=news.reason, url=url)
        await put(connection, post, draft, now)


async def _meant(
    connection: Connection, reason: str, author: UUID | None, asker: str | None, now: datetime
) -> list[Recipient]:
    """What is asked concerns whoever may approve it; an answer, who asked; the rest, the author."""
    if reason == "asked":
        return [who for who in await authors(connection, None, now) if str(who.person) not in (asker, str(author))]
    return await authors(connection, UUID(asker) if asker else author, now)


async def authors(connection: Connection, author: UUID | None, now: datetime) -> list[Recipient]:
    """Whoever wrote it; all rule authors where nobody did (it came from a folder), or they left."""
    named = await recipients.person(connection, author, now) if author else None
    if named:
        return [named]
    ids = await (await connection.execute(RULE_AUTHORS, (Role.RULE_AUTHOR.value,))).fetchall()
    return [who for (id_,) in ids if (who := await recipients.person(connection, id_, now))]
