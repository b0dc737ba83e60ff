"""What people were told of a case: over which channel, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from store.pool import Connection

OF_CASE = """
    SELECT id, to_label, channel, reason, title, state, tries, error_code, error, created_at, sent_at, read_at, bundle
    FROM messages WHERE case_id = %s ORDER BY created_at DESC, id DESC LIMIT 200"""
OPENED = """
    WITH opened AS (
        UPDATE messages SET state = 'read', read_at = clock_timestamp()
        WHERE person = %(person)s AND state = 'sent' AND (id = %(message)s OR case_id = %(case_id)s)
        RETURNING id)
    UPDATE messages SET state = 'read', read_at = clock_timestamp()
    WHERE told_in IN (SELECT id FROM opened) AND state = 'sent'"""


@dataclass(frozen=True)
class Told:
    """A message as the case's page shows it; `bundle`: told together with others (digest, red-list, summary)."""

    id: UUID
    to_label: str
    channel: str
    reason: str
    title: str
    state: str
    tries: int
    error_code: str | None
    error: str | None
    created_at: datetime
    sent_at: datetime | None
    read_at: datetime | None
    bundle: str | None

    @property
    def why(self) -> str:
        """The kind of reason: of `clock:stage:0:1` the part before the colon."""
        return self.reason.partition(":")[0]


async def of_case(connection: Connection, case_id: UUID) -> list[Told]:
    """Who was told of this case, newest first; inside `viewed_by` only where the viewer sees the case."""
    async with connection.cursor(row_factory=class_row(Told)) as cursor:
        await cursor.execute(OF_CASE, (case_id,))
        return await cursor.fetchall()


async def opened(
    connection: Connection, person: UUID, *, case_id: UUID | None = None, message: UUID | None = None
) -> None:
    """The message, or the page of the case, is open before this person: what they were sent of it is read."""
    await connection.execute(OPENED, {"person": person, "case_id": case_id, "message": message})
