"""The words that every part of a ruleset's form is made of."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
UnitKind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
Label = Annotated[str, Field(max_length=40)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]  # local time of day, in quotes: "22:00"
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
Grouping = Literal[
    "device",
    "gateway",
    "place",
    "place.unit",
    "place.building",
    "place.community",
    "place.committee",
    "place.sub_district",
    "place.district",
]
Item = TypeVar("Item")


def _some(given: tuple[Item, ...]) -> tuple[Item, ...]:
    if not given:
        raise ValueError("不能空着")
    return given


AtLeastOne = Annotated[
    tuple[Item, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})
]  # unlike `min_length`, it does not call a list empty because all that is in it is wrong
A_LIST, A_MAPPING, A_WORD = "a list", "a mapping", "a word"  # which of several forms was begun; never a field's name


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def mapping_or_list(given: Any) -> str:
    """Which of two forms an author began to write, so that only its faults are named."""
    return A_LIST if isinstance(given, list | tuple) else A_MAPPING


def word_or_mapping(given: Any) -> str:
    """As `mapping_or_list`, where the other form is a single word."""
    return A_WORD if isinstance(given, str) else A_MAPPING
