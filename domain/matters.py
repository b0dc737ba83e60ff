"""What rules say of a matter when they want a case for it: the words between rules and the case."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from domain.places import AreaPath

ROUND_THE_CLOCK_NAME = "24x7"
STORM = "storm"  # the matter of the summary case that a ruleset's storm goes into


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return list(Priority).index(self)


class Tier(StrEnum):
    COMMITTEE = "committee"
    GRID = "grid"
    BRAIN = "brain"

    @property
    def rank(self) -> int:
        return list(Tier).index(self)


class Inspection(StrEnum):
    ALWAYS = "always"
    SAMPLED = "sampled"
    NEVER = "never"


class Closing(StrEnum):
    MANUAL = "manual"
    WHEN_INSPECTED = "auto_when_inspected"
    WHEN_CLEARED = "auto_when_cleared"


class AfterClose(StrEnum):
    NEW = "new"
    REOPEN = "reopen"


class Verify(StrEnum):
    NEVER = "never"
    ALWAYS = "always"
    BELOW_CONFIDENCE = "below_confidence"


class Filing(StrEnum):
    """Who decides that a matter counts: the rules, or a person at the desk."""

    BY_RULE = "rule"
    AT_DESK = "desk"


class Evidence(StrEnum):
    """What a step must bring."""

    NOTE = "note"
    PHOTO_BEFORE = "photo_before"
    PHOTO_AFTER = "photo_after"


class Audience(StrEnum):
    HOLDER = "holder"
    TIER_ABOVE = "tier_above"
    BRAIN = "brain"


class Rung(Frozen):
    """One step of the ladder on the stage's clock: at a share of it, or a while after it ran out."""

    at: Annotated[float, Field(gt=0, le=2)] | None = None  # share of the limit: 0.8 = yellow, 1.0 = red
    after: timedelta | None = None  # past the deadline
    to: Audience


class Limits(Frozen):
    """How long each stage and the whole may take, in working time of the policy's calendar."""

    overall: timedelta
    sign: timedelta = timedelta(minutes=15)
    handle: timedelta
    inspect: timedelta = timedelta(hours=1)


class Policy(Frozen):
    """The rules of one case, fixed when it is filed: the category's floor, tightened by the ruleset."""

    limits: Limits
    ladder: tuple[Rung, ...] = ()
    evidence: tuple[Evidence, ...] = ()  # what `handle` must bring
    inspection: Inspection = Inspection.ALWAYS
    closing: Closing = Closing.MANUAL
    after_close: AfterClose = AfterClose.NEW
    verify: Verify = Verify.NEVER
    reopen_within: timedelta = timedelta(0)
    return_within: timedelta = timedelta(0)
    outcomes: tuple[str, ...] = ("solved",)  # what `handle` may answer; alarms: true, false, test, fault
    place_check: bool = False  # `arrive` must come before `handle`
    calendar: str = ROUND_THE_CLOCK_NAME  # in whose working time the handling is counted
    filing: Filing = Filing.BY_RULE


class Why(Frozen):
    """What the rules saw: enough to explain the decision years later (DESIGN §6)."""

    ruleset: str
    hash: str
    rule: str
    facts: dict[str, JsonValue]
    conditions: tuple[JsonValue, ...] = ()  # each with its truth, in the author's words
    losers: tuple[str, ...] = ()
    signals: tuple[UUID, ...] = ()


class Matter(Frozen):
    """A case as rules want it."""

    ruleset: str
    matter: str = "main"
    dedupe_key: str  # ruleset / matter / place: one open case per key
    title: str
    text: str = ""
    category: str
    priority: Priority
    tier: Tier
    place: AreaPath  # where it is, as deep as known
    lead: str  # kind of unit that answers for it
    handler: str  # kind of unit that does the work
    skills: tuple[str, ...] = ()
    inform: tuple[str, ...] = ()  # kinds of units that are told besides the one that does the work
    parties: tuple[str, ...] = ()  # kinds of units that act beside the handler (会办), each with a to-do of its own
    parent: UUID | None = None  # the case of the same event that this one was opened with
    children: int = 0  # how many further cases were opened with it
    report: UUID | None = None  # the resident's report that it began with
    policy: Policy
    why: Why


class News(Frozen):
    """What is told to a case: a detection began or worsened (with the matter), or ended; or a calendar is new.

    Of a calendar, `ruleset` is the name and `detection` the version. `joined`: a matter of another key that this case
    covers. `child`: one of the cases that were opened with it is closed. `children`: what else the rule asks for, where
    the matter makes more of a case that is open already.
    """

    kind: Literal["began", "ended", "joined", "child", "calendar"]
    detection: str
    ruleset: str
    at: AwareDatetime  # event time
    received_at: AwareDatetime  # when the signal that decided came in
    transport: str = "mqtt"
    matter: Matter | None = None
    children: tuple[Matter, ...] = ()
