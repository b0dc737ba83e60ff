"""Rules, decision tables and how their cases are worked, as the form shows them. Runs at the workbench."""

from typing import Any

from rules.reading import Document
from web.console.rulesets.editing.conditions import GROUPS, cell, condition
from web.console.rulesets.editing.values import at, get, items, keys_of, left, path_of, said, text

CONCLUDES = ("category", "priority", "tier", "handler")
WORDS = (
    *("dedupe", "after_close", "verify", "verify_below", "inspection", "close", "filing", "report", "place_check"),
    *("reopen_within", "return_within"),
)
LIMITS = ("sign", "handle", "inspect", "overall")
LISTED = ("sla", "escalate", "correlate", "evidence", "outcomes", "inform", "parties")
MAIN = ("matter", "lead", "skills", "children")
SAID = {*WORDS, *LISTED, "lead", "skills"} - {"sla"}  # what a rule has of its own, beside what it concludes


def rules(document: Document, types: dict[str, str]) -> list[dict[str, Any]]:
    """A list of rules; none where they are a table."""
    raw = items(document.value, "classify")
    return [_rule(document, f"classify/{n}", n, types) for n in range(len(raw))]


def _rule(document: Document, path: str, n: int, types: dict[str, str]) -> dict[str, Any]:
    raw = at(document.value, path_of(path))
    return {
        **_decides(document, path, n),
        "if": condition(document, f"{path}/if", types) if get(raw, "if") is not None else None,
        "left": left(document, path, ("id", "label", "if", "then")),
    }


def table(document: Document, types: dict[str, str]) -> dict[str, Any] | None:
    """A decision table: its columns, and its rows with a cell for each; None where there is none."""
    classify = document.value.get("classify")
    if not isinstance(classify, dict):
        return None
    columns = [said(name) for name in items(classify, "columns")]
    rows = []
    for n, row in enumerate(items(classify, "rows")):
        path = f"classify/rows/{n}"
        cells = [
            cell(document, f"{path}/when/{at_}", columns[at_] if at_ < len(columns) else "", types)
            for at_ in range(len(items(row, "when")))
        ]
        more = left(document, path, ("id", "label", "when", "then"))
        rows.append({**_decides(document, path, n), "cells": cells, "left": more})
    heads = [{"n": n, "path": f"classify/columns/{n}", "name": name} for n, name in enumerate(columns)]
    return {"columns": heads, "rows": rows, "left": left(document, "classify", ("columns", "rows"))}


def is_tabular(value: Any) -> bool:
    """Whether there are rules that fit into a table: each asks one thing of a name at most, and all of it together."""
    return isinstance(value.get("classify"), list) and all(
        cells_of(get(rule, "if")) is not None for rule in items(value, "classify")
    )


def cells_of(raw: Any) -> dict[str, Any] | None:
    """A condition as cells by the name of their column; None where it does not fit into a row."""
    if raw is None:
        return {}
    parts = raw["all"] if isinstance(raw, dict) and list(raw) == ["all"] and isinstance(raw["all"], list) else [raw]
    found: dict[str, Any] = {}
    for part in parts:
        name, inner = next(iter(part.items())) if isinstance(part, dict) and len(part) == 1 else ("not", None)
        if name in (*GROUPS, "not") or name in found or not isinstance(inner, dict) or len(inner) != 1:
            return None
        op, value = next(iter(inner.items()))
        found[name] = value if op == "is" or (op == "eq" and isinstance(value, bool)) else inner
    return found


def _decides(document: Document, path: str, n: int) -> dict[str, Any]:
    raw = at(document.value, path_of(path))
    then = get(raw, "then")
    return {
        "n": n,
        "path": path,
        "id": text(raw, "id"),
        "label": text(raw, "label"),
        "opens": isinstance(then, dict),
        "then": {key: text(then, key) for key in CONCLUDES},
        "work": working(document, f"{path}/then", MAIN) if isinstance(then, dict) else None,
        "children": [_child(document, f"{path}/then/children/{k}", k) for k in range(len(items(then, "children")))],
    }


def _child(document: Document, path: str, n: int) -> dict[str, Any]:
    raw = at(document.value, path_of(path))
    words = {key: text(raw, key) for key in CONCLUDES}
    return {"n": n, "path": path, **words, "work": working(document, path, MAIN)}


def working(document: Document, path: str, main: tuple[str, ...] = ()) -> dict[str, Any]:
    """How a case is worked, as far as it is said at `path`."""
    raw = at(document.value, path_of(path))
    named = {key: text(raw, key) for key in (*WORDS, "matter", "lead")}
    known = (*WORDS, *LISTED, *((*CONCLUDES, *main) if main else ()))
    return {
        **named,
        "path": path,
        "limits": {key: text(get(raw, "sla"), key) for key in LIMITS},
        "skills": said(get(raw, "skills")),
        "evidence": [said(one) for one in items(get(raw, "evidence"), "handle")],
        "outcomes": [said(one) for one in items(raw, "outcomes")],
        "rungs": [{"path": f"{path}/escalate/{n}", **shown_rung(one)} for n, one in enumerate(items(raw, "escalate"))],
        "correlate": [_correlation(f"{path}/correlate/{n}", one) for n, one in enumerate(items(raw, "correlate"))],
        **{
            key: [{"path": f"{path}/{key}/{n}", "unit": said(one)} for n, one in enumerate(items(raw, key))]
            for key in ("inform", "parties")
        },
        "says": bool(keys_of(raw) & SAID or keys_of(get(raw, "sla")) - {"sign"}),
        "left": left(document, path, known),
    }


def shown_rung(one: Any) -> dict[str, str]:
    """One step of a ladder as its controls hold it."""
    kind = "after" if text(one, "after") else "at"
    return {"kind": kind, "value": text(one, kind), "to": text(one, "to")}


def _correlation(path: str, one: Any) -> dict[str, str]:
    return {"path": path, **{key: text(one, key) for key in ("with", "by", "as")}}
