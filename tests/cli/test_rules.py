"""`linli rules lint | codes | test | mutate | schema`, as an author and a script call them."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from cli.main import run
from cli.output import ExitCode
from rules.lint.codes import CODES
from settings.model import RULESETS

Captured = pytest.CaptureFixture[str]


class Linli:
    def __init__(self, capsys: Captured) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, dict[str, Any]]:
        code = run(["rules", *words, "--json"])
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err, err
        return code, json.loads(out)

    def people_read(self, *words: str) -> str:
        run(["rules", *words])
        return self._capsys.readouterr().err


@pytest.fixture
def linli(capsys: Captured) -> Linli:
    return Linli(capsys)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A ruleset's folder, copied somewhere alone."""
    return Path(copytree(RULESETS / "ebike-in-elevator", tmp_path / "ebike-in-elevator"))


def change(folder: Path, old: str, new: str) -> int:
    """The line of what was changed."""
    path = folder / "ruleset.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_every_rule_of_what_ships_is_hit_and_missed(linli: Linli) -> None:
    code, said = linli("test")
    assert (code, said["ok"], said["problems"]) == (ExitCode.TRUE, True, [])
    assert (said["data"]["unhit"], said["data"]["unmissed"]) == ([], [])
    assert all(item["passed"] for item in said["data"]["items"])


def test_a_threshold_moved_in_a_copy_fails_its_tests(linli: Linli, copied: Path) -> None:
    assert linli("test", str(copied))[0] == ExitCode.TRUE
    change(copied, "0.80", "0.99")
    code, said = linli("test", str(copied))
    assert code == ExitCode.FALSE
    assert {problem["code"] for problem in said["problems"]} == {"test-fails", "untested"}
    assert {"ruleset": "ebike-in-elevator", "rule": "repeated"} in said["data"]["unhit"]


def test_failures_are_told_as_a_difference(linli: Linli, copied: Path) -> None:
    line = change(copied, "expect: {cases: 1, rule: blocked, handler: property", "expect: {cases: 2, rule: blocked")
    told = linli.people_read("test", str(copied)).splitlines()
    assert told[0].startswith("工作日历：")
    assert told[1] == "ebike-in-elevator/ruleset.yaml .F..............."
    assert f"ebike-in-elevator/ruleset.yaml:{line - 2}" in told
    assert told.index("- cases: 2") + 1 == told.index("+ cases: 1")
    assert told[-1].strip("= ").startswith("1 failed, 16 passed in ")


def test_a_rule_that_no_test_hits_fails(linli: Linli, copied: Path) -> None:
    change(
        copied, "  - {id: counted", "  - {id: never-tested, if: {rides_7d: {gte: 90}}, then: none}\n  - {id: counted"
    )
    code, said = linli("test", str(copied))
    assert (code, said["data"]["unhit"]) == (
        ExitCode.FALSE,
        [{"ruleset": "ebike-in-elevator", "rule": "never-tested"}],
    )


def test_a_misspelt_field_is_told_with_code_line_and_nearest_name(linli: Linli, copied: Path) -> None:
    line = change(copied, "enter: {ebike.confidence", "enter: {ebike.confidnce")
    code, said = linli("lint", str(copied))
    assert code == ExitCode.FALSE
    problem = said["problems"][0]
    assert (problem["code"], problem["line"]) == ("unknown-name", line)
    assert problem["file"] == "ebike-in-elevator/ruleset.yaml"
    assert problem["field"] == "perceive.riding.enter.ebike.confidnce"
    assert "“ebike.confidence”" in problem["fix"]


def test_a_warning_is_told_and_does_not_fail(linli: Linli, copied: Path) -> None:
    change(
        copied, "if: {blocking: {is: began}}", "if: {all: [{blocking: {is: began}}, {ebike.confidence: {gte: 0.85}}]}"
    )
    change(
        copied,
        "  - id: repeated\n",
        "  - {id: sure, if: {ebike.in_doorway: {eq: true}}, label: x, then: {category: lift-ebike, priority: urgent,"
        " tier: brain, handler: committee}}\n  - id: repeated\n",
    )
    _, said = linli("lint", str(copied))
    overlaps = [problem for problem in said["problems"] if problem["code"] == "overlap"]
    assert [problem["severity"] for problem in overlaps] == ["warning"]
    assert "“x”" in overlaps[0]["reason"]
    assert said["data"]["warnings"] == 1


def test_every_code_is_explained(linli: Linli) -> None:
    code, said = linli("codes")
    assert (code, {item["code"] for item in said["data"]["items"]}) == (ExitCode.TRUE, set(CODES))
    assert "## 正确的写法" in linli.people_read("codes", "gap")
    code, said = linli("codes", "gapp")
    assert (code, said["problems"][0]["fix"]) == (ExitCode.BAD_INPUT, "是不是要写“gap”？")


def test_a_change_that_no_test_notices_is_told(linli: Linli, copied: Path) -> None:
    code, said = linli("mutate", str(copied))
    assert (code, said["data"]["survived"]) == (ExitCode.TRUE, [])
    assert said["data"]["killed"] > 20
    change(
        copied,
        "{at: 0s, ebike: {confidence: 0.80, in_doorway: true}}",
        "{at: 0s, ebike: {confidence: 0.90, in_doorway: true}}",
    )
    code, said = linli("mutate", str(copied))
    assert code == ExitCode.FALSE
    threshold = next(one for one in said["data"]["survived"] if one["kind"] == "threshold")
    assert threshold["words"] == "置信度 ≥ 0.8 改成 0.81"
    assert threshold["file"] == "ebike-in-elevator/ruleset.yaml"


def test_the_schema_is_printed(linli: Linli) -> None:
    code, said = linli("schema")
    assert (code, said["data"]["title"]) == (ExitCode.TRUE, "Linli ruleset")


def test_a_folder_without_a_ruleset_is_missing(linli: Linli, tmp_path: Path) -> None:
    code, said = linli("lint", str(tmp_path))
    assert (code, said["problems"][0]["code"]) == (ExitCode.MISSING, "no-ruleset")


def test_a_ruleset_of_ones_own_is_begun_from_a_template(linli: Linli, tmp_path: Path) -> None:
    code, said = linli("new", "threshold", "cellar-water", "--into", str(tmp_path))
    assert (code, said["data"]["ruleset"]) == (ExitCode.TRUE, "cellar-water")
    assert linli("lint", str(tmp_path / "cellar-water"))[0] == ExitCode.TRUE
    assert linli("test", str(tmp_path / "cellar-water"))[0] == ExitCode.TRUE


def test_without_a_folder_it_goes_where_the_installation_looks(
    linli: Linli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    code, said = linli("new", "silence", "quiet-lift")
    assert (code, said["data"]["folder"]) == (ExitCode.TRUE, str(tmp_path / "rulesets" / "quiet-lift"))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("treshold", "cellar-water"), "unknown-template"),
        (("threshold", "Cellar"), "bad-name"),
        (("threshold", "../x"), "bad-name"),
        (("threshold", "taken"), "name-taken"),
    ],
)
def test_a_new_ruleset_needs_a_template_and_a_free_name(
    linli: Linli, tmp_path: Path, words: tuple[str, str], problem: str
) -> None:
    (tmp_path / "taken").mkdir()
    code, said = linli("new", *words, "--into", str(tmp_path))
    assert (code, said["problems"][0]["code"]) == (ExitCode.BAD_INPUT, problem)
