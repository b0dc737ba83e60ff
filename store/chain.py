"""The hash chain of a case's events: each hash covers the one before and the bytes that were stored."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID


class StoredEvent(NamedTuple):
    """A row of `case_events` as it was written; `data` is the exact text of the JSON."""

    case_id: UUID
    version: int
    type: str
    v: int
    data: str
    at: datetime
    actor: str
    actor_name: str
    transport: str
    command_id: UUID | None


def link(head: bytes, event: StoredEvent) -> bytes:
    """The next head: SHA-256 over the present head and every stored column, with lengths so that none can slide."""
    parts = (
        str(event.case_id),
        str(event.version),
        event.type,
        str(event.v),
        event.data,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor,
        event.actor_name,
        event.transport,
        str(event.command_id or ""),
    )
    digest = sha256(head)
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.digest()
