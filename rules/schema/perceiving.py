"""What is listened to, what of it begins and ends something, and what is known around it."""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from rules.durations import Duration
from rules.schema.base import Clock, Form, Grouping, Label, Name, RawCondition

FieldType = Literal["number", "boolean", "string"]


def _field(given: Any) -> Any:
    return {"type": given} if isinstance(given, str) else given


class HoursForm(Form):
    """A named time of day, read as `hours.<name>`: from `from` up to `to`, past midnight where `to` is earlier.

    `days`: all, those people work on, or those they rest on (the calendar's make-up days and holidays counted); what
    goes past midnight belongs to the day on which it begins.
    """

    from_: Annotated[Clock, Field(alias="from")]
    to: Clock
    days: Literal["all", "working", "rest"] = "all"
    label: Label = ""

    @model_validator(mode="after")
    def _is_a_while(self) -> Self:
        if self.from_ == self.to:
            raise ValueError("from 和 to 是同一时刻")
        return self


class FieldForm(Form):
    """`number`, or `{type: number, unit: Cel, label: 温度}`."""

    type: FieldType
    label: Label = ""
    unit: str = ""  # UCUM; a value that comes in another unit is not read


class DeriveForm(Form):
    """A number made of what one key said before, read like a field of the signal.

    `rate`: how much the field rose per `per` over the last `over`; `average` and `highest` over the last `over`;
    `baseline`: the value divided by what is usual at the same local hour (the mean of about the last `days` days). Not
    said while there is too little to make it of: of a rate or an average, while what was said reaches back less than
    half of `over`; of a baseline, before three earlier days. A signal that something is derived from is judged after
    `late`, in the order of events; one that comes later still, without what is derived.
    """

    rate: Name | None = None
    average: Name | None = None
    highest: Name | None = None
    baseline: Name | None = None
    over: Duration | None = None
    per: Duration = timedelta(minutes=1)
    days: Annotated[int, Field(ge=1, le=60)] = 14
    label: Label = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if len([name for name in (self.rate, self.average, self.highest, self.baseline) if name]) != 1:
            raise ValueError("rate、average、highest、baseline 应写且只写一个")
        if (self.baseline is None) != (self.over is not None):
            raise ValueError("rate、average、highest 要写 over，baseline 写 days")
        return self

    @property
    def of(self) -> str:
        return self.rate or self.average or self.highest or self.baseline or ""


class SignalForm(Form):
    """Which signals are listened to, what makes two of them speak of one thing, and how late one may be."""

    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]*$", max_length=80)]
    key: Grouping = "device"
    late: Duration = timedelta(seconds=10)
    label: Label = ""
    fields: dict[Name, Annotated[FieldForm, BeforeValidator(_field, json_schema_input_type=FieldForm | FieldType)]] = (
        Field(default_factory=dict)
    )
    derive: dict[Name, DeriveForm] = Field(default_factory=dict)


class DetectionForm(Form):
    """When something begins (`enter`, held `for` a while) and ends (`exit`); `once`: it happens, and never ends.

    `enter: {signal: {silent: 26h}}` begins when nothing was heard for so long, and ends with the next signal.
    """

    enter: RawCondition
    exit: RawCondition | None = None
    once: bool = False
    for_: Annotated[Duration, Field(alias="for")] = timedelta(0)
    label: Label = ""

    @property
    def by_silence(self) -> bool:
        """Whether it begins by nothing being said."""
        inner = next(iter(self.enter.values()), None)
        return isinstance(inner, dict) and "silent" in inner

    @model_validator(mode="after")
    def _ends_or_is_over(self) -> Self:
        if self.by_silence:
            if self.exit is not None or self.once or self.for_:
                raise ValueError("静默到下一条信息就结束：不能再写 exit、once 或 for")
            return self
        if self.once == (self.exit is not None):
            raise ValueError("应写 exit，或 once: true，只写一个")
        if self.once and self.for_:
            raise ValueError("只发生一次的不能再写 for")
        return self


class FactForm(Form):
    """What is known around a detection.

    `count` of a detection or `distinct` keys of one, `within` a time, `by` a place; the local `hour` (0-23) at which
    this detection's condition began; or the `latest` value of a field (`weather.level`) heard `within` a time `by` a
    place, which may be wider than a partition.
    """

    count: Name | None = None
    distinct: Name | None = None
    hour: Literal["began"] | None = None
    latest: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=81)] | None = None
    within: Duration | None = None
    by: Grouping | None = None
    label: Label = ""

    @model_validator(mode="after")
    def _one_of_four(self) -> Self:
        if sum(kind is not None for kind in (self.count, self.distinct, self.hour, self.latest)) != 1:
            raise ValueError("count、distinct、hour、latest 应写且只写一个")
        if (self.hour is None) != (self.within is not None and self.by is not None):
            raise ValueError("count、distinct、latest 要写 within 和 by，hour 都不写")
        return self

    @property
    def of(self) -> str | None:
        """The detection that it counts."""
        return self.count or self.distinct
