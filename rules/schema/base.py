"""The words that every part of a ruleset's form is made of."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, WithJsonSchema

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


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
