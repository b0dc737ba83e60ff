"""The catalogue and the list of duties as files that people send each other: CSV and Excel, both ways."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from rules import catalogue as categories
from rules import duties as responsibilities
from rules.catalogue import Catalogue, catalogue_of
from rules.category_codes import FORM_COLUMNS, CodeForms, form_cells, forms_of
from rules.duties import Duties, duties_of
from rules.problems import Problem, RulesetInvalid
from rules.tables import Column, Line, Table, read_csv, table_of
from rules.workbooks import MOST_BYTES, read_workbook, write_workbook

CATALOGUE_SHEET, CODES_SHEET, DUTIES_SHEET = "类别目录", "代码写法", "权责清单"
SUFFIXES = (".csv", ".xlsx")
_BYTE_ORDER = b"\xef\xbb\xbf"  # by which Excel knows that a CSV is UTF-8
_PACKED = b"PK\x03\x04"


def read_catalogue_file(data: bytes, file: str, forms: CodeForms) -> tuple[Catalogue, CodeForms]:
    """The categories in `data`, and how codes are written: as the workbook says, else `forms`.

    Raises RulesetInvalid with line and column.
    """
    if not data.startswith(_PACKED):
        return catalogue_of(_csv(data, file, categories.COLUMNS), forms), forms
    sheets = read_workbook(data, file)
    if CODES_SHEET in sheets:
        forms = forms_of(table_of(f"{file}（{CODES_SHEET}）", sheets[CODES_SHEET], FORM_COLUMNS))
    return catalogue_of(_sheet(sheets, CATALOGUE_SHEET, file, categories.COLUMNS), forms), forms


def read_duties_file(data: bytes, file: str, catalogue: Catalogue, kinds: AbstractSet[str]) -> Duties:
    """The duties in `data`; raises RulesetInvalid with line and column."""
    columns = responsibilities.COLUMNS
    if not data.startswith(_PACKED):
        return duties_of(_csv(data, file, columns), catalogue, kinds)
    return duties_of(_sheet(read_workbook(data, file), DUTIES_SHEET, file, columns), catalogue, kinds)


def catalogue_csv(catalogue: Catalogue) -> bytes:
    return _BYTE_ORDER + categories.as_csv(catalogue.values()).encode()


def catalogue_workbook(catalogue: Catalogue, forms: CodeForms) -> bytes:
    return write_workbook(
        {
            CATALOGUE_SHEET: (categories.COLUMNS, map(categories.cells_of, catalogue.values())),
            CODES_SHEET: (FORM_COLUMNS, [form_cells(name, form) for name, form in forms.items()]),
        }
    )


def duties_csv(duties: Duties) -> bytes:
    return _BYTE_ORDER + responsibilities.as_csv(duties.items).encode()


def duties_workbook(duties: Duties) -> bytes:
    return write_workbook({DUTIES_SHEET: (responsibilities.COLUMNS, map(responsibilities.cells_of, duties.items))})


def _csv(data: bytes, file: str, columns: Sequence[Column]) -> Table:
    if len(data) > MOST_BYTES:
        raise RulesetInvalid([Problem(file, 1, "-", f"大于 {MOST_BYTES // 1024} KB")])
    return read_csv(_decoded(data, file), file, columns)


def _decoded(data: bytes, file: str) -> str:
    """UTF-8, or the GB 18030 in which Chinese Excel writes a CSV."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RulesetInvalid([Problem(file, 1, "-", "不是 CSV 或 Excel（.xlsx）文件")])


def _sheet(sheets: dict[str, list[Line]], name: str, file: str, columns: Sequence[Column]) -> Table:
    """The sheet of that name, else the first."""
    lines = sheets[name] if name in sheets else next(iter(sheets.values()), [])
    return table_of(file, lines, columns)
