"""A matter that a person brings in: on patrol, or at the call centre. It waits for the desk, or is settled at once."""

from uuid import UUID

from domain.matters import Matter, News
from store.pool import Pool

BEGIN = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen)
    VALUES (%(id)s, %(key)s, %(ruleset)s, %(place)s, clock_timestamp(), clock_timestamp())
    ON CONFLICT (id) DO NOTHING RETURNING received_at"""
TELL = "INSERT INTO case_inbox (case_id, body) VALUES (%s, %s) RETURNING pg_notify('linli_case_inbox', '')"


async def receive(connections: Pool, matter: Matter, case_id: UUID, transport: str) -> bool:
    """Begin the case `case_id` with `matter`; False where it has begun before: the same form was sent twice.

    The case's workflow is started by the relay. Raises psycopg's errors, and UniqueViolation where a case of the same
    key is open.
    """
    async with connections.connection() as connection, connection.transaction():
        wanted = {"id": case_id, "key": matter.dedupe_key, "ruleset": matter.ruleset, "place": matter.place}
        begun = await (await connection.execute(BEGIN, wanted)).fetchone()
        if begun is None:
            return False
        news = News(
            kind="began",
            detection=matter.why.rule,
            ruleset=matter.ruleset,
            at=begun[0],
            received_at=begun[0],
            transport=transport,
            matter=matter,
        )
        await connection.execute(TELL, (case_id, news.model_dump_json()))
    return True
