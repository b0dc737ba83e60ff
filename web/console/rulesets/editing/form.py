"""A ruleset's YAML as the form shows it: plain data, each part with its path. Runs at the workbench."""

from typing import Any

from rules.problems import RulesetInvalid
from rules.reading import read_yaml

GROUPS = ("all", "any")
FACT_KINDS = ("count", "distinct", "latest", "hour")
DERIVED = ("rate", "average", "highest", "baseline")


def shown(definition: str) -> dict[str, Any]:
    """The form's parts; what is not as the form expects it is left to the YAML view (`odd` names it)."""
    try:
        value = read_yaml(definition, "ruleset.yaml").value
    except RulesetInvalid as invalid:
        first = invalid.problems[0]
        return {"readable": False, "line": first.line, "reason": first.reason}
    types = types_of(value)
    tests = _items(value, "tests")
    return {
        "readable": True,
        "id": _text(value, "ruleset"),
        "title": _text(value, "title"),
        "lead": _text(value, "lead"),
        "hours": [{"name": name, "path": f"hours/{name}", **one} for name, one in _named(value, "hours")],
        "signals": [_signal(name, one) for name, one in _named(value, "signals")],
        "perceive": [_detection(name, one, types) for name, one in _named(value, "perceive")],
        "facts": [_fact(name, one) for name, one in _named(value, "facts")],
        "rules": [_rule(n, one, types) for n, one in enumerate(_items(value, "classify"))],
        "table": isinstance(value.get("classify"), dict),
        "case": _case(value),
        "tests": [_test(n, one, value) for n, one in enumerate(tests) if isinstance(one, dict)],
        "types": types,
        "names": {
            "signal": [ref for ref, kind in types.items() if kind != "detection" and "facts" not in kind],
            "rule": list(types),
        },
        "labels": labels_of(value),
    }


def types_of(value: Any) -> dict[str, str]:
    """What conditions may name: fields of signals, signals (silent), hours, detections, facts; with their types."""
    found: dict[str, str] = {}
    for name, signal in _named(value, "signals"):
        for field, given in _named(signal, "fields"):
            found[f"{name}.{field}"] = given if isinstance(given, str) else str(_get(given, "type") or "number")
        for field, _ in _named(signal, "derive"):
            found[f"{name}.{field}"] = "number"
        found[f"{name}.phase"] = "string"
        found[name] = "signal"
    for name, _ in _named(value, "hours"):
        found[f"hours.{name}"] = "boolean"
    for name, _ in _named(value, "perceive"):
        found[name] = "detection"
    for name, _ in _named(value, "facts"):
        found[name] = "number (facts)"
    return found


def labels_of(value: Any) -> dict[str, str]:
    """What people call each of them: `水位计 · 水深（cm）`."""
    found: dict[str, str] = {}
    for name, signal in _named(value, "signals"):
        label = _text(signal, "label") or name
        found[name] = label
        found[f"{name}.phase"] = f"{label} · 阶段"
        for field, given in [*_named(signal, "fields"), *_named(signal, "derive")]:
            unit = _text(given, "unit")
            found[f"{name}.{field}"] = f"{label} · {_text(given, 'label') or field}" + (f"（{unit}）" if unit else "")
    for part in ("hours", "perceive", "facts"):
        for name, given in _named(value, part):
            found[f"hours.{name}" if part == "hours" else name] = _text(given, "label") or name
    return found


def condition(raw: Any, path: str, types: dict[str, str]) -> dict[str, Any]:
    """One test, a group of them, or what the form does not know (`odd`)."""
    if not isinstance(raw, dict) or len(raw) != 1:
        return {"kind": "odd", "path": path, "text": str(raw)}
    name, inner = next(iter(raw.items()))
    if name in GROUPS and isinstance(inner, list):
        parts = [condition(one, f"{path}/{name}/{n}", types) for n, one in enumerate(inner)]
        return {"kind": name, "path": path, "parts": parts}
    if name == "not":
        return {"kind": "not", "path": path, "parts": [condition(inner, f"{path}/not", types)]}
    if not isinstance(inner, dict) or len(inner) != 1:
        return {"kind": "odd", "path": path, "text": f"{name}: {inner}"}
    op, value = next(iter(inner.items()))
    kind = types.get(name, "number").partition(" ")[0]
    return {"kind": "test", "path": path, "field": name, "op": op, "value": said(value), "type": kind}


def said(value: Any) -> str:
    """A value as a field of the form holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "、".join(map(said, value))
    return "" if value is None else str(value)


def _signal(name: str, one: Any) -> dict[str, Any]:
    path = f"signals/{name}"
    fields = [
        {
            "name": field,
            "path": f"{path}/fields/{field}",
            "plain": isinstance(given, str),
            "type": given if isinstance(given, str) else _text(given, "type"),
            "label": _text(given, "label"),
            "unit": _text(given, "unit"),
        }
        for field, given in _named(one, "fields")
    ]
    derived = [
        {
            "name": field,
            "label": _text(given, "label") or field,
            "how": next((k for k in DERIVED if _get(given, k)), ""),
        }
        for field, given in _named(one, "derive")
    ]
    words = {key: _text(one, key) for key in ("label", "type")}
    return {
        **words,
        "name": name,
        "path": path,
        "key": _text(one, "key") or "device",
        "late": _text(one, "late") or "10s",
        "fields": fields,
        "derived": derived,
    }


def _detection(name: str, one: Any, types: dict[str, str]) -> dict[str, Any]:
    path = f"perceive/{name}"
    exit_ = _get(one, "exit")
    return {
        "name": name,
        "path": path,
        "label": _text(one, "label"),
        "for": _text(one, "for"),
        "once": _get(one, "once") is True,
        "enter": condition(_get(one, "enter"), f"{path}/enter", types),
        "exit": condition(exit_, f"{path}/exit", types) if exit_ is not None else None,
    }


def _fact(name: str, one: Any) -> dict[str, Any]:
    kind = next((kind for kind in FACT_KINDS if _get(one, kind)), "count")
    words = {key: _text(one, key) for key in ("label", "within", "by")}
    return {**words, "name": name, "path": f"facts/{name}", "kind": kind, "of": _text(one, kind)}


def _rule(n: int, one: Any, types: dict[str, str]) -> dict[str, Any]:
    path = f"classify/{n}"
    then = _get(one, "then")
    raw = _get(one, "if")
    return {
        "n": n,
        "path": path,
        "id": _text(one, "id"),
        "label": _text(one, "label"),
        "if": condition(raw, f"{path}/if", types) if raw is not None else None,
        "opens": isinstance(then, dict),
        "then": {key: _text(then, key) for key in ("category", "priority", "tier", "handler", "dedupe")},
        "sign": _text(_get(then, "sla"), "sign"),
        "overall": _text(_get(then, "sla"), "overall"),
    }


def _case(value: Any) -> dict[str, Any]:
    case = _get(value, "case")
    words = {key: _text(case, key) for key in ("dedupe", "close", "verify", "after_close", "reopen_within", "filing")}
    sla = {key: _text(_get(case, "sla"), key) for key in ("sign", "handle", "overall")}
    return {**words, "sla": sla, "storm": _text(_get(value, "storm"), "per_hour")}


def _test(n: int, one: dict[str, Any], value: Any) -> dict[str, Any]:
    """A test whose feed is a plain list becomes rows; a repeated one says how often and how far apart."""
    path = f"tests/{n}"
    feed = one.get("feed")
    repeats = isinstance(feed, dict)
    rows, at = (_items(feed, "of"), f"{path}/feed/of") if repeats else (feed, f"{path}/feed")
    expect = one.get("expect")
    return {
        "n": n,
        "path": path,
        "name": _text(one, "name"),
        "start": _text(one, "start"),
        "repeat": _text(feed, "repeat") if repeats else "",
        "every": _text(feed, "every") if repeats else "",
        "feed": at,
        "rows": [_row(k, row, at, value) for k, row in enumerate(rows if isinstance(rows, list) else [])],
        "cases": _text(expect, "cases"),
        "rule": "-"
        if isinstance(expect, dict) and "rule" in expect and expect["rule"] is None
        else _text(expect, "rule"),
    }


def _row(k: int, row: Any, at: str, value: Any) -> dict[str, Any]:
    signals = dict(_named(value, "signals"))
    name = next((key for key in row if key in signals), "") if isinstance(row, dict) else ""
    given = _get(row, name) if name else None
    path = f"{at}/{k}"
    known = {
        field: kind if isinstance(kind, str) else str(_get(kind, "type"))
        for field, kind in _named(signals.get(name), "fields")
    }
    cells = [
        {"name": field, "path": f"{path}/{name}/{field}", "type": kind, "value": said(_get(given, field))}
        for field, kind in {**known, "phase": "string"}.items()
    ]
    odd = isinstance(row, dict) and "repeat" in row
    return {
        "path": path,
        "at": _text(row, "at"),
        "device": _text(row, "device"),
        "signal": name,
        "cells": cells,
        "odd": odd,
    }


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _text(value: Any, key: str) -> str:
    found = _get(value, key)
    return "" if isinstance(found, dict | list) else said(found)


def _named(value: Any, key: str) -> list[tuple[str, Any]]:
    found = _get(value, key)
    return list(found.items()) if isinstance(found, dict) else []


def _items(value: Any, key: str) -> list[Any]:
    found = _get(value, key)
    return found if isinstance(found, list) else []
