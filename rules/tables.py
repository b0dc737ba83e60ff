"""Tables that people keep in a spreadsheet: rows with their line, every cell a text.

Columns and fixed words may be written as their code or in Chinese: `close_by_rule` or 可自动结案, `yes` or 是.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rules.problems import Problem, RulesetInvalid, nearest

MOST_ROWS = 3_000
LONGEST_CELL = 2_000
_BETWEEN = re.compile(r"[\s,，、]+")
_FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would reckon out instead of showing it

Cells = Mapping[str, str]
Reader = Callable[[str], Any]
Line = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name in code, its Chinese heading, and the Chinese for each word that may stand in it."""

    name: str
    label: str
    words: Mapping[str, str] = field(default_factory=dict)

    def plain(self, cell: str) -> str:
        """The cell in code's words."""
        if not self.words:
            return cell
        codes = {word: code for code, word in self.words.items()}
        return " ".join(codes.get(word, word) for word in _BETWEEN.split(cell) if word)

    def shown(self, cell: str) -> str:
        """The cell in Chinese."""
        return " ".join(self.words.get(code, code) for code in cell.split(" ")) if self.words else cell


@dataclass(frozen=True, slots=True)
class Row:
    line: int  # counts from 1, the header's line
    cells: Cells


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of `file`, each with every column."""

    file: str
    rows: tuple[Row, ...]


def read_csv(text: str, file: str, columns: Sequence[Column]) -> Table:
    """The table that `text` holds; raises RulesetInvalid naming line and column."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    lines: list[Line] = []
    begins = 1
    try:
        for cells in reader:
            lines.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise RulesetInvalid([Problem(file, reader.line_num, "-", f"不是 CSV 表格：{error}")]) from None
    return table_of(file, lines, columns)


def table_of(file: str, lines: Iterable[Line], columns: Sequence[Column]) -> Table:
    """The table of `lines`, whose first is the header, in any order of columns; empty lines do not count."""
    filled = [(line, [cell.strip() for cell in cells]) for line, cells in lines if any(map(str.strip, cells))]
    if not filled:
        raise RulesetInvalid([Problem(file, 1, "-", "是空的")])
    if len(filled) > MOST_ROWS + 1:
        raise RulesetInvalid([Problem(file, filled[MOST_ROWS + 1][0], "-", f"超过 {MOST_ROWS} 行")])
    named = {column.label: column.name for column in columns}
    header = [named.get(name, name) for name in filled[0][1]]
    while header and not header[-1]:
        header.pop()
    problems = _header_faults(file, filled[0][0], header, columns)
    rows = []
    for line, cells in [] if problems else filled[1:]:
        problems += _row_faults(file, line, header, cells)
        given = dict(zip(header, cells, strict=False))
        rows.append(Row(line, {column.name: column.plain(given.get(column.name, "")) for column in columns}))
    if problems:
        raise RulesetInvalid(problems)
    return Table(file, tuple(rows))


def _header_faults(file: str, line: int, header: Sequence[str], columns: Sequence[Column]) -> list[Problem]:
    names = [column.name for column in columns]
    written = [*names, *(column.label for column in columns)]
    unknown = [Problem(file, line, name, "没有这一列", nearest(name, written)) for name in header if name not in names]
    missing = [
        Problem(file, line, column.name, f"缺少“{column.label}”列") for column in columns if column.name not in header
    ]
    twice = [Problem(file, line, name, "这一列出现了两次") for name in names if header.count(name) > 1]
    return unknown + missing + twice


def _row_faults(file: str, line: int, header: Sequence[str], cells: Sequence[str]) -> list[Problem]:
    problems = [Problem(file, line, "-", f"表头之外还有内容：{cell!r}") for cell in cells[len(header) :] if cell][:1]
    for name, cell in zip(header, cells, strict=False):
        if len(cell) > LONGEST_CELL:
            problems.append(Problem(file, line, name, f"超过 {LONGEST_CELL} 个字"))
        elif cell.startswith(_FORMULA):
            problems.append(Problem(file, line, name, "不能以 = + - @ 开头：表格软件会把它当成公式"))
    return problems


def write_csv(columns: Sequence[Column], rows: Iterable[Cells]) -> str:
    """The table as text, lines ended by a line feed: the same rows give the same text everywhere."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [column.name for column in columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def one_of(valid: Mapping[str, Any]) -> Reader:
    """Reads a cell that holds one of the names of `valid`."""

    def read(text: str) -> Any:
        if text not in valid:
            raise ValueError(f"{text!r} 不在可选的词里：{'、'.join(valid)}")
        return valid[text]

    return read


def required(text: str) -> str:
    """Reads a cell that must not be empty."""
    if not text:
        raise ValueError("不能空着")
    return text


def read_cells(cells: Cells, readers: Mapping[str, Reader]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What each column of a row says, and the columns that say nothing valid, with the reason."""
    values: dict[str, Any] = {}
    faults = []
    for column, read in readers.items():
        try:
            values[column] = read(cells[column])
        except ValueError as error:
            faults.append((column, str(error)))
    return values, faults
