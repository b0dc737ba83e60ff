"""What authors are to be told of their rulesets; the notifier makes messages of it (activities/tell/authors.py)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from store.pool import Connection

TELL = """
    INSERT INTO ruleset_news (key, ruleset, hash, reason, params) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (key) DO NOTHING RETURNING id"""
OF_RULESET = """
    SELECT id, ruleset, hash, reason, params, at FROM ruleset_news WHERE ruleset = %s ORDER BY id DESC LIMIT %s"""


@dataclass(frozen=True)
class News:
    id: int
    ruleset: str
    hash: str | None
    reason: str
    params: dict[str, Any]
    at: datetime


async def tell_author(
    connection: Connection, ruleset: str, hash_: str | None, reason: str, key: str, **params: Any
) -> bool:
    """Tell the author of a version (all rule authors, where it lay in a folder); once per `key`, for ever.

    Reasons: cannot-run, cannot-start, quarantined, storm, asked, approved, refused. False: told already.
    """
    told = await connection.execute(TELL, (key, ruleset, hash_, reason, json.dumps(params, ensure_ascii=False)))
    return await told.fetchone() is not None


async def news_of(connection: Connection, ruleset: str, most: int = 20) -> list[News]:
    """What was told of a ruleset, the latest first."""
    async with connection.cursor(row_factory=class_row(News)) as cursor:
        return await (await cursor.execute(OF_RULESET, (ruleset, most))).fetchall()
