"""Plain data of a ruleset's YAML as a field of the form holds it, and what of it no field does. At the workbench."""

from collections.abc import Collection
from typing import Any

from rules.reading import DEEPEST, Document, Path
from web.console.rulesets.editing.writing import flow

LONGEST = 200  # characters of what is only shown


def said(value: Any) -> str:
    """A value as a field of the form holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "、".join(map(said, value))
    return "" if value is None else str(value)


def get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def text(value: Any, key: str) -> str:
    found = get(value, key)
    return "" if isinstance(found, dict | list) else said(found)


def named(value: Any, key: str) -> list[tuple[str, Any]]:
    """What has a name there. A name that the form cannot send back (`a/b`, `24`) is none of the language either."""
    found = get(value, key)
    return [(name, one) for name, one in found.items() if is_name(name)] if isinstance(found, dict) else []


def is_name(key: str) -> bool:
    return bool(key) and not key.isdecimal() and not {"/", ":"} & set(key)


def keys_of(value: Any) -> set[str]:
    """What is said there at all."""
    return set(value) if isinstance(value, dict) else set()


def items(value: Any, key: str) -> list[Any]:
    found = get(value, key)
    return found if isinstance(found, list) else []


def at(value: Any, path: Path) -> Any:
    """What stands there; None: nothing."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
            value = value[part]
        else:
            return None
    return value


def is_there(value: Any, path: Path) -> bool:
    """Also where nothing is said yet (`key:`)."""
    parent = at(value, path[:-1])
    if isinstance(parent, list):
        return isinstance(path[-1], int) and path[-1] < len(parent)
    return isinstance(parent, dict) and path[-1] in parent


def path_of(place: str) -> Path:
    """`classify/0/if` as a path. Raises ValueError where no ruleset is so deep."""
    parts = [part for part in place.split("/") if part]
    if len(parts) > DEEPEST:
        raise ValueError(place[:LONGEST])
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def place_of(path: Path) -> str:
    return "/".join(map(str, path))


def left(document: Document, place: str, known: Collection[str]) -> list[dict[str, Any]]:
    """What stands at `place` and has no field of the form: its name, its text and its line."""
    path = path_of(place)
    here = at(document.value, path) if path else document.value
    if not isinstance(here, dict):
        return []
    return [only_shown(document, (*path, key), f"{key}: {flow(one)}") for key, one in here.items() if key not in known]


def only_shown(document: Document, path: Path, words: str) -> dict[str, Any]:
    short = words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
    return {"kind": "odd", "path": place_of(path), "text": short, "line": document.line_of(path)}
