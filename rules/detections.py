"""What perception concludes: a condition began, or ended, for a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.signals import FieldValue


class Change(StrEnum):
    BEGAN = "began"
    RECLASSIFIED = "reclassified"  # it began before; something older that came later changes what is known around it
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Detection:
    """A condition that began or ended.

    `since` is the event time of the signal that raised it, `at` when it had held long enough (for ENDED: when it
    ended), `received_at` when the raising signal came in, `facts` what classification reads, `late` whether the
    signal came later than its ruleset waits.
    """

    ruleset: str
    hash: str
    name: str
    change: Change
    key: str
    at: datetime
    since: datetime
    signal_id: str
    device_id: str
    place: str | None
    transport: str
    received_at: datetime
    fields: Mapping[str, FieldValue]
    facts: Mapping[str, FieldValue]
    late: bool = False
