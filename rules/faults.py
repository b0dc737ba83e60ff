"""pydantic's findings in an author's words: which line, which field, what was expected, what was probably meant."""

import re
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rules.problems import Problem, nearest
from rules.reading import Document, Path
from rules.schema import RulesetForm

_EXPECTED = {
    "string_type": "应为文字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "float_type": "应为数字",
    "bool_type": "应为 true 或 false",
    "dict_type": "应为 {名字: 值}",
    "model_type": "应为 {名字: 值}",
    "model_attributes_type": "应为 {名字: 值}",
    "tuple_type": "应为一列：[..., ...]",
    "list_type": "应为一列：[..., ...]",
    "too_short": "不能空着",
    "none_required": "应空着",
}
_LIMITS = {  # with what pydantic calls the limit
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "要小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "too_long": "最多 {max_length} 项",
    "int_from_float": "要写整数",
    "finite_number": "要写有限的数",
}
_PATTERNS = {  # what the patterns of the form mean, by what they begin with
    r"^[a-z][a-z0-9]*(-": "应为小写字母和数字，用 - 连接，如 door-left-open",
    r"^[a-z][a-z0-9-]*": "应为小写字母、数字和 -，如 fire-station",
    r"^[a-z][a-z0-9_]*\.": "应为 信息.字段，如 weather.level",
    r"^[a-z][a-z0-9_]*": "应为小写字母、数字和 _，如 rides_7d",
    r"^[a-z][a-z0-9_.-]*": "应为小写字母、数字、点和 _，如 water.level",
    r"^([01]\d|2[0-3])": '应为带引号的时刻，如 "22:00"',
    r"^\d{4}-": "应为日期，如 2026-03-02",
}


def schema_faults(
    document: Document, error: ValidationError, form: type[BaseModel] = RulesetForm
) -> tuple[Problem, ...]:
    """Every fault, with the line it stands on; `form` is what the document was read as."""
    found: dict[tuple[str, str], Problem] = {}
    for fault in error.errors(include_url=False):
        path = _written(document, fault["loc"], missing=fault["type"] == "missing")
        reason, fix, code = _in_words(form, path, fault)
        problem = document.problem(path, reason, fix, code)
        found.setdefault((problem.field, problem.reason), problem)
    return _without_other_branches(tuple(found.values()))


def _without_other_branches(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Where a value may be one of several forms, the fault inside the form that was meant says enough."""
    named = {problem.field for problem in problems if problem.code == "unknown-name"}
    inner = {problem.field for problem in problems}

    def said_better(problem: Problem) -> bool:
        inside = any(field.startswith(f"{problem.field}.") for field in inner)
        return inside or (problem.code != "unknown-name" and problem.field in named)

    return tuple(p for p in problems if not (p.reason.startswith("应") and said_better(p)))


def _written(document: Document, loc: tuple[str | int, ...], *, missing: bool) -> Path:
    """`loc` without pydantic's own words for the branches of a union; its last part may be a field that is missing."""
    path: Path = ()
    for index, part in enumerate(loc):
        if (missing and index == len(loc) - 1) or (*path, part) in document.lines:
            path = (*path, part)
    return path


def _in_words(form: type[BaseModel], path: Path, fault: ErrorDetails) -> tuple[str, str, str]:
    """Reason, fix and code."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return "没有这一项", nearest(str(path[-1]), _fields_at(form, path[:-1])), "unknown-name"
    if kind == "missing":
        return "缺少这一项", "", "invalid"
    if kind in {"enum", "literal_error"}:
        valid = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        expected = f"应为其中之一：{'、'.join(valid)}" if len(valid) > 1 else f"应为 {'、'.join(valid)}"
        return expected, nearest(str(fault["input"]), valid), "unknown-name"
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern", ""))
        words = next((said for begins, said in _PATTERNS.items() if pattern.startswith(begins)), fault["msg"])
        return words, "", "invalid"
    if kind in _LIMITS:
        return _LIMITS[kind].format(**context), "", "invalid"
    return _EXPECTED.get(kind, fault["msg"].removeprefix("Value error, ")), "", "invalid"


def _fields_at(form: Any, path: Path) -> set[str]:
    """The names that may stand at `path`."""
    annotations: list[Any] = [form]
    for part in path:
        annotations = [below for annotation in annotations for below in _below(annotation, part)]
    models = [found for annotation in annotations for found in _models(annotation)]
    return {f.alias or name for model in models for name, f in model.model_fields.items()}


def _below(annotation: Any, part: str | int) -> list[Any]:
    """What may stand under `part` of such a value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [f.annotation for name, f in annotation.model_fields.items() if part == (f.alias or name)]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType} or hasattr(annotation, "__metadata__"):
        branches = inner if origin in {Union, UnionType} else inner[:1]
        return [below for branch in branches for below in _below(branch, part)]
    if origin is dict:
        return [inner[1]]
    return [each for each in inner if each is not Ellipsis] if origin in {tuple, list} else []


def _models(annotation: Any) -> list[Any]:
    """The forms inside an annotation such as `FieldForm | str` or `ThenForm | Literal["none"]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in {dict, tuple, list}:
        return []
    return [found for part in get_args(annotation) for found in _models(part)]
