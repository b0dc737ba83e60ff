"""Decision tables: columns come and go, rules become a table and a table rules. Runs at the workbench."""

from collections.abc import Callable
from typing import Any

from rules.reading import Path, read_yaml
from web.console.rulesets.editing import splice
from web.console.rulesets.editing.adding import New, Pressed, refs
from web.console.rulesets.editing.conditions import ANY, kind_of
from web.console.rulesets.editing.deciding import cells_of
from web.console.rulesets.editing.form import types_of
from web.console.rulesets.editing.placing import NoSuchPlace
from web.console.rulesets.editing.splice import Spliced
from web.console.rulesets.editing.values import at, get, items

FEWEST = 1  # columns of a table
MOST = 20


def column(text: str, _: Path, __: New) -> Pressed:
    """One more column, of what no other looks at; every row says `any` of it."""
    whole = read_yaml(text, "").value
    columns = items(whole["classify"], "columns")
    name = next((ref for ref in refs(whole) if ref not in columns), None)
    if name is None or len(columns) >= MOST:
        raise NoSuchPlace("columns")
    made = splice.append(text, ("classify", "columns"), name)
    return Pressed(_each_row(made, lambda text_, path: splice.append(text_, path, ANY)))


def without_column(text: str, path: Path, _: New) -> Pressed:
    index = path[-1]
    if len(items(read_yaml(text, "").value["classify"], "columns")) <= FEWEST:
        raise NoSuchPlace(path)
    made = splice.remove(text, ("classify", "columns", index))
    return Pressed(_each_row(made, lambda text_, row: splice.remove(text_, (*row, index))))


def moved_column(text: str, path: Path, _: New) -> Pressed:
    """One place to the left."""
    index = path[-1]
    made = splice.move(text, ("classify", "columns", index), -1)
    return Pressed(_each_row(made, lambda text_, row: splice.move(text_, (*row, index), -1)))


def _each_row(made: Spliced, change: Callable[[str, Path], Spliced]) -> Spliced:
    for row in range(len(items(read_yaml(made.text, "").value["classify"], "rows"))):
        made = made.then(change(made.text, ("classify", "rows", row, "when")))
    return made


def to_table(text: str, _: Path, __: New) -> Pressed:
    """The same rules as a decision table. Raises NoSuchPlace where one of them does not fit into a row."""
    rules = items(read_yaml(text, "").value, "classify")
    rows = [cells_of(get(rule, "if")) for rule in rules]
    if not rows or any(row is None for row in rows):
        raise NoSuchPlace("classify")
    asked = [row for row in rows if row is not None]
    columns = list(dict.fromkeys(name for row in asked for name in row)) or refs(read_yaml(text, "").value)[:1]
    made = Spliced(text, kept=True)
    for n, row in enumerate(asked):
        when = [row.get(name, ANY) for name in columns]
        made = _renamed(made, ("classify", n), "if", "when", when)
    return Pressed(made.then(splice.wrap(made.text, ("classify",), {"columns": columns}, "rows")), "table")


def to_rules(text: str, _: Path, __: New) -> Pressed:
    """The same table as rules, each with its cells as one condition."""
    whole = read_yaml(text, "").value
    types, columns = types_of(whole), items(whole["classify"], "columns")
    made = Spliced(text, kept=True)
    for n, row in enumerate(items(whole["classify"], "rows")):
        asked = [
            {name: _asked(cell, kind_of(name, types))}
            for name, cell in zip(columns, items(row, "when"), strict=True)
            if cell != ANY
        ]
        condition = None if not asked else asked[0] if len(asked) == 1 else {"all": asked}
        made = _renamed(made, ("classify", "rows", n), "when", "if", condition)
    return Pressed(made.then(splice.unwrap(made.text, ("classify",), "rows")), "rule-0")


def _asked(cell: Any, kind: str) -> Any:
    if isinstance(cell, dict):
        return cell
    return {"is" if kind == "detection" else "eq": cell}


def _renamed(made: Spliced, path: Path, old: str, new: str, value: Any) -> Spliced:
    """The word `old` of the rule at `path` becomes `new`, saying `value`; None: it says nothing any more."""
    there = old in at(read_yaml(made.text, "").value, path)
    if value is None:
        return made.then(splice.remove(made.text, (*path, old))) if there else made
    if not there:
        return made.then(splice.put(made.text, (*path, new), value))
    made = made.then(splice.put(made.text, (*path, old), value))
    return made.then(splice.rename(made.text, (*path, old), new))
