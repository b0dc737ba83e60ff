"""`linli doctor`: what is missing, in plain words."""

import json
from pathlib import Path

import pytest

from cli import doctor, main
from cli.output import ExitCode


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("home")
def test_a_missing_temporal_is_exit_code_3_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    monkeypatch.setattr(doctor.server, "find", lambda: None)
    assert main.run(["doctor", "--json"]) == ExitCode.MISSING
    answer = json.loads(capsys.readouterr().out)
    problems = {problem["field"]: problem for problem in answer["problems"]}
    assert "make setup" in problems["temporal"]["fix"]
    assert any(item["name"] == "python" and item["ok"] for item in answer["data"]["items"])


@pytest.mark.usefixtures("home")
def test_a_missing_browser_only_limits(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    which = doctor.shutil.which
    monkeypatch.setattr(doctor.shutil, "which", lambda name, **by: None if "chrom" in name else which(name, **by))
    main.run(["doctor", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert not next(item for item in answer["data"]["items"] if item["name"] == "chromium")["ok"]
    assert "chromium" not in {problem["field"] for problem in answer["problems"]}


def test_a_forced_broker_that_is_unknown_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINLI_BROKER", "rabbit")
    assert main.run(["doctor", "--json", "--home", str(home)]) == ExitCode.MISSING
    assert "rabbit" in capsys.readouterr().out
