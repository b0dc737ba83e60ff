"""What a detection means, and how a case of it is worked."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from domain.matters import AfterClose, Audience, Closing, Evidence, Filing, Inspection, Priority, Tier, Verify
from rules.durations import Duration, Share
from rules.schema.base import (
    A_MAPPING,
    A_WORD,
    AtLeastOne,
    Form,
    Grouping,
    Id,
    Label,
    Name,
    RawCondition,
    UnitKind,
    word_or_mapping,
)


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
            raise ValueError("at 和 after 应写且只写一个")
        return self


class EvidenceForm(Form):
    handle: tuple[Evidence, ...]


class CorrelateForm(Form):
    """What an open case of another ruleset (`with`: its id, or `id/matter`) in the same place does to this one.

    `mute`: no case while that one is open; it shows what it covers. `join`: that case hears of it, as of its own.
    """

    with_: Annotated[str, Field(alias="with", pattern=r"^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?$", max_length=121)]
    by: Grouping
    as_: Annotated[Literal["mute", "join"], Field(alias="as")]


class CaseForm(Form):
    """How a case of this ruleset is worked; a rule's `then` may say any of it again for itself."""

    dedupe: Grouping | None = None
    correlate: tuple[CorrelateForm, ...] | None = None
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
    outcomes: AtLeastOne[Name] | None = None
    place_check: bool | None = None
    filing: Filing | None = None
    inform: tuple[UnitKind, ...] | None = None
    parties: tuple[UnitKind, ...] | None = None  # who act beside the handler, each with a to-do of its own (会办)
    report: Literal["device"] | None = None  # the device is a resident's report, and its case goes by it


class ChildForm(CaseForm):
    """A further case of the same event, with a matter and a handler of its own (清理 beside 处罚)."""

    category: str
    matter: Id
    handler: UnitKind
    priority: Priority | None = None
    tier: Tier | None = None
    lead: UnitKind | None = None
    skills: tuple[Id, ...] = ()


class ThenForm(CaseForm):
    category: str
    matter: Id = "main"
    priority: Priority
    tier: Tier
    handler: UnitKind
    lead: UnitKind | None = None
    skills: tuple[Id, ...] = ()
    children: tuple[ChildForm, ...] = ()


Then = Annotated[
    Annotated[ThenForm, Tag(A_MAPPING)] | Annotated[Literal["none"], Tag(A_WORD)], Discriminator(word_or_mapping)
]


class RuleForm(Form):
    id: Id
    if_: Annotated[RawCondition | None, Field(alias="if")] = None
    then: Then
    label: Label = ""


Cell = str | bool | float | int | dict[str, str | bool | float | int | tuple[str | bool | float | int, ...]]


class RowForm(Form):
    """A row of a decision table: one cell per column: `any`, a value it must equal, or `{op: value}`."""

    id: Id
    when: tuple[Cell, ...]
    then: Then
    label: Label = ""


class TableForm(Form):
    """Rules for those who think in spreadsheets: the first row all of whose cells hold decides."""

    columns: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]
    rows: AtLeastOne[RowForm]

    @model_validator(mode="after")
    def _a_cell_for_each_column(self) -> Self:
        for row in self.rows:
            if len(row.when) != len(self.columns):
                raise ValueError(f"行 {row.id} 有 {len(row.when)} 格，表有 {len(self.columns)} 列")
        return self


class StormForm(Form):
    """The storm guard: past `per_hour` cases, what comes lies in one summary case, and the author is told."""

    per_hour: Annotated[int, Field(ge=1, le=10_000)]
