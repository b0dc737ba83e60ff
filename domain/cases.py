"""A case as it stands: what its events add up to (DESIGN §4)."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from domain.matters import Audience, Evidence, Frozen, Matter, Policy, Priority, Tier
from domain.people import PersonRef
from domain.places import AreaPath


class Stage(StrEnum):
    RECEIVED = "received"
    VERIFYING = "verifying"
    DISPATCHING = "dispatching"
    ASSIGNED = "assigned"
    HANDLING = "handling"
    INSPECTING = "inspecting"
    CLOSING = "closing"
    CLOSED = "closed"


class Ending(StrEnum):
    SOLVED = "solved"
    EXPLAINED = "explained"
    UNTRUE = "untrue"
    DECLINED = "declined"
    VOIDED = "voided"
    LINKED = "linked"


# What `close` may say; the other endings have commands of their own.
ClosedAs = Literal[Ending.SOLVED, Ending.EXPLAINED, Ending.UNTRUE]


class Light(StrEnum):
    """正常 / 临期 / 超期: under 80 % of a limit, to 100 %, past it."""

    NORMAL = "normal"
    DUE_SOON = "due-soon"
    OVERDUE = "overdue"


class EvidenceRef(Frozen):
    id: UUID
    kind: Evidence


class Case(Frozen):
    """One matter, one lifecycle. Built only by `domain.lifecycle.evolve`."""

    id: UUID
    version: int = 0
    stage: Stage
    stage_since: AwareDatetime
    entries: int = 1  # how many stages were entered: tells a stage's clock from its earlier one
    received_at: AwareDatetime
    number: str | None = None
    filed_at: AwareDatetime | None = None
    ruleset: str
    ruleset_hash: str
    matter: str
    dedupe_key: str
    title: str
    text: str = ""
    category: str
    priority: Priority
    tier: Tier
    place: AreaPath
    lead: str
    handler: str
    skills: tuple[str, ...] = ()
    policy: Policy
    unit: str | None = None
    person: PersonRef | None = None
    signed_by: PersonRef | None = None
    arrived: bool = False
    handled_by: tuple[str, ...] = ()  # ids of all who ever handled it: none of them inspects it
    outcome: str | None = None
    reworks: int = 0
    passed: bool = False
    cleared: bool = False
    last_seen: AwareDatetime
    seen: int = 1
    notices: tuple[str, ...] = ()
    ending: Ending | None = None
    closed_at: AwareDatetime | None = None

    @property
    def settled(self) -> bool:
        return self.stage is Stage.CLOSED


class NewCase(Frozen):
    """A case before its first event: only its id is known."""

    id: UUID


class Notice(Frozen):
    """A threshold of a clock, and when it is reached."""

    key: str
    clock: Literal["stage", "overall"]
    to: Audience
    due: datetime


def is_worse(matter: Matter, case: Case) -> bool:
    """Whether `matter` asks more than the case gives: a higher priority, or a higher tier at the same one."""
    return (matter.priority.rank, matter.tier.rank) > (case.priority.rank, case.tier.rank)
