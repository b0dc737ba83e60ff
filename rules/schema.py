"""The form of a ruleset (DESIGN §6). Conditions stay data here; `rules.conditions` reads them."""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, WithJsonSchema, model_validator

from domain.matters import AfterClose, Audience, Closing, Evidence, Filing, Inspection, Priority, Tier, Verify
from domain.signals import FieldValue
from rules.durations import Duration, Share

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
UnitKind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
Label = Annotated[str, Field(max_length=40)]
RawCondition = Annotated[
    dict[str, JsonValue],
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "description": "{field: {op: value}}, {all: [...]}, {any: [...]} or {not: ...}",
        }
    ),
]
FieldType = Literal["number", "boolean", "string"]
Grouping = Literal[
    "device",
    "place",
    "place.unit",
    "place.building",
    "place.community",
    "place.committee",
    "place.sub_district",
    "place.district",
]


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _field(given: Any) -> Any:
    return {"type": given} if isinstance(given, str) else given


class FieldForm(Form):
    """`number`, or `{type: number, label: 置信度}`."""

    type: FieldType
    label: Label = ""
    unit: str = ""  # UCUM, for the reader


class SignalForm(Form):
    """Which signals are listened to, what makes two of them speak of one thing, and how late one may be."""

    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]*$", max_length=80)]
    key: Grouping = "device"
    late: Duration = timedelta(seconds=10)
    label: Label = ""
    fields: dict[Name, Annotated[FieldForm, BeforeValidator(_field, json_schema_input_type=FieldForm | FieldType)]] = (
        Field(default_factory=dict)
    )


class DetectionForm(Form):
    """When something begins (`enter`, held `for` a while) and ends (`exit`); `once`: it happens, and never ends."""

    enter: RawCondition
    exit: RawCondition | None = None
    once: bool = False
    for_: Annotated[Duration, Field(alias="for")] = timedelta(0)
    label: Label = ""

    @model_validator(mode="after")
    def _ends_or_is_over(self) -> Self:
        if self.once == (self.exit is not None):
            raise ValueError("expected either exit or once: true")
        if self.once and self.for_:
            raise ValueError("what happens once is not held for a while")
        return self


class FactForm(Form):
    """What is known around a detection.

    `count` of a detection or `distinct` keys of one, `within` a time, `by` a place; or the local `hour` (0-23) at which
    this detection's condition began.
    """

    count: Name | None = None
    distinct: Name | None = None
    hour: Literal["began"] | None = None
    within: Duration | None = None
    by: Grouping | None = None
    label: Label = ""

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(kind is not None for kind in (self.count, self.distinct, self.hour)) != 1:
            raise ValueError("expected exactly one of count, distinct, hour")
        if (self.hour is None) != (self.within is not None and self.by is not None):
            raise ValueError("count and distinct need within and by; hour takes neither")
        return self

    @property
    def of(self) -> str | None:
        return self.count or self.distinct


class SlaForm(Form):
    overall: Duration | None = None
    sign: Duration | None = None
    handle: Duration | None = None
    inspect: Duration | None = None


class RungForm(Form):
    """`{at: 80%, to: holder}` of the stage's clock, or `{after: 30m, to: brain}` past its end."""

    at: Share | None = None
    after: Duration | None = None
    to: Audience

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.at is None) == (self.after is None):
            raise ValueError("expected exactly one of at, after")
        return self


class EvidenceForm(Form):
    handle: tuple[Evidence, ...]


class CaseForm(Form):
    """How a case of this ruleset is worked; a rule's `then` may say any of it again for itself."""

    dedupe: Grouping | None = None
    after_close: AfterClose | None = None
    verify: Verify | None = None
    verify_below: Annotated[float, Field(gt=0, le=1)] | None = None
    sla: SlaForm = SlaForm()
    escalate: tuple[RungForm, ...] | None = None
    evidence: EvidenceForm | None = None
    inspection: Inspection | None = None
    close: Closing | None = None
    reopen_within: Duration | None = None
    return_within: Duration | None = None
    outcomes: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    place_check: bool | None = None
    filing: Filing | None = None
    inform: tuple[UnitKind, ...] | None = None
    report: Literal["device"] | None = None  # the device is a resident's report, and its case goes by it


class ThenForm(CaseForm):
    category: str
    matter: Id = "main"
    priority: Priority
    tier: Tier
    handler: UnitKind
    lead: UnitKind | None = None
    skills: tuple[Id, ...] = ()


class RuleForm(Form):
    id: Id
    if_: Annotated[RawCondition | None, Field(alias="if")] = None
    then: ThenForm | Literal["none"]
    label: Label = ""


Spoken = dict[str, FieldValue]


class FeedItem(Form):
    """One signal of a test: exactly one name of `signals` with its fields (and `phase`), or none: time only passes."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)
    __pydantic_extra__: dict[str, Spoken]

    at: Duration
    device: str = "d1"
    place: str | None = None


class RepeatForm(Form):
    repeat: Annotated[int, Field(ge=1, le=1000)]
    every: Duration
    of: tuple[FeedItem, ...]


class ExpectForm(Form):
    """What must come of the feed. `rule`: the case's (the last one's), else the last that hit; null: none hit."""

    cases: Annotated[int, Field(ge=0)]
    rule: Id | None = None
    handler: UnitKind | None = None
    priority: Priority | None = None
    category: str | None = None


class ExampleForm(Form):
    name: str
    start: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "10:00"  # local time of day
    feed: tuple[FeedItem, ...] | RepeatForm
    expect: ExpectForm


class RulesetForm(Form):
    ruleset: Id
    title: Annotated[str, Field(min_length=1, max_length=40)]
    lead: UnitKind
    signals: Annotated[dict[Name, SignalForm], Field(min_length=1)]
    perceive: Annotated[dict[Name, DetectionForm], Field(min_length=1)]
    facts: dict[Name, FactForm] = Field(default_factory=dict)
    classify: Annotated[tuple[RuleForm, ...], Field(min_length=1)]
    case: CaseForm
    tests: tuple[ExampleForm, ...] = ()


def json_schema() -> dict[str, Any]:
    """JSON Schema of `ruleset.yaml`, for editors."""
    schema = RulesetForm.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Linli ruleset"}
