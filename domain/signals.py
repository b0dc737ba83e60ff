"""What a device or a person said, normalised; immutable (DESIGN §5)."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from domain.canonical import canonical_json

FieldValue = bool | int | float | str
IDENTITY_NAMESPACE = uuid5(NAMESPACE_URL, "linli:signal")


class Kind(StrEnum):
    MEASUREMENT = "measurement"
    EVENT = "event"
    STATE = "state"
    HEALTH = "health"


class Phase(StrEnum):
    START = "start"
    UPDATE = "update"
    END = "end"
    NONE = "none"


class TimeOrigin(StrEnum):
    """Whose clock `event_time` came from."""

    DEVICE = "device"
    GATEWAY = "gateway"
    ARRIVAL = "arrival"


class Quality(StrEnum):
    GOOD = "good"
    CLOCK_SKEW = "clock-skew"
    WEAK_IDENTITY = "weak-identity"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Frozen):
    adapter: str
    instance: str
    device_id: str
    channel: str = ""


class Location(_Frozen):
    """Where it happened; `place_code` is an area path (`domain.places`), `lat`/`lon` degrees in `crs`."""

    place_code: str | None = None
    lat: float | None = None
    lon: float | None = None
    crs: str = "EPSG:4326"
    floor: str | None = None


class Signal(_Frozen):
    """One thing said by one source.

    `fields` is flat and typed: what rulesets read. `event_time` is when it happened (bounded by `received_at`
    where a device's clock runs ahead), `event_time_text` what the wire said. `unit` is a UCUM code.
    """

    id: UUID
    source: Source
    kind: Kind
    type: str
    phase: Phase = Phase.NONE
    metric: str | None = None
    value: float | None = None
    unit: str | None = None
    aggregation: str | None = None
    fields: dict[str, FieldValue] = Field(default_factory=dict)
    event_time: AwareDatetime
    event_time_origin: TimeOrigin
    event_time_text: str | None = None
    received_at: AwareDatetime
    quality: Quality = Quality.GOOD
    severity: str | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    location: Location = Location()
    evidence: tuple[str, ...] = ()
    raw_ref: str | None = None


def signal_id(source: Source, message: JsonValue, what: str, phase: Phase) -> UUID:
    """The identity of a signal: the same device saying the same thing again is the same signal.

    `message` is what the adapter's manifest names as making one message (event id and frame time, say);
    `what` the metric or type.
    """
    identity = [source.adapter, source.instance, source.device_id, source.channel, message, what, phase.value]
    return uuid5(IDENTITY_NAMESPACE, canonical_json(identity))


def said(signal: Signal) -> dict[str, Any]:
    """What a signal says, without when it reached us: two signals of one id must agree on it."""
    return signal.model_dump(mode="json", exclude={"received_at", "raw_ref", "location", "event_time", "quality"})
