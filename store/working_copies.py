"""What an author is writing: a ruleset's texts before they are a version, and what they said before. Theirs alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from store.pool import Connection, Pool

MOST_BEFORE = 100
_COPY = "SELECT ruleset, definition, template, based_on, updated_at AS at FROM ruleset_drafts WHERE person = %(person)s"
ONE = f"{_COPY} AND ruleset = %(ruleset)s"
MINE = f"{_COPY} ORDER BY updated_at DESC LIMIT 200"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('linli.draft/' || %(person)s || '/' || %(ruleset)s, 0))"
KEEP = """
    INSERT INTO ruleset_drafts (ruleset, person, definition, template, based_on)
    VALUES (%(ruleset)s, %(person)s, %(definition)s, %(template)s, %(based_on)s)
    ON CONFLICT (ruleset, person) DO UPDATE
    SET definition = excluded.definition, template = excluded.template,
        based_on = coalesce(excluded.based_on, ruleset_drafts.based_on), updated_at = clock_timestamp()
    RETURNING updated_at"""
PUT_ASIDE = """
    INSERT INTO ruleset_drafts_before (ruleset, person, definition, template)
    SELECT ruleset, person, definition, template FROM ruleset_drafts
    WHERE person = %(person)s AND ruleset = %(ruleset)s"""
FORGET_OLD = """
    DELETE FROM ruleset_drafts_before WHERE id IN (
        SELECT id FROM ruleset_drafts_before WHERE person = %(person)s AND ruleset = %(ruleset)s
        ORDER BY id DESC OFFSET %(most)s)"""
TAKE_BACK = """
    WITH before AS (
        DELETE FROM ruleset_drafts_before WHERE id = (
            SELECT max(id) FROM ruleset_drafts_before WHERE person = %(person)s AND ruleset = %(ruleset)s)
        RETURNING definition, template)
    UPDATE ruleset_drafts d SET definition = b.definition, template = b.template, updated_at = clock_timestamp()
    FROM before b WHERE d.person = %(person)s AND d.ruleset = %(ruleset)s"""
DROP = "DELETE FROM ruleset_drafts WHERE person = %(person)s AND ruleset = %(ruleset)s"


class ChangedElsewhere(Exception):
    """The working copy was saved in another window since; `now` is how it stands."""

    def __init__(self, now: "WorkingCopy") -> None:
        super().__init__("changed-elsewhere")
        self.now = now


@dataclass(frozen=True)
class WorkingCopy:
    """`based_on`: the hash of the version it was taken from; `at`: when it was last saved, which names the save."""

    ruleset: str
    definition: str
    template: str
    based_on: str | None
    at: datetime


async def working_copy(connection: Connection, person: UUID, ruleset: str) -> WorkingCopy | None:
    async with connection.cursor(row_factory=class_row(WorkingCopy)) as cursor:
        await cursor.execute(ONE, {"person": person, "ruleset": ruleset})
        return await cursor.fetchone()


async def working_copies(connection: Connection, person: UUID) -> list[WorkingCopy]:
    """Newest first."""
    async with connection.cursor(row_factory=class_row(WorkingCopy)) as cursor:
        await cursor.execute(MINE, {"person": person})
        return await cursor.fetchall()


async def save(
    connections: Pool,
    person: UUID,
    ruleset: str,
    texts: tuple[str, str],
    *,
    after: datetime | None = None,
    based_on: str | None = None,
) -> datetime:
    """Keep definition and template; the name of this save.

    `after`: the save that was changed; raises ChangedElsewhere where there is a later one that says something else.
    """
    given = {"person": person, "ruleset": ruleset}
    async with connections.connection() as connection, connection.transaction():
        await connection.execute(LOCK, given)
        now = await working_copy(connection, person, ruleset)
        if now is not None and (now.definition, now.template) == texts and based_on is None:
            return now.at
        if now is not None and after is not None and after != now.at:
            raise ChangedElsewhere(now)
        if now is not None:
            await connection.execute(PUT_ASIDE, given)
            await connection.execute(FORGET_OLD, {**given, "most": MOST_BEFORE})
        kept = {**given, "definition": texts[0], "template": texts[1], "based_on": based_on}
        saved = await (await connection.execute(KEEP, kept)).fetchone()
    assert saved is not None  # noqa: S101 - RETURNING
    at: datetime = saved[0]
    return at


async def undo(connections: Pool, person: UUID, ruleset: str) -> bool:
    """Back to the save before; whether there was one."""
    given = {"person": person, "ruleset": ruleset}
    async with connections.connection() as connection, connection.transaction():
        await connection.execute(LOCK, given)
        return (await connection.execute(TAKE_BACK, given)).rowcount == 1


async def drop(connections: Pool, person: UUID, ruleset: str) -> None:
    async with connections.connection() as connection:
        await connection.execute(DROP, {"person": person, "ruleset": ruleset})
