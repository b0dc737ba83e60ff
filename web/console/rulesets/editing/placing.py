"""Where things stand in a YAML text, and one of them changed there; nothing else of the text moves.

Whoever calls reads the text again: a layout that is not foreseen here may come out as something else.
"""

from typing import Any

import yaml

from rules.reading import Path
from web.console.rulesets.editing.writing import STEP, WIDEST, entry, flow, item


class NoSuchPlace(ValueError):
    """The text has nothing there (any more)."""


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


def put(text: str, path: Path, value: Any) -> str:
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
    lines = entry(str(path[-1]), value, key.start_mark.column).strip("\n")
    return text[: key.start_mark.index] + lines.lstrip(" ") + text[end:]


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
        return put(text, path[:there], {path[there]: value})
    if node.flow_style:
        at = _parts(node)[-1][1] if node.value else node.start_mark.index + 1
        return f"{text[:at]}{', ' if node.value else ''}{flow(path[there])}: {flow(value)}{text[at:]}"
    indent = node.value[0][0].start_mark.column
    return _with_line(text, _parts(node)[-1][1], entry(str(path[there]), value, indent))


def append(text: str, path: Path, value: Any) -> str:
    node = _find(_compose(text), path)
    if not isinstance(node, yaml.SequenceNode):
        raise NoSuchPlace(path)
    if node.flow_style:
        at = _parts(node)[-1][1] if node.value else node.start_mark.index + 1
        if not node.value and isinstance(value, dict):
            return text[: node.start_mark.index] + "\n" + item(value, STEP).rstrip("\n") + text[_end(node) :]
        return f"{text[:at]}{', ' if node.value else ''}{flow(value)}{text[at:]}"
    return _with_line(text, _parts(node)[-1][1], item(value, node.start_mark.column))


def prepend(text: str, path: Path, value: Any) -> str:
    node = _collection(_compose(text), path)
    if not node.value:
        return append(text, path, value)
    start = _parts(node)[0][0]
    if node.flow_style:
        return f"{text[:start]}{flow(value)}, {text[start:]}"
    at = _line_start(text, start)
    return f"{text[:at]}{item(value, node.start_mark.column)}{text[at:]}"


def _with_line(text: str, after: int, line: str) -> str:
    at = _line_end(text, after)
    return f"{text[:at]}{'' if text[at - 1 : at] == chr(10) else chr(10)}{line}{text[at:]}"


def remove(text: str, path: Path) -> str:
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


def swap(text: str, path: Path, first: int, second: int) -> str:
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


def insert(text: str, before: str, key: str, value: Any) -> str:
    root = _compose(text)
    keys = [one.value for one, _ in root.value]
    here = keys.index(before) if before in keys else len(keys)
    if not here:
        raise NoSuchPlace(before)
    return _with_line(text, _parts(root)[here - 1][1], entry(key, value, 0))


def rename(text: str, path: Path, key: str) -> str:
    old = _child(_collection(_compose(text), path[:-1]), path[-1])[0]
    return text[: old.start_mark.index] + flow(key) + text[old.end_mark.index :]


def wrap(text: str, path: Path, beside: dict[str, Any], key: str) -> str:
    """Items may stand in the column of their key, so their lines need not move, unless there is no room before them."""
    root = _compose(text)
    node, head = _collection(root, path), _child(_collection(root, path[:-1]), path[-1])[0]
    if node.flow_style:
        raise NoSuchPlace(path)
    indent = head.start_mark.column + STEP
    start, end = _line_end(text, head.end_mark.index), _line_end(text, _end(node))
    body = text[start:end]
    if node.start_mark.column < indent:
        body = "".join(f"{' ' * STEP if line.strip() else ''}{line}" for line in body.splitlines(keepends=True))
    words = "".join(entry(name, value, indent) for name, value in beside.items())
    return f"{text[:start]}{words}{' ' * indent}{key}:\n{body}{text[end:]}"


def unwrap(text: str, path: Path, key: str) -> str:
    head = _child(_collection(_compose(text), path), key)[0]
    return text[: _line_start(text, head.start_mark.index)] + text[_line_end(text, head.end_mark.index) :]
