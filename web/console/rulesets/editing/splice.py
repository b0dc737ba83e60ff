"""One place of a YAML text changed, the rest of it as its author wrote it: comments, order, line breaks.

Every change is read again afterwards; where the text would not say what was meant, the whole is written anew, which
loses the comments (`Spliced.kept` says so).
"""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import yaml

from rules.problems import RulesetInvalid
from rules.reading import Path, read_yaml

WIDEST = 110  # characters of a line before a collection is broken into several
STEP = 2  # spaces


class NoSuchPlace(ValueError):
    """The text has nothing there (any more)."""


@dataclass(frozen=True)
class Spliced:
    """`kept`: the comments and the layout are as they were."""

    text: str
    kept: bool


def put(text: str, path: Path, value: Any) -> Spliced:
    """The value at `path` is `value`; a key that is not there is added."""
    return _checked(text, lambda whole: _put(whole, path, value), lambda: _put_text(text, path, value))


def remove(text: str, path: Path) -> Spliced:
    def apart(whole: Any) -> None:
        del _parent(whole, path)[path[-1]]

    return _checked(text, apart, lambda: _remove_text(text, path))


def append(text: str, path: Path, value: Any) -> Spliced:
    """One more at the end of the list at `path`."""

    def more(whole: Any) -> None:
        _at(whole, path).append(value)

    return _checked(text, more, lambda: _append_text(text, path, value))


def move(text: str, path: Path, by: int) -> Spliced:
    """The item at `path` changes places with the one `by` further; at the ends nothing moves."""
    index = path[-1]
    value = read_yaml(text, "").value
    items = _at(value, path[:-1])
    if not isinstance(index, int) or not isinstance(items, list):
        raise NoSuchPlace(path)
    other = index + by
    if not 0 <= other < len(items) or not 0 <= index < len(items):
        return Spliced(text, kept=True)

    def swapped(whole: Any) -> None:
        here = _at(whole, path[:-1])
        here[index], here[other] = here[other], here[index]

    return _checked(text, swapped, lambda: _swap_text(text, path[:-1], *sorted((index, other))))


def _checked(text: str, change: Callable[[Any], None], splice: Callable[[], str]) -> Spliced:
    wanted = deepcopy(read_yaml(text, "").value)
    try:
        change(wanted)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise NoSuchPlace(str(error)) from None
    try:
        made = splice()
        if read_yaml(made, "").value == wanted:
            return Spliced(made, kept=True)
    except (RulesetInvalid, NoSuchPlace):
        pass
    return Spliced(written(wanted), kept=False)


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _parent(value: Any, path: Path) -> Any:
    return _at(value, path[:-1])


def _put(whole: Any, path: Path, value: Any) -> None:
    here = whole
    for part in path[:-1]:
        if isinstance(here, dict):
            here.setdefault(part, {})
        here = here[part]
    here[path[-1]] = value


# How values are written -------------------------------------------------------------------------------------------
def flow(value: Any) -> str:
    """On one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return _plain(value)
    return "null" if value is None else json.dumps(value)


def _plain(text: str) -> str:
    """Without quotes where it reads as the same text, also inside brackets."""
    quoted = json.dumps(text, ensure_ascii=False)
    if not text or "\n" in text or any(sign in text for sign in "{}[],#\"'&*!|>%@`\\") or ": " in text:
        return quoted
    try:
        return (
            text if read_yaml(f"a: [{text}]\nb: {{{text}: 1}}\n", "").value == {"a": [text], "b": {text: 1}} else quoted
        )
    except RulesetInvalid:
        return quoted


def written(value: dict[str, Any], indent: int = 0) -> str:
    """A mapping on lines of its own; what fits on a line stands on one."""
    return "".join(_entry(key, one, indent) for key, one in value.items())


def _entry(key: str, value: Any, indent: int) -> str:
    head = " " * indent + flow(key) + ":"
    short = flow(value)
    if not isinstance(value, dict | list | tuple) or not value or (indent and len(head) + len(short) < WIDEST):
        return f"{head} {short}\n"
    if isinstance(value, dict):
        return f"{head}\n{written(value, indent + STEP)}"
    return f"{head}\n" + "".join(_item(one, indent + STEP) for one in value)


def _item(value: Any, indent: int) -> str:
    lead = " " * indent + "- "
    short = flow(value)
    if not isinstance(value, dict) or not value or len(lead) + len(short) < WIDEST:
        return f"{lead}{short}\n"
    return lead + written(value, indent + STEP)[indent + STEP :]


# Where things stand in the text -----------------------------------------------------------------------------------
def _compose(text: str) -> yaml.CollectionNode:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        raise NoSuchPlace("-")
    return node


def _find(node: yaml.Node, path: Path) -> yaml.Node:
    for part in path:
        node = _child(node, part)[1]
    return node


def _collection(root: yaml.Node, path: Path) -> yaml.CollectionNode:
    node = _find(root, path)
    if not isinstance(node, yaml.CollectionNode):
        raise NoSuchPlace(path)
    return node


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node]:
    """Where an entry begins (its key, or the item itself), and its value."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
        return node.value[part], node.value[part]
    raise NoSuchPlace(part)


def _parts(node: yaml.Node) -> list[tuple[int, int]]:
    """From where to where the entries of a collection reach, without what stands between them."""
    if isinstance(node, yaml.MappingNode):
        return [(key.start_mark.index, _end(value)) for key, value in node.value]
    return [(item.start_mark.index, _end(item)) for item in node.value]


def _end(node: yaml.Node) -> int:
    """A block ends where its last entry does, not where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """After the line break."""
    if index and text[index - 1 : index] == "\n":
        return index
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


# Changes of the text ----------------------------------------------------------------------------------------------
def _put_text(text: str, path: Path, value: Any) -> str:
    root = _compose(text)
    try:
        node = _find(root, path)
    except NoSuchPlace:
        return _add_key(text, root, path, value)
    start, end = int(node.start_mark.index), _end(node)
    if start == end:  # nothing stands there: `key:`
        return f"{text[:start]} {flow(value)}{text[end:]}"
    parent = _collection(root, path[:-1])
    short = flow(value)
    one_line = parent.flow_style or not isinstance(value, dict | list) or not value or len(short) < WIDEST // 2
    if one_line or isinstance(path[-1], int):
        return text[:start] + short + text[end:]
    key = _child(parent, path[-1])[0]
    entry = _entry(str(path[-1]), value, key.start_mark.column).strip("\n")
    return text[: key.start_mark.index] + entry.lstrip(" ") + text[end:]


def _add_key(text: str, root: yaml.Node, path: Path, value: Any) -> str:
    """The deepest mapping of `path` that is there gets what is missing."""
    there = len(path) - 1
    while True:
        try:
            node = _find(root, path[:there])
            break
        except NoSuchPlace:
            there -= 1
    for part in reversed(path[there + 1 :]):
        value = {part: value}
    if not isinstance(node, yaml.MappingNode):
        return _put_text(text, path[:there], {path[there]: value})
    if node.flow_style:
        at = _parts(node)[-1][1] if node.value else node.start_mark.index + 1
        return f"{text[:at]}{', ' if node.value else ''}{flow(path[there])}: {flow(value)}{text[at:]}"
    indent = node.value[0][0].start_mark.column
    return _with_line(text, _parts(node)[-1][1], _entry(str(path[there]), value, indent))


def _append_text(text: str, path: Path, value: Any) -> str:
    node = _find(_compose(text), path)
    if not isinstance(node, yaml.SequenceNode):
        raise NoSuchPlace(path)
    if node.flow_style:
        at = _parts(node)[-1][1] if node.value else node.start_mark.index + 1
        if not node.value and isinstance(value, dict):
            return text[: node.start_mark.index] + "\n" + _item(value, STEP).rstrip("\n") + text[_end(node) :]
        return f"{text[:at]}{', ' if node.value else ''}{flow(value)}{text[at:]}"
    return _with_line(text, _parts(node)[-1][1], _item(value, node.start_mark.column))


def _with_line(text: str, after: int, line: str) -> str:
    at = _line_end(text, after)
    return f"{text[:at]}{'' if text[at - 1 : at] == chr(10) else chr(10)}{line}{text[at:]}"


def _remove_text(text: str, path: Path) -> str:
    node = _collection(_compose(text), path[:-1])
    _child(node, path[-1])
    parts = _parts(node)
    keys = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else list(range(len(parts)))
    here = keys.index(path[-1])
    if node.flow_style or len(parts) == 1:
        if len(parts) == 1:
            return (
                text[: node.start_mark.index]
                + ("{}" if isinstance(node, yaml.MappingNode) else "[]")
                + text[_end(node) :]
            )
        if here + 1 < len(parts):
            return text[: parts[here][0]] + text[parts[here + 1][0] :]
        return text[: parts[here - 1][1]] + text[parts[here][1] :]
    if here == 0 and isinstance(node, yaml.MappingNode):
        return text[: parts[0][0]] + text[parts[1][0] :]  # the dash of a list may stand before it
    return text[: _line_start(text, parts[here][0])] + text[_line_end(text, parts[here][1]) :]


def _swap_text(text: str, path: Path, first: int, second: int) -> str:
    node = _collection(_compose(text), path)
    parts = _parts(node)
    if node.flow_style:
        (a, b), (c, d) = parts[first], parts[second]
        return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
    starts = [_line_start(text, start) for start, _ in parts]
    ends = [*starts[1:], _line_end(text, parts[-1][1])]
    if not text.endswith("\n"):
        text, ends[-1] = text + "\n", ends[-1] + 1
    a, b, c, d = starts[first], ends[first], starts[second], ends[second]
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
