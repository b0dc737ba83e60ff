"""A signal as the rules read it: light, because every signal passes here. Times are microseconds since the epoch."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.signals import FieldValue, Signal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def as_micros(length: timedelta) -> int:
    return length // _MICROSECOND


def moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


class SignalView(NamedTuple):
    """`device_id` is unique per device (adapter, instance, device, channel); `place` an area path as deep as known.

    `unit` (UCUM) is that of the one reading in it, where its device names any.
    """

    id: str
    type: str
    phase: str
    device_id: str
    place: str | None
    event_time: int
    fields: Mapping[str, FieldValue]
    transport: str = ""
    unit: str = ""

    def in_units(self, units: Mapping[str, str]) -> "SignalView":
        """Without the fields that came in another unit than the one they are declared in."""
        if not self.unit:
            return self
        read = {name: value for name, value in self.fields.items() if units.get(name, self.unit) == self.unit}
        return self._replace(fields=read)


def view_row(
    *,
    id: str,  # noqa: A002 - the column's name
    type: str,  # noqa: A002 - the column's name
    phase: str,
    device_id: str,
    place: str | None,
    event_time: datetime | int,
    fields: Mapping[str, FieldValue],
    transport: str = "",
) -> SignalView:
    at = event_time if isinstance(event_time, int) else micros(event_time)
    return SignalView(id, type, phase, device_id, place, at, {**fields, "phase": phase}, transport)


def view(signal: Signal, place: str | None = None) -> SignalView:
    """`place`, where the register knows the device, goes before what the signal says."""
    source = signal.source
    device = "/".join(part for part in (source.adapter, source.instance, source.device_id, source.channel) if part)
    said = {"value": signal.value, "confidence": signal.confidence, "severity": signal.severity}
    return view_row(
        id=str(signal.id),
        type=signal.type,
        phase=signal.phase.value,
        device_id=device,
        place=place or signal.location.place_code,
        event_time=signal.event_time,
        fields={name: value for name, value in said.items() if value is not None} | signal.fields,
        transport=source.adapter,
    )._replace(unit=signal.unit or "")
