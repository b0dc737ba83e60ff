"""What scripts read: one object on stdout, the exit code, everything else on stderr."""

import json
import sys
from typing import Any

import pytest
import typer

from cli import main
from cli.output import ExitCode, JsonOption, Problem, Refused, answer, bad_input, missing

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """An application with one command per way to end."""
    app = typer.Typer()
    group = typer.Typer()
    app.add_typer(group, name="rules")

    @app.command()
    def tell(*, as_json: JsonOption = False) -> None:
        answer("tell", {"items": [1]}, as_json=as_json, show=lambda: sys.stdout.write("一项\n"))

    @app.command()
    def deny(*, as_json: JsonOption = False) -> None:
        answer("deny", None, as_json=as_json, ok=False, problems=[Problem(code="no", reason="不行")])

    @app.command()
    def refuse(*, as_json: JsonOption = False) -> None:
        del as_json
        raise bad_input("bad-day", "没有这一天", field="day", fix="用 2026-11-21 这样的写法")

    @app.command()
    def lack(*, as_json: JsonOption = False) -> None:
        del as_json
        raise missing("no-go", "没有 Go")

    @app.command()
    def partly(*, as_json: JsonOption = False) -> None:
        del as_json
        raise Refused(Problem(code="half", reason="一半"), data={"done": 1})

    @app.command("break")
    def break_down(*, as_json: JsonOption = False) -> None:
        del as_json
        raise RuntimeError("坏了")

    @group.command()
    def lint(*, as_json: JsonOption = False) -> None:
        del as_json
        raise bad_input("yaml", "第 3 行读不懂")

    monkeypatch.setattr(main, "application", lambda _words: app)
    return app


def said(capsys: Captured) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("commands")
class TestAnswers:
    def test_an_answer_is_one_object(self, capsys: Captured) -> None:
        assert main.run(["tell", "--json"]) == ExitCode.TRUE
        assert said(capsys) == {"schema": "linli.tell/1", "ok": True, "data": {"items": [1]}, "problems": []}

    def test_people_read_words_instead(self, capsys: Captured) -> None:
        assert main.run(["tell"]) == ExitCode.TRUE
        assert capsys.readouterr().out == "一项\n"

    def test_a_no_is_exit_code_1(self, capsys: Captured) -> None:
        assert main.run(["deny", "--json"]) == ExitCode.FALSE
        assert said(capsys)["problems"] == [{"code": "no", "field": None, "reason": "不行", "fix": None}]

    def test_bad_input_is_exit_code_2_and_names_the_field(self, capsys: Captured) -> None:
        assert main.run(["refuse", "--json"]) == ExitCode.BAD_INPUT
        problem = said(capsys)["problems"][0]
        assert (problem["code"], problem["field"]) == ("bad-day", "day")

    def test_something_missing_is_exit_code_3(self, capsys: Captured) -> None:
        assert main.run(["lack", "--json"]) == ExitCode.MISSING
        assert said(capsys)["ok"] is False

    def test_a_refusal_may_carry_data(self, capsys: Captured) -> None:
        assert main.run(["partly", "--json"]) == ExitCode.FALSE
        assert said(capsys)["data"] == {"done": 1}

    @pytest.mark.parametrize("words", [["tell", "--bogus"], ["nothing"], ["rules", "nothing"], ["tell", "surplus"]])
    def test_a_misspelt_command_line_is_bad_input_in_json_too(self, words: list[str], capsys: Captured) -> None:
        assert main.run([*words, "--json"]) == ExitCode.BAD_INPUT
        assert said(capsys)["problems"][0]["code"] == "usage"

    def test_a_command_of_a_group_is_named_with_a_dot(self, capsys: Captured) -> None:
        assert main.run(["rules", "lint", "--json"]) == ExitCode.BAD_INPUT
        assert said(capsys)["schema"] == "linli.rules.lint/1"

    def test_a_defect_is_json_on_stdout_and_a_trace_on_stderr(self, capsys: Captured) -> None:
        assert main.run(["break", "--json"]) == ExitCode.FALSE
        captured = capsys.readouterr()
        assert json.loads(captured.out)["problems"][0]["code"] == "unexpected"
        assert "Traceback" in captured.err

    def test_people_read_problems_on_stderr(self, capsys: Captured) -> None:
        main.run(["refuse"])
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "没有这一天" in captured.err
        assert "用 2026-11-21 这样的写法" in captured.err


def test_home_may_stand_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_HOME", "/elsewhere")
    assert main.take_home(["down", "--home", "/one", "--json"]) == ["down", "--json"]
    assert main.os.environ["LINLI_HOME"] == "/one"
    assert main.take_home(["--home=/two", "down"]) == ["down"]
    assert main.os.environ["LINLI_HOME"] == "/two"


def test_a_setting_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("LINLI_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("LINLI_WEB_PORT", "eighty")
    assert main.run(["down", "--json"]) == ExitCode.BAD_INPUT
    assert said(capsys)["problems"][0]["field"] == "web_port"
