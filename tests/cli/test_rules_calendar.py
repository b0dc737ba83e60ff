"""`linli rules` tries rulesets with the working days that are in force here; where nothing runs, it says that."""

from pathlib import Path

import pytest
from commanding import Linli, at_home
from databases import Database

from cli.output import ExitCode
from settings.model import RULESETS

Captured = pytest.CaptureFixture[str]
SHIPPED = (RULESETS / "calendars" / "cn-working-days.yaml").read_text(encoding="utf-8")
TEMPLATE = "{% block title %}{{ place }}{{ ruleset }}{% endblock %}{% block text %}{{ since|local }}{% endblock %}"
LOUD = """
ruleset: loud
title: 工作日噪声
lead: committee
hours: {office: {from: "09:00", to: "17:00", days: working}}
signals: {noise: {type: noise, fields: {level: number}}}
perceive:
  loud: {label: 吵, enter: {all: [{noise.level: {gte: 60}}, {hours.office: {eq: true}}]}, exit: {noise.level: {lt: 55}}}
classify: [{id: loud, then: {category: noise-exceedance, priority: normal, tier: committee, handler: committee}}]
case: {dedupe: place}
tests:
  - {name: the day is free here, feed: [{at: 0s, noise: {level: 70}}], expect: {cases: 0}}
  - {name: the next is not, date: "2026-03-03", feed: [{at: 0s, noise: {level: 70}}], expect: {cases: 1}}
"""


@pytest.fixture
def linli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Linli:
    folder = tmp_path / "loud"
    folder.mkdir()
    (folder / "ruleset.yaml").write_text(LOUD, encoding="utf-8")
    (folder / "template.zh.j2").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.setenv("LINLI_HOME", str(tmp_path / "nothing-here"))
    return Linli(capsys, folder)


def folder_of(linli: Linli) -> str:
    return str(linli._folder)


def test_a_test_passes_by_the_imported_calendar_that_fails_by_the_shipped_one(
    linli: Linli, seeded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = linli("rules", "test", folder_of(linli))
    assert (code, said["data"]["calendar"]) == (ExitCode.FALSE, {"in_force": False, "version": None})

    at_home(monkeypatch, seeded, tmp_path)
    text = SHIPPED.replace('version: "2026.1"', 'version: "2026.2"').replace(
        "2026-05-01/", "2026-03-02\n      - 2026-05-01/"
    )
    (tmp_path / "ours.yaml").write_text(text, encoding="utf-8")
    assert linli("calendars", "import", str(tmp_path / "ours.yaml"))[0] == ExitCode.TRUE

    code, said = linli("rules", "test", folder_of(linli))
    assert (code, said["data"]["calendar"]) == (ExitCode.TRUE, {"in_force": True, "version": "2026.2"})
    assert not [one for one in linli("rules", "lint", folder_of(linli))[1]["problems"] if one["code"] == "test-fails"]
    assert linli("rules", "mutate", folder_of(linli))[1]["data"]["calendar"]["version"] == "2026.2"


def test_where_no_store_answers_it_says_so(linli: Linli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    shipped = str(RULESETS / "corridor-smoke")
    assert "自带的" in linli.people_read("rules", "test", shipped)
    assert linli("rules", "test", shipped)[0] == ExitCode.TRUE
