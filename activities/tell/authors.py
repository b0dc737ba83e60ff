"""Rulesets' news to messages: what authors are told of their versions, each once for ever by its key."""

from datetime import datetime
from uuid import UUID

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


async def tell_authors(connections: Pool, post: Post, now: datetime) -> int:
    """How many news there were."""
    async with connections.connection() as connection, connection.transaction():
        found = await (await connection.execute(TAKE)).fetchall()
        for _, key, ruleset, version, reason, params, title, author in found:
            words = wording.of_ruleset(title, version, reason, params)
            url = f"{post.public_url}/console/rulesets/{ruleset}"
            for who in await _meant(connection, reason, author, params.get("asker"), now):
                draft = Draft(key=f"{key}:{who.person}", who=who, words=words, reason=reason, url=url)
                await put(connection, post, draft, now)
        if found:
            await connection.execute(DONE, (now, [id_ for id_, *_ in found]))
    return len(found)


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
