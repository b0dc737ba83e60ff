"""A case as it stands: what its events add up to (DESIGN §4)."""

from datetime import timedelta
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


class Notice(Frozen):
    """A threshold of a clock, and when it is reached; told once, by its key."""

    key: str
    clock: Literal["stage", "overall"]
    to: Audience
    due: AwareDatetime
    urgency: int = 0  # how loudly: 0 and 1 as ever, 2 by SMS, 3 and more by voice


class Clock(Frozen):
    """A limit that runs: what of it is used, and when the rest will be.

    `used` is working time up to `since`; a clock that stands has no `since` and no `due`.
    """

    name: Literal["stage", "overall"]
    key: str  # another key, another clock: a stage entered again begins anew
    start: AwareDatetime
    limit: timedelta
    used: timedelta = timedelta(0)
    since: AwareDatetime | None
    calendar: str
    calendar_version: str
    yellow: AwareDatetime | None
    due: AwareDatetime | None


class Plan(Frozen):
    """A case's clocks and every notice they will give, as absolute instants."""

    clocks: tuple[Clock, ...] = ()
    notices: tuple[Notice, ...] = ()


class PauseKind(StrEnum):
    DEFERRAL = "deferral"
    SUSPENSION = "suspension"
    FOR_REPORTER = "waiting-for-reporter"
    FOR_OTHER = "waiting-for-other"


class Pause(Frozen):
    """The clocks stand until a day, or until somebody resumes."""

    kind: PauseKind
    until: AwareDatetime
    reason: str


class RequestKind(StrEnum):
    EXTENSION = "extension"
    DEFERRAL = "deferral"
    SUSPENSION = "suspension"
    VOID = "void"


class Request(Frozen):
    """What the tier above has been asked to allow."""

    kind: RequestKind
    reason: str
    by: PersonRef
    hours: int | None = None  # of working time, for an extension
    until: AwareDatetime | None = None


class Return(Frozen):
    """Not ours: whose it is instead, and on which ground."""

    owner: str
    ground: str
    by: PersonRef


class Party(Frozen):
    """A unit that acts on the case beside the handler (会办); `by` answered for it, with what was done."""

    unit: str
    by_phone: bool = False  # it has no accounts: the desk calls it and answers for it
    by: PersonRef | None = None
    note: str = ""


class Rating(Frozen):
    stars: int
    solved: bool | None = None
    text: str = ""
    at: AwareDatetime


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
    counted_from: AwareDatetime | None = None  # the overall clock's start: as filed, or as reopened
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
    inform: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()  # kinds of units that are to act beside the handler
    parties: tuple[Party, ...] = ()
    parent: UUID | None = None  # the case of the same event that it was opened with
    children: int = 0
    report: UUID | None = None
    plan: Plan | None = None
    unit: str | None = None
    by_phone: bool = False  # the unit has no accounts: the desk calls it, signs and answers for it
    person: PersonRef | None = None
    signed_by: PersonRef | None = None
    arrived: bool = False
    handled_by: tuple[str, ...] = ()  # ids of all who ever handled it: none of them inspects it
    outcome: str | None = None
    on_the_spot: bool = False  # found and settled in one step
    reworks: int = 0
    passed: bool = False
    cleared: bool = False
    last_seen: AwareDatetime
    seen: int = 1
    notices: tuple[str, ...] = ()
    pause: Pause | None = None
    request: Request | None = None
    extensions: int = 0
    extended: timedelta = timedelta(0)  # working time granted besides the limits
    suspensions: int = 0
    returned: Return | None = None
    returns: int = 0
    return_until: AwareDatetime | None = None
    meant_for: str | None = None  # the unit that a granted return named
    reply: str = ""  # to the reporter: a draft until the case is closed
    ending: Ending | None = None
    closed_at: AwareDatetime | None = None
    reopened: int = 0
    rating: Rating | None = None
    linked_to: UUID | None = None
    supervised: bool = False

    @property
    def settled(self) -> bool:
        return self.stage is Stage.CLOSED

    @property
    def awaited(self) -> tuple[str, ...]:
        """The parties that have not answered."""
        return () if self.settled else tuple(party.unit for party in self.parties if party.by is None)

    @property
    def awaited_by_phone(self) -> tuple[str, ...]:
        """Those of them that the desk calls, and answers for."""
        return tuple(party.unit for party in self.parties if party.by_phone and party.unit in self.awaited)


class NewCase(Frozen):
    """A case before its first event: only its id is known."""

    id: UUID


def is_worse(matter: Matter, case: Case) -> bool:
    """Whether `matter` asks more than the case gives: a higher priority, or a higher tier at the same one."""
    return (matter.priority.rank, matter.tier.rank) > (case.priority.rank, case.tier.rank)
