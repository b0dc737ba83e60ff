"""The audit record, a chain of its own. Anchors put the heads of cases into it: no chain can be rewritten whole."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from domain.canonical import canonical_json
from store.pool import Connection, Pool

LOCK = "SELECT pg_advisory_xact_lock(7114012)"
LAST = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"
ANCHORED_TO = "SELECT data->>'until' FROM audit WHERE action = 'anchor' ORDER BY seq DESC LIMIT 1"
NEW_HEADS = """
    SELECT DISTINCT ON (case_id) case_id, version, hash, at FROM case_events
    WHERE at > %s AND at <= %s ORDER BY case_id, version DESC"""
APPEND = "INSERT INTO audit (seq, at, actor, action, subject, data, hash) VALUES (%s, %s, %s, %s, %s, %s, %s)"


def audit_link(head: bytes, at: datetime, actor: str, action: str, subject: str, data: str) -> bytes:
    return sha256(
        head + canonical_json([at.astimezone(UTC).isoformat(), actor, action, subject, data]).encode()
    ).digest()


async def record(connection: Connection, actor: str, action: str, subject: str, data: dict[str, Any]) -> None:
    """Append to the audit record; needs a transaction, and holds the record until it ends."""
    await connection.execute(LOCK)
    last = await (await connection.execute(LAST)).fetchone()
    seq, head = (last[0] + 1, bytes(last[1])) if last else (1, b"")
    at, text = datetime.now(UTC), canonical_json(data)
    await connection.execute(
        APPEND, (seq, at, actor, action, subject, text, audit_link(head, at, actor, action, subject, text))
    )


async def anchor(connections: Pool) -> int:
    """Anchor the heads of the cases that moved since the last time; the number of them."""
    async with connections.connection() as connection, connection.transaction():
        since = await (await connection.execute(ANCHORED_TO)).fetchone()
        after = datetime.fromisoformat(since[0]) if since else datetime(2000, 1, 1, tzinfo=UTC)
        # a little behind, so that no transaction still under way is passed over
        until = await (await connection.execute("SELECT clock_timestamp() - interval '10 s'")).fetchone()
        assert until is not None  # noqa: S101 - a select without a table answers
        moved = await (await connection.execute(NEW_HEADS, (after, until[0]))).fetchall()
        if not moved:
            return 0
        heads = {str(case_id): [version, bytes(head).hex()] for case_id, version, head, _ in moved}
        await record(
            connection, "rule", "anchor", f"{len(heads)} cases", {"until": until[0].isoformat(), "heads": heads}
        )
        return len(heads)


def anchored_heads(data: dict[str, Any]) -> dict[UUID, tuple[int, bytes]]:
    return {UUID(case): (version, bytes.fromhex(head)) for case, (version, head) in data["heads"].items()}
