"""What can be asked of a case. Every command has an id, minted when its form is rendered."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, TypeAdapter

from domain.cases import ClosedAs, Ending, EvidenceRef
from domain.matters import Frozen, Matter, News
from domain.places import AreaPath

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]
Brought = Annotated[tuple[EvidenceRef, ...], Field(max_length=20)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Receive(Frozen):
    name: Literal["receive"] = "receive"
    matter: Matter
    seen_at: AwareDatetime


class AskVerification(Frozen):
    name: Literal["ask_verification"] = "ask_verification"


class Verify(Frozen):
    """Looked before filing: `true` files it, otherwise it is declined as untrue."""

    name: Literal["verify"] = "verify"
    true: bool
    note: Words = ""
    evidence: Brought = ()


class File(Frozen):
    name: Literal["file"] = "file"
    number: str = ""  # given by the store when the command is carried out


class Decline(Frozen):
    name: Literal["decline"] = "decline"
    reason: Reason
    ending: Literal[Ending.DECLINED, Ending.UNTRUE] = Ending.UNTRUE


class Dispatch(Frozen):
    """Give it to a unit, and within it to a person; `person` None: the unit's liaison hands it on."""

    name: Literal["dispatch"] = "dispatch"
    unit: Code
    person: UUID | None = None


class Reassign(Frozen):
    name: Literal["reassign"] = "reassign"
    unit: Code
    person: UUID | None = None
    reason: Reason


class Sign(Frozen):
    name: Literal["sign"] = "sign"


class HandTo(Frozen):
    name: Literal["hand_to"] = "hand_to"
    person: UUID


class Arrive(Frozen):
    """At the place: its QR code, or a position near it (degrees, WGS 84), or a reason why neither."""

    name: Literal["arrive"] = "arrive"
    place: AreaPath | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    reason: Words = ""


class Handle(Frozen):
    name: Literal["handle"] = "handle"
    outcome: Code
    note: Words = ""
    evidence: Brought = ()


class Inspect(Frozen):
    name: Literal["inspect"] = "inspect"
    passed: bool
    note: Words = ""
    evidence: Brought = ()


class Close(Frozen):
    """Other endings have commands of their own: a void needs approval, a link another case."""

    name: Literal["close"] = "close"
    ending: ClosedAs = Ending.SOLVED


class SendBack(Frozen):
    name: Literal["send_back"] = "send_back"
    reason: Reason


class NoteWorsened(Frozen):
    """The same matter began again; it worsens the case where it asks for more."""

    name: Literal["note_worsened"] = "note_worsened"
    matter: Matter
    seen_at: AwareDatetime


class NoteCleared(Frozen):
    name: Literal["note_cleared"] = "note_cleared"
    detection: str
    seen_at: AwareDatetime


class Comment(Frozen):
    name: Literal["comment"] = "comment"
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Press(Frozen):
    """The clock reached a threshold: tell whom the ladder names."""

    name: Literal["press"] = "press"


Command = Annotated[
    Receive
    | AskVerification
    | Verify
    | File
    | Decline
    | Dispatch
    | Reassign
    | Sign
    | HandTo
    | Arrive
    | Handle
    | Inspect
    | Close
    | SendBack
    | NoteWorsened
    | NoteCleared
    | Comment
    | Press,
    Field(discriminator="name"),
]
COMMAND: TypeAdapter[Command] = TypeAdapter(Command)
COMMANDS: dict[str, type[BaseModel]] = {
    kind.model_fields["name"].default: kind
    for kind in (
        *(Receive, AskVerification, Verify, File, Decline, Dispatch, Reassign, Sign, HandTo, Arrive),
        *(Handle, Inspect, Close, SendBack, NoteWorsened, NoteCleared, Comment, Press),
    )
}


def from_news(news: News, *, known: bool) -> Command | None:
    """The command that news from perception amounts to, for a case that has begun (`known`) or not."""
    if news.kind == "ended":
        return NoteCleared(detection=news.detection, seen_at=news.at) if known else None
    if news.matter is None:
        return None
    if known:
        return NoteWorsened(matter=news.matter, seen_at=news.at)
    return Receive(matter=news.matter, seen_at=news.at)
