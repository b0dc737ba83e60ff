"""What the API says of cases."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from domain.lifecycle import deadline, light, offered
from domain.people import Actor
from store.case_pages import CaseRecord, CaseRow
from store.messages import Told as MessageTold


class Refusal(BaseModel):
    """RFC 9457; `code` is stable, `params` say what it is about, `detail` is the sentence people read."""

    type: str
    title: str
    status: int
    code: str
    params: dict[str, Any]
    detail: str
    field: str | None = None


class Given(BaseModel):
    """How the case stands after the command."""

    version: int
    stage: str


class Brought(BaseModel):
    id: UUID
    kind: str


class Happened(BaseModel):
    seq: int
    type: str
    at: datetime
    actor: str
    actor_name: str
    transport: str
    data: dict[str, Any]


class Found(BaseModel):
    state: dict[str, Any]
    light: str
    due_at: datetime | None
    place_label: str
    events: list[Happened]
    offered: list[str]


class Message(BaseModel):
    """`state`: waiting, sent, read, failed or given-up; `error_code` and `error` say why it failed."""

    id: UUID
    to: str
    channel: str
    reason: str
    title: str
    state: str
    error_code: str | None
    error: str | None
    created_at: datetime
    sent_at: datetime | None
    read_at: datetime | None


class Told(BaseModel):
    items: list[Message]


def message(one: MessageTold) -> Message:
    kept = {name: getattr(one, name) for name in Message.model_fields if name != "to"}
    return Message(to=one.to_label, **kept)


def item(row: CaseRow) -> dict[str, Any]:
    """A case in a list."""
    case = row.case
    return {
        "id": case.id,
        "number": case.number,
        "ruleset": case.ruleset,
        "matter": case.matter,
        "dedupe_key": case.dedupe_key,
        "title": case.title,
        "stage": case.stage.value,
        "ending": case.ending.value if case.ending else None,
        "category": case.category,
        "priority": case.priority.value,
        "tier": case.tier.value,
        "place": case.place,
        "place_label": row.place_label,
        "unit": case.unit,
        "person": case.person,
        "received_at": case.received_at,
        "filed_at": case.filed_at,
        "due_at": deadline(case),
        "closed_at": case.closed_at,
        "version": case.version,
        "light": light(case, datetime.now(UTC)).value,
    }


def found(record: CaseRecord, actor: Actor) -> Found:
    case = record.case
    return Found(
        state=case.model_dump(mode="json"),
        light=light(case, datetime.now(UTC)).value,
        due_at=deadline(case),
        place_label=record.place_label,
        events=[
            Happened(
                seq=told.version,
                type=told.event.type,
                at=told.at,
                actor=told.actor,
                actor_name=told.actor_name,
                transport=told.transport,
                data=told.event.model_dump(mode="json", exclude={"type"}),
            )
            for told in record.events
        ],
        offered=list(offered(case, actor)),
    )
