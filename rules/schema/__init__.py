"""The form of a ruleset (DESIGN §6). Conditions stay data here; `rules.conditions` reads them."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from rules.schema.base import A_LIST, A_MAPPING, AtLeastOne, Form, Grouping, Id, Label, Name, UnitKind, mapping_or_list
from rules.schema.deciding import (
    CaseForm,
    ChildForm,
    CorrelateForm,
    RowForm,
    RuleForm,
    RungForm,
    SlaForm,
    StormForm,
    TableForm,
    ThenForm,
)
from rules.schema.examples import ExampleForm, ExpectForm, FeedItem, RepeatForm
from rules.schema.perceiving import DeriveForm, DetectionForm, FactForm, FieldForm, HoursForm, SignalForm

__all__ = [
    "CaseForm",
    "ChildForm",
    "CorrelateForm",
    "DeriveForm",
    "DetectionForm",
    "ExampleForm",
    "ExpectForm",
    "FactForm",
    "FeedItem",
    "FieldForm",
    "Form",
    "Grouping",
    "HoursForm",
    "Id",
    "Label",
    "Name",
    "RepeatForm",
    "RowForm",
    "RuleForm",
    "RulesetForm",
    "RungForm",
    "SignalForm",
    "SlaForm",
    "StormForm",
    "TableForm",
    "ThenForm",
    "UnitKind",
    "json_schema",
]


ClassifyForm = Annotated[
    Annotated[AtLeastOne[RuleForm], Tag(A_LIST)] | Annotated[TableForm, Tag(A_MAPPING)], Discriminator(mapping_or_list)
]


class RulesetForm(Form):
    ruleset: Id
    title: Annotated[str, Field(min_length=1, max_length=40)]
    lead: UnitKind
    hours: dict[Name, HoursForm] = Field(default_factory=dict)
    signals: Annotated[dict[Name, SignalForm], Field(min_length=1)]
    perceive: Annotated[dict[Name, DetectionForm], Field(min_length=1)]
    facts: dict[Name, FactForm] = Field(default_factory=dict)
    classify: ClassifyForm
    case: CaseForm
    storm: StormForm | None = None
    tests: tuple[ExampleForm, ...] = ()

    @property
    def written_rules(self) -> Sequence[RuleForm | RowForm]:
        """The rules in their order, whether a list or a decision table."""
        return self.classify.rows if isinstance(self.classify, TableForm) else self.classify


def json_schema() -> dict[str, Any]:
    """JSON Schema of `ruleset.yaml`, for editors."""
    schema = RulesetForm.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Linli ruleset"}
