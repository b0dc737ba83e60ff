"""What can be listened to: the kinds of signals that the rulesets in force know, and those that really came."""

from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request

from web.console.rulesets.access import at_the_workbench
from web.services import services

LATEST = 3000
CAME = f"""
    SELECT DISTINCT ON (type) type, body->'fields' AS fields, body->>'unit' AS unit, body->'value' AS value
    FROM (SELECT type, body, received_at FROM signals ORDER BY received_at DESC, id DESC LIMIT {LATEST}) latest
    ORDER BY type, received_at DESC"""  # noqa: S608 - a constant
DEFINITIONS = "SELECT definition FROM rulesets WHERE stage = 'active' ORDER BY id"
KINDS: tuple[tuple[type, str], ...] = ((bool, "boolean"), (int, "number"), (float, "number"), (str, "string"))


@dataclass(frozen=True)
class Source:
    """A field of a kind of signal, with the words people have for both; `came`: such signals were stored lately."""

    type: str
    field: str
    kind: str
    label: str
    field_label: str
    unit: str
    came: bool = False

    @property
    def value(self) -> str:
        return f"{self.type}#{self.field}"

    @property
    def words(self) -> str:
        unit = f"（{self.unit}）" if self.unit else ""
        return f"{self.label} · {self.field_label}{unit} — {self.type}" if self.field else f"{self.label} — {self.type}"

    @property
    def as_data(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


async def sources(request: Request, kind: str = "") -> list[Source]:
    """Those of this kind (`any`: whole signals; none: all), what really came first."""
    async with services(request).pool.connection() as connection:
        definitions = [row[0] for row in await (await connection.execute(DEFINITIONS)).fetchall()]
        came = await (await connection.execute(CAME)).fetchall()
    known = {
        (one["type"], one["field"]): Source(**one)
        for one in await at_the_workbench(request, "sources", definitions=definitions)
    }
    types = {row[0] for row in came}
    for type_, fields, unit, value in came:
        for name, seen in {**(fields or {}), **({"value": value} if value is not None else {})}.items():
            sort = next((word for kind_, word in KINDS if isinstance(seen, kind_)), "")
            if sort:
                found = Source(type_, name, sort, type_, name, (unit or "") if name == "value" else "")
                known.setdefault((type_, name), found)
        known.setdefault((type_, ""), Source(type_, "", "any", type_, "", ""))
    found_all = [
        Source(**{**asdict(one), "came": one.type in types}) for one in known.values() if one.kind == (kind or one.kind)
    ]
    return sorted(found_all, key=lambda one: (not one.came, one.label, one.field_label))


def known_by(definition: Any) -> list[dict[str, Any]]:
    """What a ruleset listens to. Runs at the workbench, on the definition's value."""
    found: list[dict[str, Any]] = []
    signals = definition.get("signals") if isinstance(definition, dict) else None
    for name, signal in (signals or {}).items():
        if not isinstance(signal, dict):
            continue
        label = signal.get("label") or name
        whole = {"type": signal.get("type"), "field": "", "kind": "any", "label": label, "field_label": "", "unit": ""}
        found.append(whole)
        for field, given in (signal.get("fields") or {}).items():
            about = {"type": given} if isinstance(given, str) else given
            words = {"field_label": about.get("label") or field, "unit": about.get("unit") or ""}
            found.append({**whole, "field": field, "kind": about.get("type"), **words})
    return found
