"""Tables as files: what goes out comes back the same, and what strangers put into a workbook is refused."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from rules.catalogue import load_catalogue
from rules.category_codes import load_codes
from rules.duties import DUTIES, load_duties
from rules.exchange import (
    catalogue_csv,
    catalogue_workbook,
    duties_csv,
    duties_workbook,
    read_catalogue_file,
    read_duties_file,
)
from rules.problems import Problem, RulesetInvalid
from rules.workbooks import read_workbook
from settings.model import RULESETS

CATALOGUE = load_catalogue(RULESETS / "catalogue.csv")
FORMS = load_codes(RULESETS / "catalogue.yaml")
DUTY_LIST = load_duties(RULESETS / DUTIES)
KINDS = {duty.unit_kind for duty in DUTY_LIST.items}


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def the_catalogue_with(place: str, value: Any) -> bytes:
    book = load_workbook(io.BytesIO(catalogue_workbook(CATALOGUE, FORMS)))
    book["类别目录"][place] = value
    return saved(book)


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part more, or with that part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            if part != name:
                after.writestr(part, before.read(part))
        after.writestr(name, content)
    return out.getvalue()


def faults(data: bytes, file: str = "c.xlsx") -> tuple[Problem, ...]:
    with pytest.raises(RulesetInvalid) as invalid:
        read_catalogue_file(data, file, FORMS)
    return invalid.value.problems


def test_the_catalogue_comes_back_from_csv_and_from_excel() -> None:
    for data in (catalogue_csv(CATALOGUE), catalogue_workbook(CATALOGUE, FORMS)):
        assert read_catalogue_file(data, "c", FORMS) == (CATALOGUE, FORMS)


def test_the_duties_come_back_from_csv_and_from_excel() -> None:
    for data in (duties_csv(DUTY_LIST), duties_workbook(DUTY_LIST)):
        assert read_duties_file(data, "d", CATALOGUE, KINDS) == DUTY_LIST


def test_a_csv_that_chinese_excel_saved_is_read() -> None:
    text = catalogue_csv(CATALOGUE).decode("utf-8-sig").replace("\n", "\r\n")
    assert read_catalogue_file(text.encode("gb18030"), "c.csv", FORMS)[0] == CATALOGUE


def test_a_code_stays_a_text_with_its_leading_zero() -> None:
    sheet = load_workbook(io.BytesIO(catalogue_workbook(CATALOGUE, FORMS)))["类别目录"]
    assert (sheet["H2"].value, sheet["H2"].data_type, sheet["H2"].number_format) == ("020701", "s", "@")


def test_a_code_that_excel_made_a_number_is_refused_by_its_width() -> None:
    (fault,) = faults(the_catalogue_with("H2", 20701))
    assert (fault.line, fault.field) == (2, "lift-ebike.local")
    assert "有 5 位，应为 6 位" in fault.reason


@pytest.mark.parametrize(
    ("place", "value", "field", "reason"),
    [
        ("J3", "=1+1", "办结时限", "是公式"),
        ("J4", date(2026, 1, 1), "办结时限", "是日期"),
        ("J5", "四小时", "fire-alarm.limit", "不是时长"),
        ("P2", "也许", "lift-ebike.close_by_rule", "'也许' 不在可选的词里"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(place: str, value: Any, field: str, reason: str) -> None:
    (fault,) = faults(the_catalogue_with(place, value))
    assert (fault.line, fault.field) == (int(place[1:]), field)
    assert reason in fault.reason


def test_yes_may_be_what_excel_itself_writes_for_it() -> None:
    changed, _ = read_catalogue_file(the_catalogue_with("P3", False), "c.xlsx", FORMS)
    assert not changed["lift-ebike-talk"].close_by_rule


def test_macros_and_links_to_other_files_are_refused() -> None:
    data = catalogue_workbook(CATALOGUE, FORMS)
    assert "宏" in faults(with_part(data, "xl/vbaProject.bin", b"x"))[0].reason
    assert "别的文件" in faults(with_part(data, "xl/externalLinks/externalLink1.xml", b"<x/>"))[0].reason


def test_a_workbook_that_would_unpack_without_end_is_refused() -> None:
    bomb = with_part(catalogue_workbook(CATALOGUE, FORMS), "xl/worksheets/sheet1.xml", b" " * (20 * 1024 * 1024))
    assert len(bomb) < 200_000
    assert "展开后大于" in faults(bomb)[0].reason


def test_a_workbook_with_entities_is_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    data = with_part(catalogue_workbook(CATALOGUE, FORMS), "xl/worksheets/sheet1.xml", laughs)
    assert "文档类型" in faults(data)[0].reason


def test_what_a_sheet_says_of_its_own_size_is_not_believed() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        b'<sheetData><row r="99999999"><c r="A99999999" t="inlineStr"><is><t>x</t></is></c></row>'
        b"</sheetData></worksheet>"
    )
    data = with_part(catalogue_workbook(CATALOGUE, FORMS), "xl/worksheets/sheet1.xml", sheet)
    assert "超过" in faults(data)[0].reason


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x03\x04" + b"x" * 200, b"\xd0\xcf\x11\xe0" * 100])
def test_what_is_no_table_is_refused(data: bytes) -> None:
    assert faults(data)


def test_a_broken_workbook_is_refused_wherever_it_broke() -> None:
    data = catalogue_workbook(CATALOGUE, FORMS)
    for cut in range(0, len(data), len(data) // 12):
        with pytest.raises(RulesetInvalid):
            read_workbook(data[:cut], "c.xlsx")
    for part in ("xl/workbook.xml", "[Content_Types].xml", "xl/worksheets/sheet1.xml"):
        assert faults(with_part(data, part, b"<not-this/>"))


def test_the_width_of_codes_travels_with_the_workbook() -> None:
    book = load_workbook(io.BytesIO(catalogue_workbook(CATALOGUE, FORMS)))
    book["代码写法"]["C2"] = "5"
    (first, *_) = faults(saved(book))
    assert "应为 5 位" in first.reason
    book["代码写法"]["C2"] = "five"
    (fault,) = faults(saved(book))
    assert (fault.line, fault.field) == (2, "width")
