"""What a part of the form sent, put into the YAML. Runs at the workbench.

Names of fields: `v:<sort>:<path>` a value (`s` text, `n` number, `b` truth, `q` optional text, `r` the rule of a test,
`l` a list of what was ticked, `w` a list of words); `c:<path>:field|op|value` one test of a condition;
`d:<path>:op|value` a cell of a table; `g:<path>:kind|value|to` a step of a ladder; `t:<path>` whether a rule opens a
case; `k:<path>` of which kind something is; `n:…` what a button adds. `do`: a button, and where.
"""

from collections.abc import Mapping
from typing import Any

from rules.reading import Path, read_yaml
from web.console.rulesets.editing import splice
from web.console.rulesets.editing.adding import NEW_CASE, Pressed
from web.console.rulesets.editing.buttons import BUTTONS
from web.console.rulesets.editing.conditions import (
    APART,
    Wrong,
    cell_of,
    comparison_of,
    is_as_shown,
    kind_of,
    number,
    same_cell,
    shown_cell,
    shown_test,
)
from web.console.rulesets.editing.deciding import shown_rung
from web.console.rulesets.editing.form import types_of
from web.console.rulesets.editing.kinds import become
from web.console.rulesets.editing.lengths import short, shortened
from web.console.rulesets.editing.values import at, path_of, said

OPTIONAL = ("storm", "facts", "hours")  # words of a ruleset that may be left out once they say nothing
Put = tuple[Path, Any]
_GONE = object()  # the value of what shall not be there


def changed(definition: str, fields: list[tuple[str, str]], do: str, new: Mapping[str, Any]) -> dict[str, Any]:
    """The text after what was written in `fields` and the button `do`, which may take what it adds from `new`.

    `kept`: with all comments; `at`: the part of the form where it happened, if not where the button is.
    """
    made = splice.Spliced(definition, kept=True)
    try:
        for path, value in _written(fields, read_yaml(definition, "").value):
            made = made.then(_put(made.text, path, value))
        for name, given in fields:
            if name.startswith("k:"):
                made = made.then(become(made.text, path_of(name.removeprefix("k:")), given))
        pressed = _pressed(made.text, do, new)
        made = made.then(pressed.made)
    except Wrong as wrong:
        return {"wrong": wrong.field, "reason": wrong.reason, "by": wrong.by}
    except splice.Unwritable:
        return {"wrong": "", "reason": "unwritable", "by": []}
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration):  # it is no longer as it was shown
        return {"wrong": "", "reason": "gone", "by": []}
    return {"text": made.text, "kept": made.kept, "at": pressed.at}


def _put(text: str, path: Path, value: Any) -> splice.Spliced:
    if value is not _GONE:
        return splice.put(text, path, value)
    made = splice.remove(text, path)
    while len(path) > 1:
        path = path[:-1]
        if at(read_yaml(made.text, "").value, path) or (len(path) == 1 and path[0] not in OPTIONAL):
            break
        made = made.then(splice.remove(made.text, path))
    return made


def _pressed(text: str, do: str, new: Mapping[str, Any]) -> Pressed:
    what, _, place = do.partition(":")
    button = BUTTONS.get(what)
    return button(text, path_of(place), new) if button else Pressed(splice.Spliced(text, kept=True))


def _written(fields: list[tuple[str, str]], whole: Any) -> list[Put]:
    """Where something else stands now, and what shall."""
    found: list[Put] = []
    ticked: dict[str, list[str]] = {}
    grouped: dict[tuple[str, str], dict[str, str]] = {}
    for name, given in fields:
        kind, _, rest = name.partition(":")
        sort, _, place = rest.partition(":")
        if kind in COMPOSED:
            path, _, what = rest.rpartition(":")
            grouped.setdefault((kind, path), {})[what] = given
        elif kind == "t":
            opens = isinstance(at(whole, path_of(rest)), dict)
            if opens != (given == "case"):
                found.append((path_of(rest), dict(NEW_CASE) if given == "case" else "none"))
        elif kind == "v" and sort == "l":
            ticked.setdefault(place, []).extend([given] if given else [])
        elif kind == "v":
            found += _value(whole, path_of(place), sort, given.strip(), name)
    for place, given_all in ticked.items():
        found += _several(whole, path_of(place), given_all)
    for (kind, place), parts in grouped.items():
        found += COMPOSED[kind](whole, place, parts)
    return _with_parents(found, whole)


def _value(whole: Any, path: Path, sort: str, given: str, name: str) -> list[Put]:
    parent, now = at(whole, path[:-1]), at(whole, path)
    if sort == "w":
        return _several(whole, path, [word for word in APART.split(given) if word])
    if isinstance(parent, str) and path[-1] == "type":  # `confidence: number`
        return [] if parent == given else [(path[:-1], given)]
    is_said = isinstance(parent, dict) and path[-1] in parent
    if not given:
        value: Any = "" if sort == "s" else _GONE
        return [(path, value)] if is_said and now != "" else []
    value = _typed(sort, shortened(path, given), name)
    return [] if is_said and (now, type(now)) == (value, type(value)) else [(path, value)]


def _typed(sort: str, given: str, name: str) -> Any:
    """Raises Wrong. `-` as the rule of a test: none."""
    if sort == "n":
        return number(given, name)
    if sort == "b":
        return given == "true"
    return None if sort == "r" and given == "-" else given


def _several(whole: Any, path: Path, given: list[str]) -> list[Put]:
    now = at(whole, path)
    if sorted(map(said, now or [])) == sorted(given):
        return []
    return [(path, given or _GONE)]


def _with_parents(found: list[Put], whole: Any) -> list[Put]:
    """A field that says only its type (`confidence: number`) becomes one that can say more."""
    made: list[Put] = []
    for path, value in found:
        parent = at(whole, path[:-1])
        if path[0] == "signals" and isinstance(parent, str) and all(path[:-1] != known for known, _ in made):
            made.append((path[:-1], {"type": parent}))
        made.append((path, value))
    return made


def _condition(whole: Any, place: str, parts: Mapping[str, str]) -> list[Put]:
    if "field" not in parts:
        return []
    now, types = at(whole, path_of(place)), types_of(whole)
    if is_as_shown(parts, shown_test(now)):
        return []
    before = next(iter(now), "") if isinstance(now, dict) else ""
    if kind_of(before, types) != kind_of(parts["field"], types):
        parts = {"field": parts["field"]}
    wanted = comparison_of(parts, types, f"c:{place}:value")
    return [] if now == wanted else [(path_of(place), wanted)]


def _cell(whole: Any, place: str, parts: Mapping[str, str]) -> list[Put]:
    path = path_of(place)
    now, types = at(whole, path), types_of(whole)
    column = said(at(whole, ("classify", "columns", path[-1])))
    if is_as_shown(parts, shown_cell(now, kind_of(column, types))):
        return []
    wanted = cell_of(parts, column, types, f"d:{place}:value")
    return [] if same_cell(now, wanted) else [(path, wanted)]


def _rung(whole: Any, place: str, parts: Mapping[str, str]) -> list[Put]:
    kind = "after" if parts.get("kind") == "after" else "at"
    value = parts.get("value", "").strip()
    if kind == "at" and value.isdecimal():
        value += "%"
    if kind == "after":
        value = short(value)
    now = at(whole, path_of(place))
    if is_as_shown(parts, shown_rung(now)):
        return []
    if isinstance(now, dict) and kind not in now:
        value = "30m" if kind == "after" else "100%"
    wanted = {kind: value, "to": parts.get("to", "holder")}
    return [] if now == wanted else [(path_of(place), wanted)]


COMPOSED = {"c": _condition, "d": _cell, "g": _rung}
