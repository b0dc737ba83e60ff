"""What can be asked of a case. Every command has an id, minted when its form is rendered."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, TypeAdapter

from domain.cases import ClosedAs, Ending, EvidenceRef, RequestKind
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
    """`spoken_to`: who took it on the telephone, where the desk signs for a unit without accounts."""

    name: Literal["sign"] = "sign"
    spoken_to: Words = ""


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
    reply: Words = ""  # a draft of what the reporter will read
    spoken_to: Words = ""


class Inspect(Frozen):
    name: Literal["inspect"] = "inspect"
    passed: bool
    note: Words = ""
    evidence: Brought = ()


class Close(Frozen):
    """Releases the reply. Other endings have commands of their own: a void needs approval, a link another case."""

    name: Literal["close"] = "close"
    ending: ClosedAs = Ending.SOLVED
    reply: Words = ""


class SendBack(Frozen):
    name: Literal["send_back"] = "send_back"
    reason: Reason


class Settle(Frozen):
    """Found and settled on the spot (小事不出格): files and handles in one step, with photos before and after."""

    name: Literal["settle"] = "settle"
    note: Words = ""
    evidence: Brought = ()
    number: str = ""  # as in `file`


class Link(Frozen):
    """It is part of another case, which is the main one."""

    name: Literal["link"] = "link"
    to: UUID
    note: Words = ""


class CallParties(Frozen):
    """Units that are to act beside the handler (会办)."""

    name: Literal["call_parties"] = "call_parties"
    units: tuple[Code, ...]
    by_phone: tuple[Code, ...] = ()


class AnswerJoint(Frozen):
    """What a party did. `unit`, `spoken_to`: where the desk answers for one without accounts."""

    name: Literal["answer_joint"] = "answer_joint"
    note: Reason
    unit: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    spoken_to: Words = ""


class LogContact(Frozen):
    """Somebody was called, or was not reached."""

    name: Literal["log_contact"] = "log_contact"
    kind: Literal["first-contact", "call-back", "call-unit", "call-emergency"]
    whom: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    reached: bool
    note: Words = ""


class ReturnIt(Frozen):
    """Not ours: `owner` is the unit whose it is, `ground` the duty that says so."""

    name: Literal["return"] = "return"
    owner: Code
    ground: Words = ""


class RuleOnReturn(Frozen):
    name: Literal["rule_on_return"] = "rule_on_return"
    granted: bool
    note: Words = ""


class Ask(Frozen):
    """Ask the tier above for more time, for a pause, or to void the case."""

    name: Literal["request"] = "request"
    kind: RequestKind
    reason: Reason
    hours: Annotated[int, Field(ge=1, le=400)] | None = None  # of working time, for an extension
    until: AwareDatetime | None = None


class RuleOn(Frozen):
    name: Literal["rule_on"] = "rule_on"
    granted: bool
    note: Words = ""


class WaitFor(Frozen):
    name: Literal["wait_for"] = "wait_for"
    whom: Literal["reporter", "other"]
    until: AwareDatetime
    reason: Reason


class Resume(Frozen):
    name: Literal["resume"] = "resume"
    note: Words = ""


class Reopen(Frozen):
    name: Literal["reopen"] = "reopen"
    reason: Reason


class Rate(Frozen):
    name: Literal["rate"] = "rate"
    stars: Annotated[int, Field(ge=1, le=5)]
    solved: bool | None = None
    text: Words = ""


class Supervise(Frozen):
    name: Literal["supervise"] = "supervise"
    note: Words = ""


class RaiseTier(Frozen):
    name: Literal["raise_tier"] = "raise_tier"
    reason: Reason


class SendDown(Frozen):
    name: Literal["send_down"] = "send_down"
    reason: Reason


class Replan(Frozen):
    """A calendar is new: count the clocks again."""

    name: Literal["replan"] = "replan"
    calendar: str
    version: str


class NoteWorsened(Frozen):
    """The same matter began again; it worsens the case where it asks for more."""

    name: Literal["note_worsened"] = "note_worsened"
    matter: Matter
    seen_at: AwareDatetime


class NoteJoined(Frozen):
    """A matter of another key that this case covers."""

    name: Literal["note_joined"] = "note_joined"
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
    | Settle
    | Link
    | CallParties
    | AnswerJoint
    | LogContact
    | ReturnIt
    | RuleOnReturn
    | Ask
    | RuleOn
    | WaitFor
    | Resume
    | Reopen
    | Rate
    | Supervise
    | RaiseTier
    | SendDown
    | Replan
    | NoteWorsened
    | NoteJoined
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
        *(Settle, Link, LogContact, ReturnIt, RuleOnReturn, Ask, RuleOn, WaitFor, Resume),
        *(Reopen, Rate, Supervise, RaiseTier, SendDown, Replan, CallParties, AnswerJoint, NoteJoined),
    )
}


def from_news(news: News, *, known: bool) -> Command | None:
    """The command that news amounts to, for a case that has begun (`known`) or not."""
    if news.kind == "calendar":
        return Replan(calendar=news.ruleset, version=news.detection) if known else None
    if news.kind == "ended":
        return NoteCleared(detection=news.detection, seen_at=news.at) if known else None
    if news.matter is None:
        return None
    if news.kind == "joined":
        return NoteJoined(matter=news.matter, seen_at=news.at) if known else None
    if known:
        return NoteWorsened(matter=news.matter, seen_at=news.at)
    return Receive(matter=news.matter, seen_at=news.at)
