"""How the codes beside a category are written: `catalogue.yaml`, since every city numbers in its own way."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError, field_validator

from rules.faults import schema_faults
from rules.problems import Problem, RulesetInvalid
from rules.reading import read_yaml
from rules.schema import Form
from rules.tables import Cells, Column, Reader, Table, one_of, read_cells

CodeName = Literal["national", "city", "local"]  # who numbers the same category; empty where they have no number for it
CODES: tuple[CodeName, ...] = get_args(CodeName)
FORM_COLUMNS = (
    Column("name", "代码", {"national": "国标", "city": "市级", "local": "本地"}),
    Column("label", "名称"),
    Column("width", "位数"),
    Column("pattern", "写法"),
    Column("unique", "不可重复", {"yes": "是", "no": "否"}),
    Column("source", "来源"),
)


class CodeForm(Form):
    """How codes of one numbering look; `pattern` is of the whole code, `width` its characters."""

    label: Annotated[str, Field(min_length=1, max_length=20)]
    width: Annotated[int, Field(ge=1, le=20)]
    pattern: Annotated[str, Field(max_length=80)]
    unique: bool
    source: str

    @field_validator("pattern")
    @classmethod
    def _only_classes_and_counts(cls, pattern: str) -> str:
        """Characters, classes and fixed counts: such a pattern cannot take long on any text."""
        if not re.fullmatch(r"(?:(?:[A-Za-z0-9-]|\[[A-Za-z0-9-]+\])(?:\{\d{1,2}\})?)+", pattern):
            raise ValueError("只能用字母、数字、[0-9] 这样的范围和 {2} 这样的次数")
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(str(error)) from None
        return pattern


class CodesForm(Form):
    codes: dict[CodeName, CodeForm]


CodeForms = Mapping[CodeName, CodeForm]


def load_codes(path: Path) -> CodeForms:
    """The forms that stand in `path`; none where there is no such file, then every code is taken as it is."""
    return read_codes(path.read_text(encoding="utf-8"), path.name) if path.is_file() else {}


def read_codes(text: str, file: str) -> CodeForms:
    document = read_yaml(text, file)
    try:
        return CodesForm.model_validate_json(json.dumps(document.value)).codes
    except ValidationError as error:
        raise RulesetInvalid(schema_faults(document, error, CodesForm)) from None


def forms_of(table: Table) -> CodeForms:
    """The forms that stand as rows in a workbook; raises RulesetInvalid with line and column."""
    found: dict[CodeName, CodeForm] = {}
    problems = []
    for row in table.rows:
        values, faults = read_cells(row.cells, _READERS)
        name = values.pop("name", None)
        if name in found:
            faults.append(("name", "出现了两次"))
        try:
            found[name] = CodeForm(**values)
        except ValidationError as error:
            faults += [(str(fault["loc"][0]), fault["msg"].removeprefix("Value error, ")) for fault in error.errors()]
        problems += [Problem(table.file, row.line, column, reason) for column, reason in dict(reversed(faults)).items()]
    if problems:
        raise RulesetInvalid(problems)
    return found


def _whole_number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text):
        raise ValueError("应为一个整数")
    return int(text)


_READERS: dict[str, Reader] = {
    "name": one_of({name: name for name in CODES}),
    "label": str,
    "width": _whole_number,
    "pattern": str,
    "unique": one_of({"yes": True, "no": False}),
    "source": str,
}


def form_cells(name: CodeName, form: CodeForm) -> Cells:
    """The form as a row of a workbook."""
    return {
        "name": name,
        "label": form.label,
        "width": str(form.width),
        "pattern": form.pattern,
        "unique": "yes" if form.unique else "no",
        "source": form.source,
    }


def check_codes(table: Table, forms: CodeForms) -> list[Problem]:
    """What is wrong with the codes of `table`: their width, their pattern, or that two rows share one."""
    problems = []
    for name, form in forms.items():
        pattern = re.compile(form.pattern)
        first: dict[str, int] = {}
        for row in table.rows:
            code, field = row.cells[name], f"{row.cells['code']}.{name}"
            if not code:
                continue
            if len(code) != form.width:
                reason = f"{code!r} 有 {len(code)} 位，应为 {form.width} 位"
                problems.append(Problem(table.file, row.line, field, reason))
            elif not pattern.fullmatch(code):
                problems.append(Problem(table.file, row.line, field, f"{code!r} 不符合写法 {form.pattern}"))
            elif form.unique and first.setdefault(code, row.line) != row.line:
                problems.append(Problem(table.file, row.line, field, f"{code!r} 与第 {first[code]} 行相同"))
    return problems
