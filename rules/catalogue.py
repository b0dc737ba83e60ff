"""The catalogue of categories: what law and city say of each kind of matter.

It is the floor; a ruleset may only tighten it.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from domain.matters import ROUND_THE_CLOCK_NAME, Evidence, Inspection
from rules.durations import parse_duration
from rules.problems import Problem, RulesetInvalid, nearest

COLUMNS = (
    "code",
    "label_zh",
    "label_en",
    "filing",
    "limit",
    "closing",
    "evidence",
    "inspection",
    "return_within",
    "reopen_within",
    "close_by_rule",
    "calendar",
)
CALENDARS = (ROUND_THE_CLOCK_NAME, "working-days")


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of matter with its triple: when it is filed, how long it may take, when it may be closed."""

    code: str
    label_zh: str
    label_en: str
    filing: str
    limit: timedelta
    closing: str
    evidence: tuple[Evidence, ...]
    inspection: Inspection
    return_within: timedelta
    reopen_within: timedelta
    close_by_rule: bool
    calendar: str


Catalogue = Mapping[str, Category]


def load_catalogue(path: Path) -> Catalogue:
    """Reads catalogue.csv; raises RulesetInvalid naming line and column."""
    return read_catalogue(path.read_text(encoding="utf-8-sig"), path.name)


def read_catalogue(text: str, file: str) -> Catalogue:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    header = reader.fieldnames or ()
    wrong = [name for name in header if name not in COLUMNS] or [name for name in COLUMNS if name not in header]
    if wrong:
        reason = "unknown or missing column"
        raise RulesetInvalid([Problem(file, 1, name, reason, nearest(name, COLUMNS)) for name in wrong])
    found: dict[str, Category] = {}
    problems: list[Problem] = []
    for row in reader:
        line, code = reader.line_num, row["code"]
        if not code or code in found:
            problems.append(Problem(file, line, "code", f"{code!r} is empty or given twice"))
            continue
        category, faults = _category(row)
        problems += [Problem(file, line, f"{code}.{column}", reason) for column, reason in faults]
        if category:
            found[code] = category
    if problems:
        raise RulesetInvalid(problems)
    return found


def _category(row: dict[str, str]) -> tuple[Category | None, list[tuple[str, str]]]:
    readers: dict[str, Any] = {
        "limit": parse_duration,
        "return_within": parse_duration,
        "reopen_within": parse_duration,
        "inspection": Inspection,
        "evidence": lambda text: tuple(map(Evidence, text.split())),
        "close_by_rule": {"yes": True, "no": False}.__getitem__,
        "calendar": {name: name for name in CALENDARS}.__getitem__,
    }
    values: dict[str, Any] = {}
    faults = []
    for column in COLUMNS:
        try:
            values[column] = readers.get(column, str)(row[column])
        except KeyError as error:
            faults.append((column, f"{error.args[0]!r} is not one of the column's values"))
        except ValueError as error:
            faults.append((column, str(error)))
    return (None if faults else Category(**values)), faults
