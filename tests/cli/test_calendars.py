"""`linli calendars`, as an administrator and a script call it."""

from pathlib import Path

import psycopg
import pytest
from commanding import Linli, at_home
from databases import Database

from cli.output import ExitCode
from settings.model import RULESETS

pytestmark = pytest.mark.servers
Captured = pytest.CaptureFixture[str]
SHIPPED = (RULESETS / "calendars" / "cn-working-days.yaml").read_text(encoding="utf-8")
HOURS = 'hours: ["08:00-12:00", "14:00-18:00"]'


class Calendars(Linli):
    """The command line, and the calendars that are given to it."""

    def file(self, *changes: tuple[str, str], version: str = "2026.2") -> str:
        text = SHIPPED.replace('version: "2026.1"', f'version: "{version}"')
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = self._folder / "ours.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def refused(self, *changes: tuple[str, str], version: str = "2026.2") -> tuple[str, str | None, str]:
        code, said = self("calendars", "import", self.file(*changes, version=version))
        assert code == ExitCode.BAD_INPUT
        problem = said["problems"][0]
        return problem["code"], problem["field"], problem["reason"]


@pytest.fixture
def linli(seeded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Calendars:
    at_home(monkeypatch, seeded, tmp_path)
    return Calendars(capsys, tmp_path)


def test_the_shipped_calendar_and_the_clock_itself_are_listed(linli: Calendars) -> None:
    code, said = linli("calendars", "list")
    assert code == ExitCode.TRUE
    assert [(item["name"], item["version"], item["in_force"]) for item in said["data"]["items"]] == [
        ("24x7", "1", True),
        ("working-days", "2026.1", True),
    ]
    assert "内置" in linli.people_read("calendars", "list")


def test_a_calendar_shows_its_days_and_the_years_that_it_lacks(linli: Calendars) -> None:
    _, said = linli("calendars", "show", "working-days")
    assert said["data"]["hours"] == ["08:00-12:00", "14:00-18:00"]
    assert said["data"]["holidays"][0] == "2025-01-01"
    assert said["data"]["workdays"][-1] == "2026-10-10"
    assert set(said["data"]["missing_years"]).isdisjoint({2025, 2026})
    assert "只有周末休息" in linli.people_read("calendars", "show", "working-days")


@pytest.mark.parametrize("words", [["lunch"], ["working-days", "--version", "1999"]])
def test_a_calendar_that_is_not_there_is_named(linli: Calendars, words: list[str]) -> None:
    code, said = linli("calendars", "show", *words)
    assert (code, said["problems"][0]["code"]) == (ExitCode.MISSING, "no-such-calendar")


def test_a_new_version_says_which_days_change_and_counts(linli: Calendars) -> None:
    file = linli.file(("      - 2026-01-04", "      - 2026-11-21\n      - 2026-01-04"), ("2026-10-07", "2026-10-08"))
    _, looked = linli("calendars", "import", file, "--check")
    assert not looked["data"]["imported"]
    code, said = linli("calendars", "import", file, "--as", "duty.chen")
    assert code == ExitCode.TRUE
    assert said["data"] == looked["data"] | {"imported": True}
    assert (said["data"]["become_free"], said["data"]["become_working"]) == (["2026-10-08"], ["2026-11-21"])
    _, shown = linli("calendars", "show", "working-days")
    assert (shown["data"]["version"], shown["data"]["imported_by"]) == ("2026.2", "duty.chen")
    again, said = linli("calendars", "import", file)
    assert (again, said["data"]["imported"], said["data"]["become_free"]) == (ExitCode.TRUE, False, [])
    _, first = linli("calendars", "show", "working-days", "--version", "2026.1")
    assert (first["data"]["version"], first["data"]["in_force"]) == ("2026.1", False)


def test_people_read_the_change_before_it_counts(linli: Calendars) -> None:
    told = linli.people_read("calendars", "import", linli.file(("2026-10-07", "2026-10-08")), "--check")
    assert "改为休息：2026-10-08" in told
    assert "没有导入" in told


def test_hours_may_change_and_are_told(linli: Calendars) -> None:
    told = linli.people_read("calendars", "import", linli.file((HOURS, 'hours: ["09:00-12:00", "13:00-24:00"]')))
    assert "08:00-12:00、14:00-18:00 → 09:00-12:00、13:00-24:00" in told


def test_who_is_nobody_imports_nothing(linli: Calendars, seeded: Database) -> None:
    code, said = linli("calendars", "import", linli.file(), "--as", "nobody")
    assert (code, said["problems"][0]["field"]) == (ExitCode.MISSING, "as")
    with psycopg.connect(seeded.owner_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM calendars").fetchone() == (1,)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (("14:00-18:00", "11:00-18:00"), "hours", "早于前一段的结束"),
        (("08:00-12:00", "12:00-08:00"), "hours", "的结束不晚于开始"),
        (("08:00-12:00", "8-12"), "hours.0", "应为时段，如 08:00-12:00"),
        ((HOURS, "hours: []"), "hours", "at least 1 item"),
        (("Asia/Shanghai", "Asia/Beijing"), "zone", "没有这个时区：Asia/Beijing"),
        (
            ("workdays:\n      - 2026-01-04", "workdays:\n      - 2026-10-03"),
            "years.2026",
            "既是假日又是调休上班日",
        ),
        (("workdays:\n      - 2026-01-04", "workdays:\n      - 2026-01-05"), "years.2026.workdays", "本来就上班"),
        (("2026-01-01/2026-01-03", "2025-12-31/2026-01-03"), "-", "2025-12-31 写在了 2026 年下面"),
        (("2026-10-01/2026-10-07", "2026-10-07/2026-10-01"), "years.2026.holidays.6", "应从一天到"),
        (("2026-10-01/2026-10-07", "2026-02-30"), "years.2026.holidays.6", "应为日期，如"),
        (("  2026:\n", "  next:\n"), "years.next", "valid integer"),
        (("name: working-days", "name: 24x7"), "name", "内置"),
        (("zone: Asia/Shanghai", "zones: Asia/Shanghai"), "zone", "缺少这一项"),
        (("years:", "years: ["), "-", "YAML 的写法不对"),
        (("holidays:", "freedays:"), "years.2025.freedays", "没有这一项"),
    ],
)
def test_a_bad_file_is_named_with_field_and_reason(
    linli: Calendars, change: tuple[str, str], field: str, reason: str
) -> None:
    code, named, said = linli.refused(change)
    assert (code, named) == ("calendar-invalid", field)
    assert said.startswith("ours.yaml:")
    assert reason in said


def test_a_version_is_never_changed_nor_taken_back(linli: Calendars) -> None:
    assert linli.refused(("2026-10-07", "2026-10-08"), version="2026.1")[:2] == ("version-taken", "version")
    assert linli.refused(version="2025.9")[:2] == ("version-not-newer", "version")
    assert linli.refused(version="next")[:2] == ("calendar-invalid", "version")


def test_a_file_that_is_not_there_is_missing(linli: Calendars, tmp_path: Path) -> None:
    code, said = linli("calendars", "import", str(tmp_path / "no.yaml"))
    assert (code, said["problems"][0]["field"]) == (ExitCode.MISSING, "file")
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9")
    code, said = linli("calendars", "import", str(tmp_path / "latin.yaml"))
    assert (code, said["problems"][0]["code"]) == (ExitCode.BAD_INPUT, "not-text")
