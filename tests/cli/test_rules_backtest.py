"""`linli rules backtest`, as an author and a script call it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from commanding import at_home
from databases import Database
from stored_month import HELD, SMOKE, UNIT, alarms, keep_real_case

from cli.main import run
from cli.output import ExitCode
from settings.model import RULESETS
from store.seed.history import keep_signals

Linli = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def empty(
    seeded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Linli:
    """The command line of a home whose database is the test's; nothing was ever said there."""
    at_home(monkeypatch, seeded, tmp_path)

    def linli(*words: str) -> tuple[int, dict[str, Any]]:
        code = run(["rules", "backtest", *words, "--json"])
        out, err = capsys.readouterr()
        assert "Traceback" not in err, err
        return code, json.loads(out)

    return linli


@pytest.fixture
def linli(empty: Linli, seeded: Database) -> Linli:
    with psycopg.connect(seeded.owner_dsn, autocommit=True, options="-c linli.scope=*") as owner:
        keep_signals(owner, alarms())
        keep_real_case(owner, 1, "true", "solved")
        keep_real_case(owner, 2, "false", "untrue")
    return empty


@pytest.fixture
def working_copy(tmp_path: Path) -> Path:
    """A folder in which an alarm must hold for a minute."""
    folder = tmp_path / "copies" / "corridor-smoke"
    shutil.copytree(RULESETS / "corridor-smoke", folder)
    shutil.copy(RULESETS / "catalogue.csv", folder.parent)
    text = (folder / "ruleset.yaml").read_text(encoding="utf-8")
    (folder / "ruleset.yaml").write_text(text.replace(*HELD), encoding="utf-8")
    return folder


def test_the_active_version_against_itself_changes_nothing(linli: Linli) -> None:
    code, said = linli("corridor-smoke")

    data = said["data"]
    assert code == ExitCode.TRUE
    assert said["schema"] == "linli.rules.backtest/1"
    assert (data["version"], data["against"]) == (SMOKE.hash, SMOKE.hash)
    assert {name: data[name] for name in ("signals", "new", "gone", "moved", "same")} == {
        "signals": 56,
        "new": 0,
        "gone": 0,
        "moved": 0,
        "same": 28,
    }
    assert data["next"] is None


def test_a_folder_is_tried_beside_the_active_version(linli: Linli, working_copy: Path) -> None:
    code, said = linli(str(working_copy))

    data = said["data"]
    assert code == ExitCode.TRUE
    assert (data["version"], data["against"]) == (None, SMOKE.hash)
    assert (data["gone"], data["same"], data["true_lost"], data["false_saved"]) == (21, 7, 1, 1)
    assert [item["change"] for item in data["items"]] == ["gone"] * 21 + ["same"] * 7
    assert data["items"][0]["case"]["number"] == "KJ-1"


def test_a_period_and_an_area_narrow_it(linli: Linli) -> None:
    _, week = linli("corridor-smoke", "--from", "2026-10-06", "--to", "2026-10-08", "--area", UNIT)
    elsewhere, said = linli("corridor-smoke", "--area", "/310110/kj/c09/")

    assert (week["data"]["signals"], week["data"]["same"]) == (4, 2)
    assert (elsewhere, said["problems"][0]["code"]) == (ExitCode.MISSING, "no-signals")


def test_where_nothing_was_ever_said_there_is_nothing_to_play(empty: Linli) -> None:
    code, said = empty("corridor-smoke")

    assert (code, said["problems"][0]["code"]) == (ExitCode.MISSING, "no-signals")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("no-such-ruleset",), "ruleset"),
        (("corridor-smoke", "--version", "ffffff"), "ruleset"),
        (("corridor-smoke", "--against", "ffffff"), "against"),
        (("corridor-smoke", "--from", "yesterday"), "from"),
        (("corridor-smoke", "--from", "2026-10-08", "--to", "2026-10-06"), "from"),
        (("corridor-smoke", "--area", "/"), "area"),
    ],
)
def test_what_cannot_be_meant_is_named(linli: Linli, words: tuple[str, ...], field: str) -> None:
    code, said = linli(*words)

    assert (code, said["problems"][0]["field"]) == (ExitCode.BAD_INPUT, field)


def test_a_folder_that_is_no_ruleset_says_where(linli: Linli, working_copy: Path) -> None:
    path = working_copy / "ruleset.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("smoke.alarm:", "smoke.alrm:", 1), encoding="utf-8")

    code, said = linli(str(working_copy))

    assert code == ExitCode.BAD_INPUT
    assert "ruleset.yaml:" in said["problems"][0]["reason"]
