"""pydantic's findings in an author's words: which line, which field, what was expected, what was probably meant."""

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from rules.problems import Problem, nearest
from rules.reading import Document, Path
from rules.schema import RulesetForm


def schema_faults(document: Document, error: ValidationError) -> tuple[Problem, ...]:
    found: dict[tuple[str, str], Problem] = {}
    for fault in error.errors(include_url=False):
        path = _written(document, fault["loc"])
        reason, fix = _in_words(path, fault["type"], fault["msg"])
        problem = document.problem(path, reason, fix)
        found.setdefault((problem.field, problem.reason), problem)
    return tuple(found.values())


def _written(document: Document, loc: tuple[str | int, ...]) -> Path:
    """`loc` without pydantic's own words for the branches of a union; the last part may be a field that is missing."""
    path: Path = ()
    for index, part in enumerate(loc):
        missing = index == len(loc) - 1 and isinstance(part, str) and part.isidentifier()
        if missing or (*path, part) in document.lines:
            path = (*path, part)
    return path


def _in_words(path: Path, kind: str, message: str) -> tuple[str, str]:
    if kind == "extra_forbidden":
        return "unknown field", nearest(str(path[-1]), _fields_at(RulesetForm, path[:-1]))
    if kind == "missing":
        return "is missing", ""
    return message.removeprefix("Value error, "), ""


def _fields_at(form: Any, path: Path) -> set[str]:
    """The names that may stand at `path`."""
    models = _models(form)
    for part in path:
        below: list[Any] = []
        for model in models:
            if isinstance(model, type) and issubclass(model, BaseModel):
                below += [f.annotation for name, f in model.model_fields.items() if part == (f.alias or name)]
            else:
                below += [model]
        models = [found for annotation in below for found in _models(annotation)]
    return {f.alias or name for model in models for name, f in model.model_fields.items()}


def _models(annotation: Any) -> list[Any]:
    """The forms inside an annotation such as `dict[str, FieldForm]` or `tuple[RungForm, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models(part)]
