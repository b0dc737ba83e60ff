"""`linli catalogue` and `linli duties`, as an administrator and a script call them."""

from pathlib import Path

import pytest
from commanding import Linli, at_home
from databases import Database
from openpyxl import load_workbook

from cli.output import ExitCode

pytestmark = pytest.mark.servers
Captured = pytest.CaptureFixture[str]
ADMIN = "sysadmin.gu"


class Tables(Linli):
    """The command line, and the tables that are given to it."""

    def exported(self, table: str, *changes: tuple[str, str]) -> str:
        """The table as CSV, with texts in it replaced."""
        path = self._folder / f"{table}.csv"
        assert self(table, "export", str(path))[0] == ExitCode.TRUE
        text = path.read_text(encoding="utf-8-sig")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8-sig")
        return str(path)


@pytest.fixture
def linli(seeded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Tables:
    at_home(monkeypatch, seeded, tmp_path)
    return Tables(capsys, tmp_path)


@pytest.mark.parametrize("table", ["catalogue", "duties"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_what_was_exported_differs_in_nothing(linli: Tables, tmp_path: Path, table: str, suffix: str) -> None:
    file = str(tmp_path / f"out.{suffix}")
    code, said = linli(table, "export", file)
    assert (code, said["schema"]) == (ExitCode.TRUE, f"linli.{table}.export/1")
    assert said["data"]["rows"] > 120
    code, said = linli(table, "diff", file)
    assert code == ExitCode.TRUE
    assert [said["data"][which] for which in ("added", "changed", "removed")] == [[], [], []]
    assert "没有不同" in linli.people_read(table, "diff", file)


def test_a_difference_is_told_field_by_field_and_then_imported(linli: Tables) -> None:
    changed = linli.exported("catalogue", ("停留轿厢门口、影响电梯运行,4h", "停留轿厢门口、影响电梯运行,5h"))
    code, said = linli("catalogue", "diff", changed)
    row = {"key": "lift-ebike", "cells": [{"column": "limit", "before": "4h", "after": "5h"}]}
    assert (code, said["data"]["changed"]) == (ExitCode.TRUE, [row])
    assert "lift-ebike limit：4h → 5h" in linli.people_read("catalogue", "diff", changed)
    code, said = linli("catalogue", "import", changed, "--as", ADMIN, "--note", "本市新规定")
    assert (code, said["data"]["imported"]) == (ExitCode.TRUE, True)
    code, said = linli("catalogue", "import", changed, "--as", ADMIN)
    assert (code, said["data"]["imported"]) == (ExitCode.TRUE, False)


def test_an_import_that_would_break_a_ruleset_is_refused_with_the_list(linli: Tables) -> None:
    broken = linli.exported("catalogue", ("dog-attack,", "dog-bite,"))
    for words in (("diff", broken), ("import", broken, "--as", ADMIN)):
        code, said = linli("catalogue", *words)
        assert code == ExitCode.FALSE
        assert any("citizen-report" in problem["reason"] for problem in said["problems"])
        assert said["data"]["removed"] == ["dog-attack"]


def test_only_a_system_administrator_imports(linli: Tables) -> None:
    file = linli.exported("duties")
    assert linli("duties", "import", file, "--as", "rules.xu")[1]["problems"][0]["code"] == "not-permitted"
    assert linli("duties", "import", file, "--as", "nobody")[0] == ExitCode.MISSING


def test_duties_are_imported_too(linli: Tables) -> None:
    file = linli.exported("duties", ("sports,fitness-fault,handle", "property,fitness-fault,assist"))
    code, said = linli("duties", "import", file, "--as", ADMIN)
    assert (code, said["data"]["imported"]) == (ExitCode.TRUE, True)
    assert said["data"]["added"] == ["property/fitness-fault/assist"]
    assert said["data"]["removed"] == ["sports/fitness-fault/handle"]


def test_a_duty_of_an_unknown_unit_is_bad_input_with_line_column_and_nearest(linli: Tables) -> None:
    file = linli.exported("duties", ("sports,fitness-fault,handle", "sport,fitness-fault,handle"))
    code, said = linli("duties", "diff", file)
    (problem,) = said["problems"]
    assert (code, problem["field"]) == (ExitCode.BAD_INPUT, "unit_kind")
    assert "“sports”" in problem["fix"]


def test_a_cell_that_excel_spoilt_is_bad_input(linli: Tables, tmp_path: Path) -> None:
    file = tmp_path / "c.xlsx"
    linli("catalogue", "export", str(file))
    book = load_workbook(file)
    book["类别目录"]["F2"], book["类别目录"]["J2"] = 101, "=1+1"
    book.save(file)
    code, said = linli("catalogue", "diff", str(file))
    assert code == ExitCode.BAD_INPUT
    assert [problem["field"] for problem in said["problems"]] == ["办结时限"]


@pytest.mark.parametrize("name", ["c.xls", "c", "nowhere.csv"])
def test_a_file_that_cannot_be_read_says_so(linli: Tables, tmp_path: Path, name: str) -> None:
    code, said = linli("catalogue", "diff", str(tmp_path / name))
    assert code in (ExitCode.BAD_INPUT, ExitCode.MISSING)
    assert said["problems"][0]["field"] == "file"
