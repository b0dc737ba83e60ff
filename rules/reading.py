"""YAML as data only: no aliases, no tags, no second value for a key, and every value knows its line."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

import yaml

from rules.problems import Problem, RulesetInvalid

MOST_BYTES = 256 * 1024
DEEPEST = 40
Path = tuple[str | int, ...]
_LONGEST_INTEGER = 19
_SAFE = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Document:
    """What a YAML file says, and on which line each part of it stands."""

    file: str
    value: dict[str, Any]
    lines: dict[Path, int]

    def line_of(self, path: Path) -> int:
        """The line of `path`, or of the deepest part of it that is written down."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, reason: str, fix: str = "", code: str = "invalid") -> Problem:
        return Problem(self.file, self.line_of(path), ".".join(map(str, path)) or "-", reason, fix, code)


def read_yaml(text: str, file: str) -> Document:
    """Reads one mapping; raises RulesetInvalid with the line of what is not plain data."""
    if len(text.encode()) > MOST_BYTES:
        raise RulesetInvalid([Problem(file, 1, "-", f"larger than {MOST_BYTES // 1024} kB")])
    try:
        _refuse_references(text, file)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark is not None else 1
        raise RulesetInvalid([Problem(file, line, "-", f"not YAML: {error.problem}")]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise RulesetInvalid([Problem(file, 1, "-", f"not YAML: {type(error).__name__}")]) from None
    if not isinstance(node, yaml.MappingNode):
        raise RulesetInvalid([Problem(file, 1, "-", "expected a mapping")])
    lines: dict[Path, int] = {}
    value = _Plain(file, lines).value(node, ())
    assert isinstance(value, dict)  # noqa: S101 - a mapping node gives a dict
    return Document(file, value, lines)


def _refuse_references(text: str, file: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise RulesetInvalid([Problem(file, line, "-", "anchors and aliases are not allowed", "write it out")])
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise RulesetInvalid([Problem(file, line, "-", f"nested deeper than {DEEPEST}")])


class _Plain:
    def __init__(self, file: str, lines: dict[Path, int]) -> None:
        self.file = file
        self.lines = lines

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            self._only_standard(node, path)
            return [self.value(part, (*path, index)) for index, part in enumerate(node.value)]
        self._only_standard(node, path)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        self._only_standard(node, path)
        found: dict[str, Any] = {}
        for name, part in node.value:
            line = name.start_mark.line + 1
            if not isinstance(name, yaml.ScalarNode):
                raise self._fault(line, path, "expected a plain name as key")
            key = name.value
            if key in found:
                raise self._fault(line, (*path, key), "given twice")
            self.lines[(*path, key)] = line
            found[key] = self.value(part, (*path, key))
        return found

    def _only_standard(self, node: yaml.Node, path: Path) -> None:
        kind = node.tag.removeprefix(_SAFE)
        if kind not in {"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value", "merge"}:
            raise self._fault(node.start_mark.line + 1, path, f"tag {node.tag!r} is not allowed")

    def _scalar(self, node: yaml.Node) -> Any:
        """YAML 1.2's scalars: `on`, `22:30` and `2026-01-01` are words, not a truth, a number or a date."""
        text: str = node.value
        match node.tag.removeprefix(_SAFE):
            case "null" if text in {"", "~", "null"}:
                return None
            case "bool" if text in {"true", "false"}:
                return text == "true"
            case "int" if text.lstrip("+-").isdecimal() and len(text) < _LONGEST_INTEGER:
                return int(text)
            case "float" if ":" not in text:
                return _number(text)
        return text

    def _fault(self, line: int, path: Path, reason: str) -> RulesetInvalid:
        return RulesetInvalid([Problem(self.file, line, ".".join(map(str, path)) or "-", reason)])


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if isfinite(number) else text
