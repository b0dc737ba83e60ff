"""YAML as data only: no aliases, no tags, no second value for a key, and every value knows its line."""

import os
from dataclasses import dataclass
from math import isfinite
from pathlib import Path as FilePath
from typing import Any

import yaml
from yaml.reader import Reader

from rules.problems import Problem, RulesetInvalid

MOST_BYTES = 256 * 1024
CODE = "not-plain"
DEEPEST = 40
MOST_VALUES = 30_000
Path = tuple[str | int, ...]
_LONGEST_INTEGER = 19
_SAFE = "tag:yaml.org,2002:"
_Loader = yaml.CSafeLoader  # libyaml: five times as fast, for those who lint as they type


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


def shown_name(path: FilePath) -> str:
    """Its name as it can be shown and kept: what is no UTF-8 in it has signs that stand for none."""
    return os.fsencode(path.name).decode(errors="replace")


def read_file(path: FilePath, most: int = MOST_BYTES) -> str:
    """The text of a file; raises RulesetInvalid where it is missing, larger than `most` bytes, or no UTF-8."""
    file = f"{shown_name(path.parent)}/{path.name}"
    try:
        if path.exists() and not path.is_file():
            raise _refused(file, 1, "-", "不是普通文件")  # a pipe would keep whoever reads it waiting for ever
        with path.open("rb") as opened:
            content = opened.read(most + 1)
    except FileNotFoundError:
        raise _refused(file, 1, "-", "缺少这个文件") from None
    except OSError as error:
        raise _refused(file, 1, "-", f"读不了：{error.strerror}") from None
    if len(content) > most:
        raise _refused(file, 1, "-", f"大于 {most // 1024} KB")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refused(file, line, "-", "不是 UTF-8 文字", "另存为 UTF-8 编码") from None


def read_yaml(text: str, file: str) -> Document:
    """Reads one mapping; raises RulesetInvalid with the line of what is not plain data."""
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise _refused(file, 1, "-", f"大于 {MOST_BYTES // 1024} KB")
    if found := Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise _refused(file, line, "-", f"有一个不能用的字符 U+{ord(found.group()):04X}", "删掉它")
    try:
        _refuse_references(text, file)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark is not None else 1
        raise _refused(file, line, "-", f"YAML 的写法不对：{error.problem}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise _refused(file, 1, "-", f"YAML 的写法不对：{type(error).__name__}") from None
    if not isinstance(node, yaml.MappingNode):
        raise _refused(file, 1, "-", "应为 {名字: 值} 这样的一份清单")
    lines: dict[Path, int] = {}
    value = _Plain(file, lines).value(node, ())
    assert isinstance(value, dict)  # noqa: S101 - a mapping node gives a dict
    return Document(file, value, lines)


def _refused(file: str, line: int, field: str, reason: str, fix: str = "") -> RulesetInvalid:
    return RulesetInvalid([Problem(file, line, field, reason, fix, CODE)])


def _refuse_references(text: str, file: str) -> None:
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(file, line, "-", "不能用 & 和 * 引用别处", "把内容写出来")
        if isinstance(event, yaml.ScalarEvent) and "\x00" in event.value:  # written as an escape
            raise _refused(file, line, "-", "有一个不能用的字符 U+0000", "删掉它")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if count > 2 * MOST_VALUES:  # a value and its name, or where a list begins and ends
            raise _refused(file, line, "-", f"超过 {MOST_VALUES} 个值")
        if depth > DEEPEST:
            raise _refused(file, line, "-", f"嵌套超过 {DEEPEST} 层")


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
                raise self._fault(line, path, "冒号前应为一个名字")
            key = name.value
            if key in found:
                raise self._fault(line, (*path, key), "写了两遍")
            self.lines[(*path, key)] = line
            found[key] = self.value(part, (*path, key))
        return found

    def _only_standard(self, node: yaml.Node, path: Path) -> None:
        kind = node.tag.removeprefix(_SAFE)
        if kind not in {"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value", "merge"}:
            raise self._fault(node.start_mark.line + 1, path, f"不能用标签“{node.tag}”")

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
        return _refused(self.file, line, ".".join(map(str, path)) or "-", reason)


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if isfinite(number) else text
