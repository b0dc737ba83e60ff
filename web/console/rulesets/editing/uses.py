"""Who needs a signal, a field, a detection, a fact or a time of day, so that it is not taken away under them."""

from collections.abc import Callable
from typing import Any

from rules.reading import Path
from web.console.rulesets.editing.conditions import names_in
from web.console.rulesets.editing.form import DERIVED
from web.console.rulesets.editing.values import get, items, named, text

# `rule`, `column` (of a table), `detection`, `fact`, `derived` or `test`, and what people call it
Use = tuple[str, str]


def users_of(whole: Any, path: Path) -> list[Use]:
    """Everything that reads what stands at `path`."""
    found: list[Use] = []
    match path:
        case ("signals", str(signal)):
            found = _readers(whole, lambda ref: ref == signal or ref.startswith(f"{signal}.")) + _fed(whole, signal)
        case ("signals", str(signal), "fields", str(field)):
            found = _derived(whole, signal, field) + _readers(whole, f"{signal}.{field}".__eq__)
            found += _fed(whole, signal, field)
        case ("signals", str(signal), "derive", str(field)):
            found = _readers(whole, f"{signal}.{field}".__eq__)
        case ("hours", str(name)):
            found = _readers(whole, f"hours.{name}".__eq__)
        case ("perceive", str(name)):
            found = _readers(whole, name.__eq__) + _expected(whole, name)
        case ("facts", str(name)):
            found = _readers(whole, name.__eq__)
    return found


def _derived(whole: Any, signal: str, field: str) -> list[Use]:
    derived = named(get(get(whole, "signals"), signal), "derive")
    return [
        ("derived", text(one, "label") or name)
        for name, one in derived
        if any(text(one, how) == field for how in DERIVED)
    ]


def _expected(whole: Any, detection: str) -> list[Use]:
    tests = items(whole, "tests")
    return [("test", text(one, "name")) for one in tests if detection in (get(get(one, "expect"), "began") or ())]


def _readers(whole: Any, is_meant: Callable[[str], bool]) -> list[Use]:
    found: list[Use] = []
    for name, one in named(whole, "perceive"):
        if any(is_meant(ref) for ref in names_in([get(one, "enter"), get(one, "exit")])):
            found.append(("detection", text(one, "label") or name))
    for name, one in named(whole, "facts"):
        if any(is_meant(text(one, kind)) for kind in ("count", "distinct", "latest")):
            found.append(("fact", text(one, "label") or name))
    found += [
        ("rule", text(one, "label") or text(one, "id"))
        for one in items(whole, "classify")
        if any(is_meant(ref) for ref in names_in(get(one, "if")))
    ]
    if any(is_meant(str(ref)) for ref in items(get(whole, "classify"), "columns")):
        found.append(("column", ""))
    return found


def _fed(whole: Any, signal: str, field: str = "") -> list[Use]:
    """The tests that feed this signal, or this field of it."""
    return [("test", text(one, "name")) for one in items(whole, "tests") if _says(get(one, "feed"), signal, field)]


def _says(feed: Any, signal: str, field: str) -> bool:
    if isinstance(feed, list):
        return any(_says(one, signal, field) for one in feed)
    if not isinstance(feed, dict):
        return False
    return _says(feed.get("of"), signal, field) or (signal in feed and (not field or field in (feed[signal] or ())))
