"""What a part of the form sent, put into the YAML. Runs at the workbench.

Names of fields: `v:<type>:<path>` a value (`s` text, `n` number, `b` truth, `q` optional text, `r` the rule of a test),
`c:<path>:field|op|value` one test of a condition, `t:<path>` whether a rule opens a case. `do`: a button, and where.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from rules.problems import RulesetInvalid
from rules.reading import Path, read_yaml
from web.console.rulesets.editing import splice
from web.console.rulesets.editing.form import types_of
from web.console.rulesets.editing.splice import NoSuchPlace

LISTS = ("in", "contains_any", "contains_all", "mentions_any")
APART = re.compile(r"[、,，;；\s]+")
NEW_CASE = {"category": "resident-request", "priority": "normal", "tier": "committee", "handler": "committee"}
DEFAULT_OP = {"number": ("gte", 1), "boolean": ("eq", True), "string": ("eq", ""), "detection": ("is", "began")}


class Wrong(ValueError):
    """`field` (a name of the form) cannot hold what was written, for `reason` (a code)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


def changed(definition: str, fields: list[tuple[str, str]], do: str) -> dict[str, Any]:
    """The text after what was written in `fields` and the button `do`; `kept`: with all comments."""
    text, kept = definition, True
    try:
        for path, value in _written(fields, read_yaml(definition, "").value):
            made = _put(text, path, value)
            text, kept = made.text, kept and made.kept
        made = _done(text, do)
    except Wrong as wrong:
        return {"wrong": wrong.field, "reason": wrong.reason}
    except (NoSuchPlace, RulesetInvalid, KeyError, IndexError, TypeError):
        return {"wrong": "", "reason": "gone"}
    return {"text": made.text, "kept": kept and made.kept}


_GONE = object()


def _put(text: str, path: Path, value: Any) -> splice.Spliced:
    if value is _GONE:
        return splice.remove(text, path)
    return splice.put(text, path, value)


def _written(fields: list[tuple[str, str]], whole: Any) -> list[tuple[Path, Any]]:
    """Where something else stands now, and what shall."""
    types = types_of(whole)
    found: list[tuple[Path, Any]] = []
    tests: dict[str, dict[str, str]] = {}
    for name, given in fields:
        kind, _, rest = name.partition(":")
        if kind == "c":
            path, _, what = rest.rpartition(":")
            tests.setdefault(path, {})[what] = given
        elif kind == "t":
            opens = isinstance(_at(whole, path_of(rest)), dict)
            if opens != (given == "case"):
                found.append((path_of(rest), dict(NEW_CASE) if given == "case" else "none"))
        elif kind == "v":
            sort, _, place = rest.partition(":")
            found += _value(whole, path_of(place), sort, given.strip(), name)
    for place, parts in tests.items():
        if "field" in parts:
            wanted = _test(parts, types, f"c:{place}:value")
            if _at(whole, path_of(place)) != wanted:
                found.append((path_of(place), wanted))
    return found


def _value(whole: Any, path: Path, sort: str, given: str, name: str) -> list[tuple[Path, Any]]:
    now = _at(whole, path)
    if not given:
        if now is None or sort == "s":
            return [] if now in (None, "") else [(path, "")]
        return [(path, _GONE)]
    value: Any = given
    if sort == "n":
        value = _number(given, name)
    elif sort == "b":
        value = given == "true"
    elif sort == "r":  # the rule of a test: `-` none
        value = None if given == "-" else given
    if (now, type(now)) == (value, type(value)):
        return []
    return [(path, value)]


def _test(parts: dict[str, str], types: dict[str, str], name: str) -> dict[str, Any]:
    field, op, given = parts.get("field", ""), parts.get("op", "eq"), parts.get("value", "").strip()
    kind = types.get(field, "number").partition(" ")[0]
    if kind == "detection":
        return {field: {"is": "began"}}
    if kind == "signal":
        return {field: {"silent": given or "10m"}}
    if op in ("is", "silent") or (kind == "boolean" and op not in ("eq", "ne")):
        op, given = DEFAULT_OP[kind][0], given or str(DEFAULT_OP[kind][1])
    if kind == "number" and op in ("contains_any", "contains_all", "mentions_any"):
        op = "gte"
    if op in LISTS:
        words = [word for word in APART.split(given) if word]
        return {field: {op: [_typed(word, kind, name) for word in words]}}
    return {field: {op: _typed(given, kind, name)}}


def _typed(given: str, kind: str, name: str) -> Any:
    if kind == "boolean":
        return given.lower() in ("true", "是")
    return _number(given, name) if kind == "number" else given


def _number(given: str, name: str) -> int | float | str:
    """A number, or one with its unit (`30 cm`), which the language understands."""
    try:
        return int(given) if re.fullmatch(r"[+-]?\d{1,15}", given) else float(given)
    except ValueError:
        if re.fullmatch(r"[+-]?\d+(\.\d+)?\s*\S{1,10}", given):
            return given
        raise Wrong(name, "number") from None


def _done(text: str, do: str) -> splice.Spliced:
    what, _, place = do.partition(":")
    button = BUTTONS.get(what)
    return button(text, path_of(place)) if button else splice.Spliced(text, kept=True)


def _removed(text: str, path: Path) -> splice.Spliced:
    """A test of a condition leaves its group; with the last one the group goes."""
    whole = read_yaml(text, "").value
    siblings = _at(whole, path[:-1])
    if path[-2:-1] in (("all",), ("any",)) and isinstance(siblings, list) and len(siblings) == 2:  # noqa: PLR2004
        index = path[-1]
        return splice.put(text, path[:-2], siblings[1 - index if isinstance(index, int) else 0])
    if path[-1] == "not":
        return splice.remove(text, path[:-1])
    return splice.remove(text, path)


def _joined(text: str, path: Path, group: str) -> splice.Spliced:
    """One more test beside what stands at `path`."""
    here = _at(read_yaml(text, "").value, path)
    more = _first_test(text, path)
    if isinstance(here, dict) and isinstance(here.get(group), list):
        return splice.append(text, (*path, group), more)
    return splice.put(text, path, {group: [here, more]})


def _first_test(text: str, path: Path) -> dict[str, Any]:
    types = types_of(read_yaml(text, "").value)
    of_rules = path[0] == "classify"
    wanted = [ref for ref, kind in types.items() if (kind == "detection") == of_rules and kind != "signal"]
    field = next(iter(wanted), next(iter(types), "signal"))
    op, value = DEFAULT_OP.get(types.get(field, "number").partition(" ")[0], ("gte", 1))
    return {field: {op: value}}


def _with_rule(text: str) -> splice.Spliced:
    """A new rule stands first, so that it can win; its author moves it where it belongs."""
    rules = read_yaml(text, "").value["classify"]
    known = {rule.get("id") for rule in rules if isinstance(rule, dict)}
    number = next(n for n in range(1, 1000) if f"rule-{n}" not in known)
    rule = {"id": f"rule-{number}", "if": _first_test(text, ("classify",)), "then": dict(NEW_CASE)}
    made = splice.append(text, ("classify",), rule)
    for index in range(len(rules), 0, -1):
        up = splice.move(made.text, ("classify", index), -1)
        made = splice.Spliced(up.text, made.kept and up.kept)
    return made


def _like_the_last(text: str) -> dict[str, Any]:
    tests = read_yaml(text, "").value.get("tests") or []
    last = tests[-1] if tests else {"feed": [{"at": "0s"}], "expect": {"cases": 0}}
    return {**last, "name": f"{last.get('name', '')} 2".strip()}


def _later_row(rows: list[Any]) -> dict[str, Any]:
    last = rows[-1] if rows else {"at": "0s"}
    return {**last, "at": "10m"} if isinstance(last, dict) else {"at": "10m"}


def _at(value: Any, path: Path) -> Any:
    """What stands there; None: nothing."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
            value = value[part]
        else:
            return None
    return value


def path_of(place: str) -> Path:
    return tuple(int(part) if part.isdecimal() else part for part in place.split("/") if part)


BUTTONS: Mapping[str, Callable[[str, Path], splice.Spliced]] = {
    "up": lambda text, path: splice.move(text, path, -1),
    "down": lambda text, path: splice.move(text, path, 1),
    "remove": _removed,
    "and": lambda text, path: _joined(text, path, "all"),
    "or": lambda text, path: _joined(text, path, "any"),
    "condition": lambda text, path: splice.put(text, path, _first_test(text, path)),
    "rule": lambda text, _: _with_rule(text),
    "test": lambda text, _: splice.append(text, ("tests",), _like_the_last(text)),
    "row": lambda text, path: splice.append(text, path, _later_row(_at(read_yaml(text, "").value, path))),
}
