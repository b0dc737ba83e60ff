"""Rulesets written for a test: a text with what the test is about, the rest as plain as can be."""

from pathlib import Path
from uuid import UUID

from feeds import PLACES

from domain.calendars import Calendar
from rules.calendars import load_calendar
from rules.catalogue import load_catalogue
from rules.compile import SHANGHAI
from rules.compiled import Compiled
from rules.load import from_texts
from rules.views import SignalView, view_row

FOLDER = Path(__file__).parents[2] / "rulesets"
CATALOGUE = load_catalogue(FOLDER / "catalogue.csv")
WORKING_DAYS = load_calendar(FOLDER / "calendars" / "cn-working-days.yaml")
TEMPLATE = "{% block title %}{{ place }}{{ ruleset }}{% endblock %}{% block text %}{{ since|local }}{% endblock %}"
MINUTE, HOUR, DAY = 60, 3600, 86_400
THEN = "{category: lift-ebike, priority: normal, tier: committee, handler: property}"
REST = """
case:
  dedupe: place
  sla: {overall: 4h, sign: 15m, handle: 2h, inspect: 1h}
  evidence: {handle: [photo_after]}
  close: auto_when_inspected
"""


def written(text: str, classify: str = f"[{{id: always, then: {THEN}}}]") -> str:
    """The whole text of the ruleset `written`."""
    return f"ruleset: written\ntitle: 试验\nlead: urban-operations\n{text}\nclassify: {classify}{REST}"


def a_ruleset(
    text: str, *, classify: str = f"[{{id: always, then: {THEN}}}]", template: str = TEMPLATE, **given: Calendar
) -> Compiled:
    """`text` says signals, perceive and whatever else the test is about."""
    return from_texts("written", written(text, classify), template, CATALOGUE, SHANGHAI, **given)


def said(
    kind: str, fields: dict[str, object], at: int, *, number: int = 0, device: str = "d1", place: str | None = None
) -> SignalView:
    """`at` in microseconds; signals of one moment need numbers of their own."""
    return view_row(
        id=str(UUID(int=at * 1000 + number)),
        type=kind,
        phase=str(fields.get("phase", "none")),
        device_id=device,
        place=place or PLACES.get(device, PLACES["d1"]),
        event_time=at,
        fields=fields,  # type: ignore[arg-type]
        transport="test",
    )
