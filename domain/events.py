"""What happened to a case: facts, in the order in which they count. Never refused, never changed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from domain.cases import Ending, EvidenceRef, Pause, PauseKind, Plan, Request
from domain.matters import Audience, Frozen, Matter, Priority, Tier
from domain.people import PersonRef
from domain.places import AreaPath


class Received(Frozen):
    type: Literal["received"] = "received"
    matter: Matter
    seen_at: AwareDatetime


class VerificationAsked(Frozen):
    type: Literal["verification_asked"] = "verification_asked"


class Verified(Frozen):
    type: Literal["verified"] = "verified"
    true: bool
    note: str = ""
    evidence: tuple[EvidenceRef, ...] = ()


class Filed(Frozen):
    type: Literal["filed"] = "filed"
    number: str


class Declined(Frozen):
    type: Literal["declined"] = "declined"
    reason: str
    ending: Ending


class Dispatched(Frozen):
    type: Literal["dispatched"] = "dispatched"
    unit: str
    person: PersonRef | None = None
    ground: Literal["least-load", "chosen", "worsened", "precedent"] = "chosen"
    by_phone: bool = False


class Reassigned(Frozen):
    type: Literal["reassigned"] = "reassigned"
    unit: str
    person: PersonRef | None = None
    reason: str
    by_phone: bool = False


class Signed(Frozen):
    type: Literal["signed"] = "signed"
    by: PersonRef
    person: PersonRef | None = None  # who will do the work; None: the liaison has yet to hand it on
    spoken_to: str = ""


class HandedTo(Frozen):
    type: Literal["handed_to"] = "handed_to"
    person: PersonRef


class Arrived(Frozen):
    type: Literal["arrived"] = "arrived"
    via: Literal["qr", "position", "reason"]
    place: AreaPath | None = None
    metres: int | None = None
    reason: str = ""


class Handled(Frozen):
    type: Literal["handled"] = "handled"
    by: PersonRef
    outcome: str
    note: str = ""
    evidence: tuple[EvidenceRef, ...] = ()
    to_inspection: bool
    reply: str = ""
    spoken_to: str = ""


class Inspected(Frozen):
    type: Literal["inspected"] = "inspected"
    passed: bool
    note: str = ""
    evidence: tuple[EvidenceRef, ...] = ()


class Closed(Frozen):
    type: Literal["closed"] = "closed"
    ending: Ending
    reply: str = ""


class SentBack(Frozen):
    type: Literal["sent_back"] = "sent_back"
    reason: str


class Worsened(Frozen):
    type: Literal["worsened"] = "worsened"
    matter: Matter
    seen_at: AwareDatetime
    redispatch: bool


class SeenAgain(Frozen):
    type: Literal["seen_again"] = "seen_again"
    rule: str
    seen_at: AwareDatetime


class Joined(Frozen):
    """Another matter came up that this case covers: it was taken in here and has no case of its own."""

    type: Literal["joined"] = "joined"
    ruleset: str
    rule: str
    title: str
    place: AreaPath
    priority: Priority
    seen_at: AwareDatetime


class Cleared(Frozen):
    type: Literal["cleared"] = "cleared"
    detection: str
    seen_at: AwareDatetime


class Commented(Frozen):
    type: Literal["commented"] = "commented"
    text: str


class Pressed(Frozen):
    """A clock reached a threshold and somebody was told."""

    type: Literal["pressed"] = "pressed"
    notice: str
    clock: Literal["stage", "overall"]
    to: Audience
    due: AwareDatetime
    urgency: int = 0


class TierRaised(Frozen):
    type: Literal["tier_raised"] = "tier_raised"
    to: Tier
    why: str


class SentDown(Frozen):
    type: Literal["sent_down"] = "sent_down"
    to: Tier
    reason: str


class Settled(Frozen):
    """Filed by the event before it, and done."""

    type: Literal["settled"] = "settled"
    by: PersonRef
    note: str = ""
    evidence: tuple[EvidenceRef, ...] = ()
    to_inspection: bool


class Linked(Frozen):
    type: Literal["linked"] = "linked"
    to: UUID
    number: str  # of the main case, or its title before it has one
    note: str = ""


class PartiesCalled(Frozen):
    """Units that are to act beside the handler (会办), each with a to-do of its own."""

    type: Literal["parties_called"] = "parties_called"
    units: tuple[str, ...]
    by_phone: tuple[str, ...] = ()  # those of them without accounts


class JointAnswered(Frozen):
    """What one of them did."""

    type: Literal["joint_answered"] = "joint_answered"
    unit: str
    by: PersonRef
    note: str
    spoken_to: str = ""


class ContactLogged(Frozen):
    type: Literal["contact_logged"] = "contact_logged"
    kind: Literal["first-contact", "call-back", "call-unit", "call-emergency"]
    whom: str
    reached: bool
    note: str = ""


class Returned(Frozen):
    type: Literal["returned"] = "returned"
    by: PersonRef
    unit: str
    owner: str
    ground: str


class ReturnRuled(Frozen):
    type: Literal["return_ruled"] = "return_ruled"
    granted: bool
    unit: str  # that returned it
    owner: str
    ground: str
    note: str = ""


class Requested(Frozen):
    type: Literal["requested"] = "requested"
    request: Request


class RequestRuled(Frozen):
    type: Literal["request_ruled"] = "request_ruled"
    granted: bool
    request: Request
    note: str = ""


class Paused(Frozen):
    type: Literal["paused"] = "paused"
    pause: Pause


class Resumed(Frozen):
    type: Literal["resumed"] = "resumed"
    kind: PauseKind
    note: str = ""


class Reopened(Frozen):
    """`to`: with the same unit again, or to be looked at where no unit ever had it."""

    type: Literal["reopened"] = "reopened"
    reason: str
    to: Literal["assigned", "received"]


class Rated(Frozen):
    type: Literal["rated"] = "rated"
    stars: int
    solved: bool | None = None
    text: str = ""


class Supervised(Frozen):
    type: Literal["supervised"] = "supervised"
    note: str = ""


class Replanned(Frozen):
    """A calendar was new; the clocks as they stand since are the event's plan."""

    type: Literal["replanned"] = "replanned"
    calendar: str
    version: str


Event = Annotated[
    Received
    | VerificationAsked
    | Verified
    | Filed
    | Declined
    | Dispatched
    | Reassigned
    | Signed
    | HandedTo
    | Arrived
    | Handled
    | Inspected
    | Closed
    | SentBack
    | Worsened
    | SeenAgain
    | Joined
    | Cleared
    | Commented
    | Pressed
    | TierRaised
    | SentDown
    | Settled
    | Linked
    | PartiesCalled
    | JointAnswered
    | ContactLogged
    | Returned
    | ReturnRuled
    | Requested
    | RequestRuled
    | Paused
    | Resumed
    | Reopened
    | Rated
    | Supervised
    | Replanned,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
PLAN = "plan"  # in a stored event's data, beside what the event itself says
VERSION = 1  # of every event's form today; older ones are upcast when read


class Recorded(Frozen):
    """An event as it was appended: which one of its case, when, by whom, over which way in.

    `plan`: the clocks as the event left them, where it changed any.
    """

    version: int
    at: AwareDatetime
    by: str
    transport: str
    event: Event
    plan: Plan | None = None


def upcast(kind: str, version: int, data: dict[str, Any]) -> Event:
    """The event that was stored as `kind` in form `version`; raises ValueError for a form from the future."""
    if version > VERSION:
        raise ValueError(f"event {kind} v{version} is newer than this Linli (v{VERSION})")
    return EVENT.validate_python({"type": kind, **{name: value for name, value in data.items() if name != PLAN}})


def plan_in(data: dict[str, Any]) -> Plan | None:
    """The clocks that a stored event set."""
    return Plan.model_validate(data[PLAN]) if data.get(PLAN) else None
