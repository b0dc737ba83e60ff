"""From the bytes of a message to signals, by the adapter's `mapping.yaml`. Pure but for reading that file.

Nothing raises: what cannot be read is an Unreadable that names the reason, the field and the file to mend.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from pydantic import JsonValue

from adapters import mapping_file
from adapters.manifests import adapter_for_topic, manifests
from adapters.mapping_file import BadMapping, Mapping, ReadyMade, Said, Value
from adapters.reading import Unfit, as_time, find, is_storable, is_there, plain_fields, take
from adapters.shapes import messages_in
from adapters.telemetry import Other, others
from domain.intake import Unreadable
from domain.signals import FieldValue, Kind, Phase, Quality, Signal, Source, TimeOrigin, signal_id
from settings.model import default_home

__all__ = ["Reading", "adapter_for_topic", "manifests", "read"]

AHEAD = timedelta(seconds=5)  # so far a device's clock may run ahead before arrival counts instead
WEAK_BUCKET = 10  # seconds of arrival in which the same bytes are the same message
LARGEST_BYTES = 1024 * 1024  # a longer message is put aside unread
TYPE = re.compile(r"[a-z][a-z0-9_.-]{0,79}")
MOST_SAID = 1_000  # readings in one message, good and bad: more would hold up what other devices say


class Reading(NamedTuple):
    """What a message says, and what of it could not be read."""

    signals: tuple[Signal, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def read(
    adapter: str,
    channel: str,
    payload: bytes,
    received_at: datetime,
    *,
    transport: str = "mqtt",
    instance: str = "main",
    home: Path | None = None,
) -> Reading:
    """Read `payload` as the adapter's mapping in force says. `channel` is its topic or path, for the quarantine.

    A signal's `raw_ref` says which way in it took: `mqtt:frigate/events`; of a channel that is no name, only how.

    Reasons: unknown-topic (no such adapter), bad-mapping, too-large, too-many, not-json, missing-field, wrong-type.
    """
    if adapter not in manifests():
        return Reading(unreadable=(unknown_topic(adapter, channel, payload),))
    path = mapping_file.in_force(adapter, home or default_home())

    def unread(unfit: Unfit) -> Unreadable:
        return Unreadable(
            adapter=adapter,
            channel=channel,
            reason=unfit.reason,
            field=unfit.field or None,
            detail=unfit.detail,
            mapping=str(path),
            raw=payload,
        )

    way_in = f"{transport}:{channel if is_storable(channel) else ''}"
    signals: list[Signal] = []
    unreadable: list[Unreadable] = []
    try:
        mapping = mapping_file.load(path)
        for item in messages_in(mapping.shape, _json(payload)):
            if len(signals) + len(unreadable) > MOST_SAID:
                break
            try:
                message = _Message(adapter, instance, mapping, item, payload, received_at)
                said = islice(message.signals(), MOST_SAID + 1)
                signals += (one.model_copy(update={"raw_ref": way_in}) for one in said)
            except Unfit as unfit:
                unreadable.append(unread(unfit))
            else:
                unreadable += map(unread, message.unfit)
    except Unfit as unfit:
        unreadable.append(unread(unfit))
    except BadMapping as bad:
        unreadable.append(unread(Unfit("bad-mapping", "", str(bad))))
    if len(signals) + len(unreadable) > MOST_SAID:
        return Reading(unreadable=(unread(Unfit("too-many", "", f"一条消息最多 {MOST_SAID} 个读数")),))
    return Reading(tuple(signals), tuple(unreadable))


def unknown_topic(adapter: str, channel: str, payload: bytes) -> Unreadable:
    detail = "没有读这个主题的适配器"
    return Unreadable(adapter=adapter, channel=channel, reason="unknown-topic", detail=detail, raw=payload)


def _json(payload: bytes) -> Any:
    if len(payload) > LARGEST_BYTES:
        raise Unfit("too-large", "", f"一条消息最多 {LARGEST_BYTES // 1024 // 1024} MB")
    try:
        return json.loads(payload, parse_constant=_no_number)
    except RecursionError:
        raise Unfit("not-json", "", "嵌套太深") from None
    except ValueError as error:
        raise Unfit("not-json", "", str(error)[:200]) from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


@dataclass(frozen=True, slots=True)
class _Time:
    event_time: datetime
    origin: TimeOrigin
    text: str | None
    quality: Quality


class _Message:
    """One message of one device: what all signals in it have in common."""

    def __init__(
        self, adapter: str, instance: str, mapping: Mapping, item: Any, payload: bytes, received_at: datetime
    ) -> None:
        self._mapping, self._item, self._received_at = mapping, item, received_at
        self._source = Source(adapter=adapter, instance=instance, device_id=str(take(item, mapping.device)))
        told = mapping.phase if mapping.ready_made is None or _says(item, mapping.phase) else None
        self._phase = Phase(str(take(item, told))) if told else Phase.NONE
        self._time = self._when()
        self._identity = self._told_identity()
        if self._identity is None:
            digest = hashlib.sha256(payload).hexdigest()
            self._identity = [digest, int(received_at.timestamp()) // WEAK_BUCKET]
            if self._time.origin is TimeOrigin.ARRIVAL:
                self._time = _Time(received_at, TimeOrigin.ARRIVAL, self._time.text, Quality.WEAK_IDENTITY)
        self.unfit: tuple[Unfit, ...] = ()

    def signals(self) -> Iterator[Signal]:
        """Raises Unfit; what is refused of the other readings is in `unfit` afterwards."""
        if self._mapping.ready_made is not None:
            yield self._as_it_is(self._mapping.ready_made)
            return
        said = next((said for said in self._mapping.signals if self._holds(said)), None)
        if said is not None:
            yield self._signal(said)
        readings: tuple[Other, ...] = ()
        if self._mapping.telemetry is not None:
            claimed = said is not None and self._mapping.telemetry.stands_for in said.fields
            readings, self.unfit = others(self._mapping, self._item, claimed=claimed)
            kind = self._mapping.telemetry.type
            for one in readings:
                fields = {one.metric: one.said}
                yield self._built(kind, Kind.MEASUREMENT, fields, metric=one.metric, value=one.value)
        if said is None and not readings and not self.unfit:
            if self._mapping.sign_of_life is None:
                raise Unfit("missing-field", self._mapping.fields[self._mapping.signals[0].fields[0]].called)
            yield self._built(self._mapping.sign_of_life, Kind.HEALTH, {})

    def _as_it_is(self, ready: ReadyMade) -> Signal:
        kind = str(take(self._item, ready.type))
        if not TYPE.fullmatch(kind):
            raise Unfit("wrong-type", ready.type.called, "应为小写字母开头的类型名，例如 smoke.alarm")
        fields = plain_fields(self._item, ready.fields)
        confidence = fields.get(ready.confidence)
        sure = not isinstance(confidence, bool | str | None)
        return self._built(kind, ready.kind, fields, confidence=_share(confidence, ready.confidence) if sure else None)

    def _holds(self, said: Said) -> bool:
        if said.when is None:
            return True
        value = self._mapping.fields[said.when.field]
        if said.when.among is None:
            return is_there(self._item, value)
        return take(self._item, value) in said.when.among

    def _signal(self, said: Said) -> Signal:
        fields = {name: take(self._item, self._mapping.fields[name]) for name in said.fields}
        confidence = None
        if said.confidence is not None:
            value = self._mapping.fields[said.confidence]
            confidence = _share(take(self._item, value), value.called)
        return self._built(said.type, said.kind, fields, confidence=confidence)

    def _built(
        self,
        kind_of_signal: str,
        kind: Kind,
        fields: dict[str, FieldValue],
        *,
        metric: str | None = None,
        value: float | None = None,
        confidence: float | None = None,
    ) -> Signal:
        return Signal(
            id=signal_id(self._source, self._identity, metric or kind_of_signal, self._phase),
            source=self._source,
            kind=kind,
            type=kind_of_signal,
            phase=self._phase,
            metric=metric,
            value=value,
            fields=fields,
            confidence=confidence,
            event_time=self._time.event_time,
            event_time_origin=self._time.origin,
            event_time_text=self._time.text,
            received_at=self._received_at,
            quality=self._time.quality,
        )

    def _told_identity(self) -> JsonValue:
        """What the message says of its own identity; None where it says nothing that tells it from others."""
        for group in self._mapping.message:
            parts = [find(self._item, path) for path in group]
            if all(isinstance(part, str | int | float) and is_storable(str(part)) for part in parts):
                return parts
        return None

    def _when(self) -> _Time:
        text = None
        for moment in self._mapping.time:
            if moment.only not in (None, self._phase):
                continue
            found = find(self._item, moment.path)
            if found is None:
                continue
            text = str(found) if is_storable(str(found)) else None
            instant = as_time(found)
            if instant is None:
                continue
            if instant > self._received_at + AHEAD:
                return _Time(self._received_at, self._mapping.time_origin, text, Quality.CLOCK_SKEW)
            return _Time(instant, self._mapping.time_origin, text, Quality.GOOD)
        return _Time(self._received_at, TimeOrigin.ARRIVAL, text, Quality.GOOD)


def _says(item: Any, value: Value | None) -> bool:
    return value is not None and is_there(item, value)


def _share(found: FieldValue | None, called: str) -> float:
    share = float(found or 0)
    if not 0 <= share <= 1:
        raise Unfit("wrong-type", called, "应在 0 与 1 之间")
    return share
