"""The catalogue of categories: what law and city say of each kind of matter.

It is the floor; a ruleset may only tighten it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from domain.matters import ROUND_THE_CLOCK_NAME, Evidence, Inspection
from rules.category_codes import CODES, CodeForms, CodeName, check_codes, load_codes
from rules.durations import in_words, parse_duration
from rules.problems import Problem, RulesetInvalid
from rules.tables import Cells, Column, Table, one_of, read_cells, read_csv, required, write_csv

COLUMNS = (
    Column("code", "编码"),
    Column("label_zh", "名称"),
    Column("label_en", "英文名称"),
    Column("kind", "种类", {"component": "部件", "event": "事件"}),
    Column("class", "大类"),
    Column("national", "国标代码"),
    Column("city", "市级代码"),
    Column("local", "本地代码"),
    Column("filing", "立案条件"),
    Column("limit", "办结时限"),
    Column("closing", "结案条件"),
    Column("evidence", "处置须提交", {"note": "情况说明", "photo_before": "处置前照片", "photo_after": "处置后照片"}),
    Column("inspection", "核查", {"always": "必查", "sampled": "抽查", "never": "不查"}),
    Column("return_within", "退单时限"),
    Column("reopen_within", "重办期限"),
    Column("close_by_rule", "可自动结案", {"yes": "是", "no": "否"}),
    Column("calendar", "计时", {"24x7": "全天", "working-days": "工作日"}),
)
CALENDARS = (ROUND_THE_CLOCK_NAME, "working-days")


class Kind(StrEnum):
    """Whether the matter is a thing that is broken (部件) or something that happens (事件)."""

    COMPONENT = "component"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of matter with its triple: when it is filed, how long it may take, when it may be closed."""

    code: str
    label_zh: str
    label_en: str
    kind: Kind
    class_zh: str  # 大类
    filing: str
    limit: timedelta
    closing: str
    evidence: tuple[Evidence, ...]
    inspection: Inspection
    return_within: timedelta
    reopen_within: timedelta
    close_by_rule: bool
    calendar: str
    codes: Mapping[CodeName, str] = field(default_factory=dict, hash=False)  # by name of CODES


Catalogue = Mapping[str, Category]


def _length(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError:
        raise ValueError(f"{text!r} 不是时长，应写成 30m、4h、1h30m 或 7d 这样") from None


_READERS: dict[str, Any] = {
    **{column.name: required for column in COLUMNS},
    **dict.fromkeys(CODES, str),
    "kind": one_of({kind.value: kind for kind in Kind}),
    "limit": _length,
    "return_within": _length,
    "reopen_within": _length,
    "inspection": one_of({inspection.value: inspection for inspection in Inspection}),
    "evidence": lambda text: tuple(map(one_of({piece.value: piece for piece in Evidence}), text.split())),
    "close_by_rule": one_of({"yes": True, "no": False}),
    "calendar": one_of({name: name for name in CALENDARS}),
}


def load_catalogue(path: Path) -> Catalogue:
    """Reads catalogue.csv, its codes by catalogue.yaml beside it; raises RulesetInvalid naming line and column."""
    return read_catalogue(path.read_text(encoding="utf-8-sig"), path.name, load_codes(path.with_suffix(".yaml")))


def read_catalogue(text: str, file: str, forms: CodeForms = MappingProxyType({})) -> Catalogue:
    return catalogue_of(read_csv(text, file, COLUMNS), forms)


def catalogue_of(table: Table, forms: CodeForms = MappingProxyType({})) -> Catalogue:
    """The categories of `table`, by code; `forms` says how the codes of others are written.

    Raises RulesetInvalid with every fault, each with its line and `category.column`.
    """
    found: dict[str, Category] = {}
    problems: list[Problem] = []
    for row in table.rows:
        code = row.cells["code"]
        if not code or code in found:
            problems.append(
                Problem(table.file, row.line, "code", "没有编码" if not code else f"编码 {code!r} 出现了两次")
            )
            continue
        category, faults = _category(row.cells)
        problems += [Problem(table.file, row.line, f"{code}.{column}", reason) for column, reason in faults]
        if category:
            found[code] = category
    problems += check_codes(table, forms)
    if problems:
        raise RulesetInvalid(problems)
    return found


def _category(cells: Cells) -> tuple[Category | None, list[tuple[str, str]]]:
    values, faults = read_cells(cells, _READERS)
    if faults:
        return None, faults
    values["class_zh"] = values.pop("class")
    codes = {name: text for name in CODES if (text := values.pop(name))}
    return Category(**values, codes=codes), []


def cells_of(category: Category) -> Cells:
    """The category as a row of the table."""
    return {
        "code": category.code,
        "label_zh": category.label_zh,
        "label_en": category.label_en,
        "kind": category.kind,
        "class": category.class_zh,
        **{name: category.codes.get(name, "") for name in CODES},
        "filing": category.filing,
        "limit": in_words(category.limit),
        "closing": category.closing,
        "evidence": " ".join(category.evidence),
        "inspection": category.inspection,
        "return_within": in_words(category.return_within),
        "reopen_within": in_words(category.reopen_within),
        "close_by_rule": "yes" if category.close_by_rule else "no",
        "calendar": category.calendar,
    }


def as_csv(categories: Iterable[Category]) -> str:
    return write_csv(COLUMNS, map(cells_of, categories))
