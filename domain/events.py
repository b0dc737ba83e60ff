"""What happened to a case: facts, in the order in which they count. Never refused, never changed."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from domain.cases import Ending, EvidenceRef
from domain.matters import Audience, Frozen, Matter, Tier
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
    ground: Literal["least-load", "chosen", "worsened"] = "chosen"


class Reassigned(Frozen):
    type: Literal["reassigned"] = "reassigned"
    unit: str
    person: PersonRef | None = None
    reason: str


class Signed(Frozen):
    type: Literal["signed"] = "signed"
    by: PersonRef
    person: PersonRef | None = None  # who will do the work; None: the liaison has yet to hand it on


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


class Inspected(Frozen):
    type: Literal["inspected"] = "inspected"
    passed: bool
    note: str = ""
    evidence: tuple[EvidenceRef, ...] = ()


class Closed(Frozen):
    type: Literal["closed"] = "closed"
    ending: Ending


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


class TierRaised(Frozen):
    type: Literal["tier_raised"] = "tier_raised"
    to: Tier
    why: str


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
    | Cleared
    | Commented
    | Pressed
    | TierRaised,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
VERSION = 1  # of every event's form today; older ones are upcast when read


class Recorded(Frozen):
    """An event as it was appended: which one of its case, when, by whom, over which way in."""

    version: int
    at: AwareDatetime
    by: str
    transport: str
    event: Event


def upcast(kind: str, version: int, data: dict[str, Any]) -> Event:
    """The event that was stored as `kind` in form `version`; raises ValueError for a form from the future."""
    if version > VERSION:
        raise ValueError(f"event {kind} v{version} is newer than this Linli (v{VERSION})")
    return EVENT.validate_python({"type": kind, **data})
