"""What the buttons of the form add, each with something to begin with. Runs at the workbench."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from rules.reading import Path, read_yaml
from web.console.rulesets.editing import splice
from web.console.rulesets.editing.conditions import Wrong, first_test, kind_of
from web.console.rulesets.editing.form import types_of
from web.console.rulesets.editing.kinds import SILENCE, begins, ends
from web.console.rulesets.editing.placing import NoSuchPlace
from web.console.rulesets.editing.splice import Spliced
from web.console.rulesets.editing.values import at, get, items, named
from web.console.rulesets.editing.values import text as said_at

NEW_CASE = {"category": "resident-request", "priority": "normal", "tier": "committee", "handler": "committee"}
NAME = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
TYPE = re.compile(r"^[a-z][a-z0-9_.-]{0,79}$")
LONGEST_LABEL = 40  # characters
HOURS = "hours"  # no name for a signal
UNITS = ("committee", "property", "grid", "urban-operations")
New = Mapping[str, Any]


@dataclass(frozen=True)
class Pressed:
    """The text after a button; `at`: the part of the form to look at then, where it is another than the button's."""

    made: Spliced
    at: str = ""


def signal(text: str, _: Path, new: New) -> Pressed:
    """`type`, and, of a type that others listen to, its `label` and `fields`."""
    whole = read_yaml(text, "").value
    type_ = str(new.get("other") or new.get("type") or "").strip()
    if not TYPE.match(type_):
        raise Wrong("n:other", "type")
    name = _free(re.sub(r"\W", "_", type_), {*_names(whole), HOURS})
    fields = {
        field: {key: value for key, value in about.items() if value}
        for field, about in (new.get("fields") or {}).items()
        if NAME.match(field)
    }
    made = {"type": type_, "key": "device", "late": "10s", **_label(new), "fields": fields}
    return Pressed(splice.put(text, ("signals", name), made), f"signal-{name}")


def field(text: str, path: Path, new: New) -> Pressed:
    """`name`, `type`, `label` and `unit` of a field of the signal at `path`."""
    name = str(new.get("name") or "").strip()
    here = at(read_yaml(text, "").value, path)
    if not NAME.match(name):
        raise Wrong("n:name", "name")
    if name in (get(here, "fields") or ()) or name in (get(here, "derive") or ()) or name == "phase":
        raise Wrong("n:name", "taken")
    words = {key: str(new.get(key) or "").strip() for key in ("label", "unit")}
    type_ = new["type"] if new.get("type") in ("number", "boolean", "string") else "number"
    made = {"type": type_, **{key: value for key, value in words.items() if value}}
    return Pressed(splice.put(text, (*path, "fields", name), made))


def derived(text: str, path: Path, _: New) -> Pressed:
    """How fast the first number of the signal at `path` changes; its author says what else."""
    here = at(read_yaml(text, "").value, path)
    of = next(
        (
            name
            for name, one in named(here, "fields")
            if (one if isinstance(one, str) else get(one, "type")) == "number"
        ),
        None,
    )
    if of is None:
        raise NoSuchPlace(path)
    taken = {*(get(here, "fields") or ()), *(get(here, "derive") or ())}
    made = {"rate": of, "over": "10m", "per": "1m"}
    return Pressed(splice.put(text, (*path, "derive", _free(f"{of}_derived", taken)), made))


def hours(text: str, _: Path, new: New) -> Pressed:
    name = _free("period", {name for name, _ in named(read_yaml(text, "").value, "hours")}, numbered=True)
    made = {"from": "22:00", "to": "06:00", **_label(new)}
    return Pressed(_in_order(text, "hours", name, made), f"hours-{name}")


def detection(text: str, _: Path, new: New) -> Pressed:
    """Of the signal `of`, going on as `kind` says, called `label`."""
    whole = read_yaml(text, "").value
    of, kind = str(new.get("of") or ""), new.get("kind")
    if of not in (get(whole, "signals") or ()):
        raise NoSuchPlace(of)
    enter = {of: {"silent": SILENCE}} if kind == "silence" else begins(whole, of)
    made: dict[str, Any] = {**_label(new), "enter": enter}
    if kind == "once":
        made["once"] = True
    elif kind != "silence":
        made["exit"] = ends(enter, of)
    word = "silent" if kind == "silence" else next(iter(enter)).rpartition(".")[2]
    name = _free(f"{of}_{word}", {*_names(whole), HOURS})
    return Pressed(splice.put(text, ("perceive", name), made), f"perceive-{name}")


def fact(text: str, __: Path, new: New) -> Pressed:
    """`what`: `count:over`, `distinct:over`, `latest:weather.level` or `hour:`; called `label`."""
    whole = read_yaml(text, "").value
    kind, _, of = str(new.get("what") or "").partition(":")
    around = {"within": "7d" if kind == "count" else "1d", "by": "place.building"}
    if kind == "hour":
        word, made = "began_hour", {"hour": "began"}
    elif kind in ("count", "distinct", "latest") and of:
        word, made = f"{of.replace('.', '_')}_{'7d' if kind == 'count' else kind}", {kind: of, **around}
    else:
        raise NoSuchPlace(kind)
    name = _free(word, {*_names(whole), HOURS})
    return Pressed(_in_order(text, "facts", name, {**made, **_label(new)}), f"fact-{name}")


def rule(text: str, _: Path, __: New) -> Pressed:
    """A new rule stands first, so that it can win; its author moves it where it belongs."""
    whole = read_yaml(text, "").value
    made = {**_new_rule(whole), "if": first_test(types_of(whole), refs(whole)), "then": dict(NEW_CASE)}
    return Pressed(splice.prepend(text, ("classify",), made), "rule-0")


def row(text: str, _: Path, __: New) -> Pressed:
    """A new row of a decision table stands first, and asks of its first column what is asked most often."""
    whole = read_yaml(text, "").value
    columns = items(whole["classify"], "columns")
    asked = next(iter(first_test(types_of(whole), columns).values()))
    first = next(iter(asked.values())) if next(iter(asked)) in ("is", "eq") else asked
    when = [first, *["any"] * (len(columns) - 1)]
    made = {**_new_rule(whole), "when": when, "then": dict(NEW_CASE)}
    return Pressed(splice.prepend(text, ("classify", "rows"), made))


def rule_id(whole: Any) -> str:
    rules = get(whole, "classify")
    listed = rules if isinstance(rules, list) else items(rules, "rows")
    known = {said_at(one, "id") for one in listed}
    return next(f"rule-{n}" for n in range(1, 10_000) if f"rule-{n}" not in known)


def _new_rule(whole: Any) -> dict[str, str]:
    """Its author finds it by a label from the first, and changes that."""
    id_ = rule_id(whole)
    return {"id": id_, "label": id_.replace("rule-", "规则 ")}


def refs(whole: Any) -> list[str]:
    """What a rule may look at, detections first."""
    types = types_of(whole)
    return sorted((ref for ref, kind in types.items() if kind != "signal"), key=lambda ref: types[ref] != "detection")


def rung(text: str, path: Path, _: New) -> Pressed:
    more = bool(items(at(read_yaml(text, "").value, path), "escalate"))
    made = {"after": "30m", "to": "brain"} if more else {"at": "80%", "to": "holder"}
    return Pressed(_appended(text, (*path, "escalate"), made))


def correlation(text: str, path: Path, new: New) -> Pressed:
    made = {"with": str(new.get("with") or "power-outage"), "by": "place.building", "as": "mute"}
    return Pressed(_appended(text, (*path, "correlate"), made))


def unit(text: str, path: Path, _: New) -> Pressed:
    """One more of the units that are told (`inform`) or act beside the handler (`parties`)."""
    known = at(read_yaml(text, "").value, path) or []
    return Pressed(_appended(text, path, next((one for one in UNITS if one not in known), UNITS[0])))


def child(text: str, path: Path, _: New) -> Pressed:
    then = at(read_yaml(text, "").value, path)
    known = {said_at(one, "matter") for one in items(then, "children")}
    matter = next(f"part-{n}" for n in range(1, 10_000) if f"part-{n}" not in known)
    made = {"category": said_at(then, "category"), "matter": matter, "handler": said_at(then, "handler")}
    return Pressed(_appended(text, (*path, "children"), made))


def test(text: str, _: Path, __: New) -> Pressed:
    """Like the last one."""
    tests = items(read_yaml(text, "").value, "tests")
    last = tests[-1] if tests else {"feed": [{"at": "0s"}], "expect": {"cases": 0}}
    made = {**last, "name": f"{last.get('name', '')} 2".strip()}
    return Pressed(_appended(text, ("tests",), made), f"test-part-{len(tests)}")


def fed(text: str, path: Path, _: New) -> Pressed:
    """One more row at the end of a test's feed: the last part of `path` names the signal, `-`: only time passes."""
    whole = read_yaml(text, "").value
    *place, name = path
    rows = at(whole, tuple(place)) or []
    last = next((one for one in reversed(rows) if isinstance(one, dict) and name in one), {})
    before = rows[-1] if rows and isinstance(rows[-1], dict) else {}
    made: dict[str, Any] = {"at": "10m" if rows else "0s"}
    if name in ("opened", "closed") and name not in (get(whole, "signals") or ()):
        made[str(name)] = str(get(whole, "ruleset"))
    elif name != "-":
        made |= {key: before[key] for key in ("device", "place") if key in before}
        made[str(name)] = last.get(name) or _spoken(whole, str(name))
    return Pressed(_appended(text, tuple(place), made))


def _spoken(whole: Any, name: str) -> dict[str, Any]:
    """Something for each field of a signal to say."""
    usual = {"number": 1, "boolean": True, "string": ""}
    fields = named(get(get(whole, "signals"), name), "fields")
    types = types_of(whole)
    return {field_: usual[kind_of(f"{name}.{field_}", types)] for field_, _ in fields} or {"phase": "start"}


def _label(new: New) -> dict[str, str]:
    """What people call the new one, if its author said so."""
    label = str(new.get("label") or "").strip()[:LONGEST_LABEL]
    return {"label": label} if label else {}


def _names(whole: Any) -> set[str]:
    """Signals, detections and facts, which conditions name alike."""
    return {name for part in ("signals", "perceive", "facts") for name, _ in named(whole, part)}


def _free(word: str, taken: Collection[str], *, numbered: bool = False) -> str:
    word = word[:36]
    names = ([] if numbered else [word]) + [f"{word}_{n}" for n in range(1 if numbered else 2, 1000)]
    return next(name for name in names if name not in taken)


def _appended(text: str, path: Path, value: Any) -> Spliced:
    if isinstance(at(read_yaml(text, "").value, path), list):
        return splice.append(text, path, value)
    return splice.put(text, path, [value])


def _in_order(text: str, part: str, name: str, value: Any) -> Spliced:
    """A first one of `hours` or `facts` stands where an author looks for it."""
    if at(read_yaml(text, "").value, (part,)) is not None:
        return splice.put(text, (part, name), value)
    return splice.insert(text, {"hours": "signals", "facts": "classify"}[part], part, {name: value})
