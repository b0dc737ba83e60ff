"""The way in: what an adapter hands over, and what it may tell the device afterwards."""

from collections.abc import Sequence
from typing import Protocol

from domain.matters import Frozen
from domain.signals import Signal


class Unreadable(Frozen):
    """Bytes that are no signal yet: kept as they came, with the reason, and replayable after a fix."""

    adapter: str
    channel: str  # topic, path or peer
    reason: str  # a stable code: not-json, missing-field, wrong-type, unknown-topic, identity-conflict, …
    field: str | None = None
    detail: str = ""
    mapping: str | None = None  # the data file to mend
    raw: bytes


class Taken(Frozen):
    """What became of a message; once it is returned, everything in it is committed."""

    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0


class IntakeUnavailable(Exception):
    """Nothing was stored; the sender must send again."""


class Intake(Protocol):
    async def take(self, signals: Sequence[Signal], unreadable: Sequence[Unreadable] = ()) -> Taken:
        """Store what a device said, once; returns after commit. Raises IntakeUnavailable."""
        ...
