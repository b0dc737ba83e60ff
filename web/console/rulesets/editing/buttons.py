"""What each button of the form does to the YAML. Runs at the workbench."""

from collections.abc import Callable, Mapping
from typing import Any

from rules.reading import Path, read_yaml
from web.console.rulesets.editing import adding, splice, tables
from web.console.rulesets.editing.adding import New, Pressed
from web.console.rulesets.editing.conditions import GROUPS, Wrong, first_test, names_in
from web.console.rulesets.editing.form import types_of
from web.console.rulesets.editing.placing import NoSuchPlace
from web.console.rulesets.editing.uses import users_of
from web.console.rulesets.editing.values import at, is_there, place_of

NEEDED = {("signals",), ("perceive",), ("classify",), ("classify", "rows")}  # at least one of them
OPTIONAL = {("facts",), ("hours",), ("tests",)}


def remove(text: str, path: Path, _: New) -> Pressed:
    """Takes away what nobody needs. A test of a condition leaves its group; with the last one the group goes."""
    whole = read_yaml(text, "").value
    if not is_there(whole, path):  # pressed twice, or removed in another window
        raise NoSuchPlace(path)
    if users := users_of(whole, path):
        raise Wrong(f"remove:{place_of(path)}", "used", users)
    siblings = at(whole, path[:-1])
    if path[-2:-1] and path[-2] in GROUPS and isinstance(siblings, list) and len(siblings) == 2:  # noqa: PLR2004
        return Pressed(splice.put(text, path[:-2], siblings[1 - int(path[-1])]))
    if path[-1] == "not":
        return remove(text, path[:-1], {})
    if siblings is not None and len(siblings) == 1 and path[0] != "tests":
        if path[:-1] in NEEDED:
            raise Wrong(f"remove:{place_of(path)}", "last")
        if path[-2] in GROUPS:
            return remove(text, path[:-2], {})
        if path[:-1] in OPTIONAL or isinstance(siblings, list) or path[-2] == "derive":
            return Pressed(splice.remove(text, path[:-1]))
    return Pressed(splice.remove(text, path))


def moved(text: str, path: Path, by: int) -> Pressed:
    index = int(path[-1])
    others = at(read_yaml(text, "").value, path[:-1]) or []
    to = min(max(index + by, 0), len(others) - 1)
    part = {"classify": "rule", "tests": "test-part"}.get(str(path[0]), "") if len(path) == 2 else ""  # noqa: PLR2004
    return Pressed(splice.move(text, path, by), f"{part}-{to}" if part else "")


def joined(text: str, path: Path, group: str) -> Pressed:
    """One more test beside what stands at `path`."""
    here = at(read_yaml(text, "").value, path)
    more = _one_more(text, path)
    if isinstance(here, dict) and isinstance(here.get(group), list):
        return Pressed(splice.append(text, (*path, group), more))
    if path[-2:-1] == (group,):
        return Pressed(splice.append(text, path[:-1], more))
    return Pressed(splice.put(text, path, {group: [here, more]}))


def negated(text: str, path: Path, _: New) -> Pressed:
    here = at(read_yaml(text, "").value, path)
    if not isinstance(here, dict):
        raise NoSuchPlace(path)
    return Pressed(splice.put(text, path, here["not"] if list(here) == ["not"] else {"not": here}))


def condition(text: str, path: Path, _: New) -> Pressed:
    return Pressed(splice.put(text, path, _one_more(text, path)))


def _one_more(text: str, path: Path) -> dict[str, Any]:
    """A test like those around it: of the same signal in `perceive`, of a detection or a fact in `classify`."""
    whole = read_yaml(text, "").value
    types = types_of(whole)
    if path[0] == "classify":
        used = names_in(at(whole, (*path[:2], "if")))
        among = sorted(adding.refs(whole), key=lambda ref: ref in used)
        return first_test(types, among)
    used = names_in(at(whole, path[:2]) and [at(whole, (*path[:2], part)) for part in ("enter", "exit")])
    signals = {ref.partition(".")[0] for ref in used if not ref.startswith("hours.")}
    own = [ref for ref in types if "." in ref and ref.partition(".")[0] in signals and not ref.endswith(".phase")]
    return first_test(types, sorted(own, key=lambda ref: ref in used) or [ref for ref in types if "." in ref])


BUTTONS: Mapping[str, Callable[[str, Path, New], Pressed]] = {
    "up": lambda text, path, _: moved(text, path, -1),
    "down": lambda text, path, _: moved(text, path, 1),
    "remove": remove,
    "and": lambda text, path, _: joined(text, path, "all"),
    "or": lambda text, path, _: joined(text, path, "any"),
    "not": negated,
    "condition": condition,
    "signal": adding.signal,
    "field": adding.field,
    "derived": adding.derived,
    "hours": adding.hours,
    "detection": adding.detection,
    "fact": adding.fact,
    "rule": adding.rule,
    "row": adding.row,
    "rung": adding.rung,
    "correlation": adding.correlation,
    "unit": adding.unit,
    "child": adding.child,
    "test": adding.test,
    "fed": adding.fed,
    "column": tables.column,
    "without-column": tables.without_column,
    "left": tables.moved_column,
    "table": tables.to_table,
    "rules": tables.to_rules,
}
