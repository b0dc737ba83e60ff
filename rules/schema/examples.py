"""The tests that a ruleset brings with it."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Field, Tag

from domain.matters import Priority
from domain.places import AreaPath
from domain.signals import FieldValue
from rules.durations import Duration
from rules.schema.base import A_LIST, A_MAPPING, Clock, Form, Id, Name, UnitKind, mapping_or_list

Spoken = dict[str, FieldValue]
Count = Annotated[int, Field(ge=0)]


CaseOf = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*(/[a-z][a-z0-9-]*)?$", max_length=121)]


class FeedItem(Form):
    """One signal of a test: exactly one name of `signals` with its fields (and `phase`), or none: time only passes.

    Or what becomes of cases meanwhile, named as `correlate` does (a ruleset, or `ruleset/matter`): one of another
    ruleset is `opened` there; all such are `closed` (those in `place`, where one is written).
    """

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)
    __pydantic_extra__: dict[str, Spoken]

    at: Duration
    device: str = "d1"
    place: AreaPath | None = None
    opened: CaseOf | None = None
    closed: CaseOf | None = None


class RepeatForm(Form):
    """`of` fed `repeat` times, `every` so often, from `at` on; `apart`: by other devices in another place each time."""

    at: Duration = timedelta(0)
    repeat: Annotated[int, Field(ge=1, le=1000)]
    every: Duration
    apart: bool = False
    of: tuple[FeedItem, ...]


def _once_or_again(given: Any) -> str:
    again = {"repeat", "every", "of"}
    return (
        "a repeat" if isinstance(given, RepeatForm) or (isinstance(given, dict) and again & given.keys()) else "an item"
    )


Fed = Annotated[
    Annotated[FeedItem, Tag("an item")] | Annotated[RepeatForm, Tag("a repeat")], Discriminator(_once_or_again)
]
FeedForm = Annotated[
    Annotated[tuple[Fed, ...], Tag(A_LIST)] | Annotated[RepeatForm, Tag(A_MAPPING)], Discriminator(mapping_or_list)
]


class ExpectForm(Form):
    """What must come of the feed. `rule`: the case's (the last one's), else the last that hit; null: none hit.

    `cases`: how many were opened. What opened none: how often it `reopened` one that was closed (`after_close`), was
    `muted` or `joined` by a case of another kind (`correlate`), was `summed` up in the summary case of a `storm`.
    `began`: how often each of these detections began.
    """

    cases: Count
    rule: Id | None = None
    handler: UnitKind | None = None
    priority: Priority | None = None
    category: str | None = None
    reopened: Count | None = None
    muted: Count | None = None
    joined: Count | None = None
    summed: Count | None = None
    began: dict[Name, Count] | None = None


class ExampleForm(Form):
    """A test with a clock of its own; `date` is the first day of its feed, a working Monday where none is given."""

    name: str
    start: Clock = "10:00"
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = "2026-03-02"
    feed: FeedForm
    expect: ExpectForm
