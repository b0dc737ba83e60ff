"""Conditions and cells of decision tables as the form shows them, and as it sends them. Runs at the workbench."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from rules.reading import Document
from web.console.rulesets.editing.values import at, only_shown, path_of, said

GROUPS = ("all", "any")
LISTS = ("in", "contains_any", "contains_all", "mentions_any")
APART = re.compile(r"[、,，;；\s]+")
DEFAULT_OP = {"number": ("gte", 1), "boolean": ("eq", True), "string": ("eq", ""), "detection": ("is", "began")}
ANY = "any"  # a cell that asks nothing of its column
WHOLE = re.compile(r"[+-]?\d{1,15}")
WITH_UNIT = re.compile(r"[+-]?\d+(\.\d+)?\s*\S{1,10}")  # which the language understands


class Wrong(ValueError):
    """`field` (a name of the form) cannot hold what was written, for `reason` (a code).

    `by`: who needs what should go.
    """

    def __init__(self, field: str, reason: str, by: list[tuple[str, str]] | None = None) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason
        self.by = by or []


def condition(document: Document, place: str, types: Mapping[str, str]) -> dict[str, Any]:
    """One test, a group of them, or what the form does not know (`odd`)."""
    path = path_of(place)
    raw = at(document.value, path)
    if not isinstance(raw, dict) or len(raw) != 1:
        return only_shown(document, path, said(raw) if not isinstance(raw, dict) else str(raw))
    if test := shown_test(raw):
        return {"kind": "test", "path": place, **test, "type": kind_of(test["field"], types)}
    name, inner = next(iter(raw.items()))
    if name in GROUPS and isinstance(inner, list):
        parts = [condition(document, f"{place}/{name}/{n}", types) for n in range(len(inner))]
        return {"kind": name, "path": place, "parts": parts}
    if name == "not":
        return {"kind": "not", "path": place, "parts": [condition(document, f"{place}/not", types)]}
    return only_shown(document, path, f"{name}: {inner}")


def shown_test(raw: Any) -> dict[str, str] | None:
    """One test as the controls `field`, `op` and `value` hold it; None where it is something else."""
    name, inner = next(iter(raw.items())) if isinstance(raw, dict) and len(raw) == 1 else ("", None)
    if name in (*GROUPS, "not") or not isinstance(inner, dict) or len(inner) != 1:
        return None
    op, value = next(iter(inner.items()))
    return {"field": name, "op": op, "value": said(value)}


def cell(document: Document, place: str, name: str, types: Mapping[str, str]) -> dict[str, Any]:
    """What a row of a decision table asks of the column `name`."""
    raw, kind = at(document.value, path_of(place)), kind_of(name, types)
    shown = shown_cell(raw, kind)
    if shown is None:
        return only_shown(document, path_of(place), str(raw))
    return {"kind": "test", "path": place, "field": name, "type": kind, **shown}


def shown_cell(raw: Any, kind: str) -> dict[str, str] | None:
    """A cell as the controls `op` and `value` hold it; None where it is something else."""
    if raw == ANY:
        return {"op": ANY, "value": ""}
    if not isinstance(raw, dict):
        return {"op": "is" if kind == "detection" else "eq", "value": said(raw)}
    if len(raw) != 1:
        return None
    op, value = next(iter(raw.items()))
    return {"op": op, "value": said(value)}


def is_as_shown(parts: Mapping[str, str], shown: Mapping[str, str] | None) -> bool:
    """Whether the controls came back as they were drawn, so that nothing is read into what nobody touched."""
    return shown is not None and {**parts, "value": parts.get("value", "").strip()} == {
        **shown,
        "value": shown["value"].strip(),
    }


def kind_of(name: str, types: Mapping[str, str]) -> str:
    return types.get(name, "number").partition(" ")[0]


def comparison_of(parts: Mapping[str, str], types: Mapping[str, str], sent: str) -> dict[str, Any]:
    """What the form sent of one test (`field`, `op`, `value`), as the language has it. Raises Wrong, naming `sent`.

    Without `op`, the field was another before: the test asks what is asked of such a field most often.
    """
    field, op, given = parts["field"], parts.get("op", ANY), parts.get("value", "").strip()
    kind = kind_of(field, types)
    if kind == "signal":
        return {field: {"silent": given or "10m"}}
    return {field: _compared(kind, op, given, sent)}


def cell_of(parts: Mapping[str, str], name: str, types: Mapping[str, str], sent: str) -> Any:
    """What the form sent of one cell of the column `name`. Raises Wrong, naming `sent`."""
    op, given, kind = parts.get("op", ANY), parts.get("value", "").strip(), kind_of(name, types)
    if op == ANY or (kind == "number" and not given):
        return ANY
    if kind == "boolean" and op in ("true", "false"):
        return op == "true"
    compared = _compared(kind, op, given, sent)
    plain = next((compared[one] for one in ("eq", "is") if one in compared), None)
    return compared if plain is None or plain == ANY else plain


def same_cell(one: Any, other: Any) -> bool:
    """`true` and `{eq: true}` ask the same."""

    def plain(cell_: Any) -> Any:
        return next(iter(cell_.values())) if isinstance(cell_, dict) and list(cell_) in (["eq"], ["is"]) else cell_

    return (plain(one), type(plain(one))) == (plain(other), type(plain(other)))


def _compared(kind: str, op: str, given: str, sent: str) -> dict[str, Any]:
    if kind == "detection":
        return {"is": "began"}
    if op in ("is", "silent", ANY) or (kind == "boolean" and op not in ("eq", "ne")):
        op, given = DEFAULT_OP[kind][0], said(DEFAULT_OP[kind][1])
    if kind == "number" and op in ("contains_any", "contains_all", "mentions_any"):
        op = "gte"
    if op in LISTS:
        return {op: [_typed(word, kind, sent) for word in APART.split(given) if word]}
    return {op: _typed(given, kind, sent)}


def _typed(given: str, kind: str, sent: str) -> Any:
    if kind == "boolean":
        return given.lower() in ("true", "是")
    return number(given, sent) if kind == "number" else given


def number(given: str, sent: str) -> int | float | str:
    """A number, or one with its unit (`30 cm`). Raises Wrong, naming `sent`."""
    try:
        found = int(given) if WHOLE.fullmatch(given) else float(given)
    except ValueError:
        if WITH_UNIT.fullmatch(given):
            return given
        raise Wrong(sent, "number") from None
    if "_" in given or not isfinite(found):  # Python reads `1_000` and `nan`, an author does not
        raise Wrong(sent, "number")
    return found


def names_in(raw: Any) -> list[str]:
    """Everything that a condition names."""
    if isinstance(raw, list):
        return [name for one in raw for name in names_in(one)]
    if not isinstance(raw, dict):
        return []
    inner = [name for key in (*GROUPS, "not") if key in raw for name in names_in(raw[key])]
    return [*inner, *(str(key) for key in raw if key not in (*GROUPS, "not"))]


def first_test(types: Mapping[str, str], among: list[str]) -> dict[str, Any]:
    """A test of the first of `among`, to begin with."""
    field = next(iter(among), next(iter(types), "signal"))
    op, value = DEFAULT_OP.get(kind_of(field, types), ("gte", 1))
    return {field: {op: value}}
