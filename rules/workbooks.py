"""Excel workbooks in and out. What comes in was made by anybody: sizes are bounded, nothing in it is reckoned out."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from rules.problems import Problem, RulesetInvalid
from rules.tables import MOST_ROWS, Cells, Column, Line

MOST_BYTES = 700 * 1024  # of the file
MOST_UNPACKED = 16 * 1024 * 1024
MOST_PARTS = 200
MOST_COLUMNS = 60
MOST_LINES = 4 * MOST_ROWS  # with the empty ones
_FOREIGN = {
    "xl/vbaproject.bin": "含有宏",
    "xl/externallinks/": "引用了别的文件",
    "xl/connections.xml": "连接了外部数据",
    "xl/embeddings/": "嵌入了别的文件",
}
_WIDEST = 40  # characters of a column


def read_workbook(data: bytes, file: str) -> dict[str, list[Line]]:
    """The lines of every sheet, by its name; every cell as the text that it shows.

    Raises RulesetInvalid for what is no workbook, too large, has macros, formulas or links to elsewhere, or a cell
    that is a date.
    """
    _look_inside(data, file)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False, rich_text=False)
        try:
            sheets = book.worksheets
            problems: list[Problem] = []
            found = {sheet.title: _lines(sheet, file, problems) for sheet in sheets}
        finally:
            book.close()
    except RulesetInvalid:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a broken file makes the library raise
        raise _refused(file, f"不是可以读的 Excel 文件（{type(error).__name__}）") from None
    if problems:
        raise RulesetInvalid(problems)
    return found


def _look_inside(data: bytes, file: str) -> None:
    if len(data) > MOST_BYTES:
        raise _refused(file, f"大于 {MOST_BYTES // 1024} KB")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _refused(file, f"展开后大于 {MOST_UNPACKED // 1024 // 1024} MB")
            defines = any(_defines_entities(packed.read(part)) for part in parts)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error):
        raise _refused(file, "不是 Excel 文件（.xlsx），或设有打开密码") from None
    names = [part.filename.lower() for part in parts]
    for start, what in _FOREIGN.items():
        if any(name.startswith(start) for name in names):
            raise _refused(file, f"{what}，不能导入：请另存为普通的 .xlsx")
    if defines:
        raise _refused(file, "含有自定义的文档类型，不能导入")


def _defines_entities(part: bytes) -> bool:
    """Whether a part of the workbook has a document type, in which entities could be told to grow without end."""
    return b"<!DOCTYPE" in part or "<!DOCTYPE".encode("utf-16-le") in part or "<!DOCTYPE".encode("utf-16-be") in part


def _refused(file: str, reason: str) -> RulesetInvalid:
    return RulesetInvalid([Problem(file, 1, "-", reason)])


def _lines(sheet: Any, file: str, problems: list[Problem]) -> list[Line]:
    sheet.reset_dimensions()  # what the file says of its own size need not be true
    lines: list[Line] = []
    for line, row in enumerate(islice(sheet.iter_rows(max_col=MOST_COLUMNS), MOST_LINES + 1), start=1):
        cells = []
        for place, cell in enumerate(row, start=1):
            text, fault = _text(cell)
            cells.append(text)
            if fault:
                problems.append(Problem(file, line, _name(lines, place), fault))
        lines.append((line, cells))
    if len(lines) > MOST_LINES:
        problems.append(Problem(file, MOST_LINES + 1, "-", f"工作表“{sheet.title}”超过 {MOST_LINES} 行"))
    return lines


def _name(lines: Sequence[Line], place: int) -> str:
    """The column of the cell at `place` as its header says, else its letter."""
    header = lines[0][1] if lines else ()
    return header[place - 1] if place <= len(header) and header[place - 1] else get_column_letter(place)


def _text(cell: Any) -> tuple[str, str]:
    """What the cell shows, and what is wrong with it."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "f":
        return "", "是公式：请改成算好的内容"
    if cell.data_type == "e":
        return "", f"是错误值 {value}"
    if isinstance(value, bool):
        return ("yes" if value else "no"), ""
    if isinstance(value, datetime | date | time):
        return "", "是日期：请把单元格格式改为文本再填写"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value), ""


def write_workbook(sheets: Mapping[str, tuple[Sequence[Column], Iterable[Cells]]]) -> bytes:
    """A workbook with headings and words in Chinese; every cell a text, so that codes keep their leading zeros."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, (columns, rows) in sheets.items():
        _write(book.create_sheet(title), columns, rows)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Worksheet, columns: Sequence[Column], rows: Iterable[Cells]) -> None:
    for place, column in enumerate(columns, start=1):
        heading = sheet.cell(1, place, column.label)
        heading.font = Font(bold=True)
    widest = [len(column.label) for column in columns]
    for line, cells in enumerate(rows, start=2):
        for place, column in enumerate(columns, start=1):
            text = column.shown(cells[column.name])
            cell = sheet.cell(line, place, text)
            cell.data_type = "s"
            cell.number_format = "@"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            widest[place - 1] = max(widest[place - 1], len(text))
    for place, width in enumerate(widest, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(width, _WIDEST) * 1.6 + 3
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
