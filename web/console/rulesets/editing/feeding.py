"""The tests of a ruleset as the form shows them. Runs at the workbench."""

from typing import Any

from rules.reading import Document
from web.console.rulesets.editing.values import get, items, keys_of, left, named, only_shown, path_of, said, text

OF_CASES = ("opened", "closed")  # what becomes of cases meanwhile
ITEM = ("at", "device", "place", *OF_CASES)
COUNTS = ("reopened", "muted", "joined", "summed")  # what opened no case of its own
EXPECTED = ("cases", "rule", "handler", "priority", "category", *COUNTS)


def tests(document: Document) -> list[dict[str, Any]]:
    return [_test(n, one, document) for n, one in enumerate(items(document.value, "tests")) if isinstance(one, dict)]


def _test(n: int, one: dict[str, Any], document: Document) -> dict[str, Any]:
    """A test whose feed is a plain list becomes rows; a repeated one says how often and how far apart."""
    path = f"tests/{n}"
    feed, expect = one.get("feed"), one.get("expect")
    repeats = isinstance(feed, dict)
    rows, at = (items(feed, "of"), f"{path}/feed/of") if repeats else (feed, f"{path}/feed")
    more = left(document, f"{path}/feed", ("repeat", "every", "at", "apart", "of")) if repeats else []
    nobody = isinstance(expect, dict) and "rule" in expect and expect["rule"] is None
    return {
        "n": n,
        "path": path,
        **{key: text(one, key) for key in ("name", "start", "date")},
        "repeat": text(feed, "repeat") if repeats else "",
        "every": text(feed, "every") if repeats else "",
        "from": text(feed, "at") if repeats else "",
        "apart": text(feed, "apart") if repeats else "",
        "feed": at,
        "rows": [_row(k, row, at, document) for k, row in enumerate(rows if isinstance(rows, list) else [])],
        **{key: text(expect, key) for key in EXPECTED},
        "began": {name: said(get(get(expect, "began"), name)) for name, _ in named(document.value, "perceive")},
        "says": bool({"began", "handler", "priority", "category", *COUNTS} & keys_of(expect)),
        "rule": "-" if nobody else text(expect, "rule"),
        "left": [
            *left(document, path, ("name", "start", "date", "feed", "expect")),
            *left(document, f"{path}/expect", (*EXPECTED, "began")),
            *more,
        ],
    }


def _row(k: int, row: Any, at: str, document: Document) -> dict[str, Any]:
    signals = dict(named(document.value, "signals"))
    path = f"{at}/{k}"
    if isinstance(row, dict) and "repeat" in row:
        return only_shown(document, path_of(path), str(row))
    name = next((key for key in row if key in signals), "") if isinstance(row, dict) else ""
    given = get(row, name) if name else None
    known = [_cell(field, kind, f"{path}/{name}/{field}", given) for field, kind in named(signals.get(name), "fields")]
    phase = {
        "name": "phase",
        "path": f"{path}/{name}/phase",
        "type": "string",
        "label": "",
        "value": text(given, "phase"),
    }
    return {
        "kind": "row",
        "path": path,
        **{key: text(row, key) for key in ITEM},
        "signal": name,
        "cells": [*known, phase],
        "left": [
            *left(document, path, (*ITEM, name)),
            *(left(document, f"{path}/{name}", [*(one["name"] for one in known), "phase"]) if name else ()),
        ],
    }


def _cell(field: str, declared: Any, path: str, given: Any) -> dict[str, str]:
    unit = text(declared, "unit")
    return {
        "name": field,
        "path": path,
        "type": declared if isinstance(declared, str) else text(declared, "type"),
        "label": (text(declared, "label") or field) + (f"（{unit}）" if unit else ""),
        "value": said(get(given, field)),
    }
