"""A detection, a fact, a derived number or a column of a table becomes one of another kind. Runs at the workbench."""

from typing import Any

from rules.reading import Path, read_yaml
from web.console.rulesets.editing import splice
from web.console.rulesets.editing.conditions import ANY, kind_of, names_in
from web.console.rulesets.editing.form import DERIVED, FACT_KINDS, types_of
from web.console.rulesets.editing.form import kind_of as kind_of_detection
from web.console.rulesets.editing.placing import NoSuchPlace
from web.console.rulesets.editing.splice import Spliced
from web.console.rulesets.editing.values import at, get, named

OPPOSITE = {"gte": "lt", "gt": "lte", "lte": "gt", "lt": "gte", "eq": "ne", "ne": "eq"}
SILENCE = "26h"


def become(text: str, path: Path, kind: str) -> Spliced:
    """What stands at `path` is of `kind`; of that kind already: nothing changes. Raises NoSuchPlace."""
    whole = read_yaml(text, "").value
    now = at(whole, path)
    if now is None:
        raise NoSuchPlace(path)
    match path:
        case ("perceive", str()) if kind_of_detection(now) != kind:
            return _all(text, path, _detection(whole, now, kind))
        case ("facts", str()):
            return _all(text, path, _fact(now, *kind.split(":", 1)))
        case ("signals", str(), "derive", str()) if kind in DERIVED and kind not in now:
            return _all(text, path, _derived(now, kind))
        case ("classify", "columns", int(n)) if now != kind:
            return _column(text, whole, n, kind)
    return Spliced(text, kept=True)


def _all(text: str, path: Path, words: dict[str, Any]) -> Spliced:
    """Each word put, or, where it is None, taken away: that at last, for a list that is empty has no layout to keep."""
    made = Spliced(text, kept=True)
    for word, value in sorted(words.items(), key=lambda one: one[1] is None):
        if value is not None:
            made = made.then(splice.put(made.text, (*path, word), value))
        elif word in at(read_yaml(made.text, "").value, path):
            made = made.then(splice.remove(made.text, (*path, word)))
    return made


def _detection(whole: Any, now: Any, kind: str) -> dict[str, Any]:
    read = names_in(get(now, "enter"))
    signal = next((ref.partition(".")[0] for ref in read if not ref.startswith("hours.")), "")
    if kind == "silence":
        return {"enter": {signal: {"silent": SILENCE}}, "exit": None, "once": None, "for": None}
    silent = kind_of_detection(now) == "silence"
    enter = begins(whole, signal) if silent else get(now, "enter")
    words = {"enter": enter} if silent else {}
    if kind == "once":
        return {**words, "exit": None, "for": None, "once": True}
    return {**words, "once": None, "exit": ends(enter, signal)}


def begins(whole: Any, signal: str) -> dict[str, Any]:
    """The first thing that a signal says, as a condition to begin with."""
    types = types_of(whole)
    fields = [f"{signal}.{name}" for name, _ in named(get(get(whole, "signals"), signal), "fields")]
    number = next((ref for ref in fields if types[ref] == "number"), None)
    truth = next((ref for ref in fields if types[ref] == "boolean"), None)
    if number or truth:
        return {number: {"gte": 1}} if number else {str(truth): {"eq": True}}
    return {f"{signal}.phase": {"eq": "start"}}


def ends(enter: Any, signal: str) -> dict[str, Any]:
    """The opposite of what begins it, where that is simple; else that nothing is heard for a while."""
    name, inner = next(iter(enter.items()))
    op, value = next(iter(inner.items())) if isinstance(inner, dict) and len(inner) == 1 else ("", None)
    if name.endswith(".phase") and value == "start":
        return {name: {"eq": "end"}}
    if isinstance(value, bool) and op in OPPOSITE:
        return {name: {op: not value}}
    if isinstance(value, int | float) and op in OPPOSITE:
        return {name: {OPPOSITE[op]: value}}
    return {signal: {"silent": "10m"}}


def _fact(now: Any, kind: str, of: str = "") -> dict[str, Any]:
    """`count:over`, `distinct:over`, `latest:weather.level` or `hour:`."""
    if kind not in FACT_KINDS or get(now, kind) == (of or "began"):
        return {}
    others = {other: None for other in FACT_KINDS if other != kind}
    if kind == "hour":
        return {**others, "within": None, "by": None, "hour": "began"}
    around = {word: get(now, word) or usual for word, usual in (("within", "1d"), ("by", "place.building"))}
    return {**others, kind: of, **{word: value for word, value in around.items() if get(now, word) != value}}


def _derived(now: Any, kind: str) -> dict[str, Any]:
    of = next((get(now, other) for other in DERIVED if get(now, other)), "")
    others = {other: None for other in DERIVED if other != kind}
    if kind == "baseline":
        return {**others, "over": None, "per": None, kind: of}
    kept = {"over": "10m"} if not get(now, "over") else {}
    return {**others, "days": None, **({} if kind == "rate" else {"per": None}), kind: of, **kept}


def _column(text: str, whole: Any, n: int, name: str) -> Spliced:
    """A column of another sort asks nothing until somebody says what."""
    types = types_of(whole)
    made = splice.put(text, ("classify", "columns", n), name)
    before = at(whole, ("classify", "columns", n))
    if kind_of(str(before), types) == kind_of(name, types):
        return made
    for row in range(len(at(whole, ("classify", "rows")) or [])):
        made = made.then(splice.put(made.text, ("classify", "rows", row, "when", n), ANY))
    return made
