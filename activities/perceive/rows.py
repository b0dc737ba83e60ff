"""A row of the inbox as rules read it; no model is built on the hot path."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rules.views import SignalView, view_row

MERGED = ("value", "confidence", "severity")


def as_view(signal_id: UUID, body: dict[str, Any]) -> SignalView:
    """`body` is the JSON of a domain Signal."""
    source = body["source"]
    fields = dict(body["fields"])
    for name in MERGED:
        if body.get(name) is not None:
            fields.setdefault(name, body[name])
    seen = view_row(
        id=str(signal_id),
        type=body["type"],
        phase=body["phase"],
        device_id="/".join(
            part for part in (source["adapter"], source["instance"], source["device_id"], source["channel"]) if part
        ),
        place=body["location"]["place_code"],
        event_time=datetime.fromisoformat(body["event_time"]),
        fields=fields,
        transport=transport_of(body),
    )
    unit = body.get("unit")
    return seen._replace(unit=unit) if unit else seen


def transport_of(body: dict[str, Any]) -> str:
    """The way in, as it was noted when the message was read: `mqtt:frigate/events` came over MQTT."""
    return str(body["raw_ref"] or "").partition(":")[0]
