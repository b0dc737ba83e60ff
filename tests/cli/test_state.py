"""`linli.json`: what a home remembers."""

import json
import socket
from pathlib import Path

import pytest

from cli import main, state
from cli.output import ExitCode, Refused


@pytest.fixture(autouse=True)
def _no_outside_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = ("LINLI_DATABASE_URL", "LINLI_OWNER_DATABASE_URL", "LINLI_TEMPORAL_ADDRESS", "TEMPORAL_ADDRESS")
    for name in outside:
        monkeypatch.delenv(name, raising=False)


def test_a_second_start_finds_the_same_secrets_and_ports(tmp_path: Path) -> None:
    assert state.prepare(tmp_path) == state.prepare(tmp_path)


def test_nobody_else_may_read_the_secrets(tmp_path: Path) -> None:
    state.prepare(tmp_path)
    assert (tmp_path / "linli.json").stat().st_mode & 0o077 == 0


def test_a_port_that_somebody_took_is_chosen_anew(tmp_path: Path) -> None:
    before = state.prepare(tmp_path)
    with socket.socket() as intruder:
        intruder.bind(("127.0.0.1", before.web_port))
        intruder.listen()
        after = state.prepare(tmp_path)
    assert after.web_port != before.web_port
    assert after.postgres_port == before.postgres_port
    assert after.payload_key == before.payload_key


def test_ports_differ_from_each_other(tmp_path: Path) -> None:
    state.prepare(tmp_path)
    kept = json.loads((tmp_path / "linli.json").read_text())
    assert len({kept[name] for name in state.OWN_SERVERS}) == len(state.OWN_SERVERS)


def test_a_port_from_the_environment_is_taken_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_POSTGRES_PORT", "25432")
    assert ":25432/" in state.prepare(tmp_path).database_url


def test_an_outside_database_is_used_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_DATABASE_URL", "postgresql://app@db/linli")
    monkeypatch.setenv("LINLI_OWNER_DATABASE_URL", "postgresql://owner@db/linli")
    assert state.prepare(tmp_path).database_url == "postgresql://app@db/linli"
    assert not state.embeds_postgres()


def test_an_outside_database_needs_an_owner_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_DATABASE_URL", "postgresql://app@db/linli")
    with pytest.raises(Refused) as refused:
        state.prepare(tmp_path)
    assert refused.value.exit_code == ExitCode.BAD_INPUT
    assert refused.value.problems[0].field == "owner_database_url"


def test_the_usual_name_of_temporals_address_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    assert state.prepare(tmp_path).temporal_address == "temporal.example:7233"
    assert not state.embeds_temporal()


def test_a_home_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(Refused, match="数据目录不能写"):
        state.prepare(tmp_path / "home")


def test_a_damaged_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "linli.json").write_text("{half")
    with pytest.raises(Refused, match="不是 JSON"):
        state.prepare(tmp_path)
    assert (tmp_path / "linli.json").read_text() == "{half"


def test_a_long_home_has_a_socket_all_the_same(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    prepared = state.prepare(deep)
    prepared.socket("engine").parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(prepared.socket("engine")))
    prepared.socket("engine").unlink()
    assert prepared.socket("engine") != state.prepare(tmp_path / ("e" * 120)).socket("engine")


@pytest.mark.parametrize("words", [["up", "--detach"], ["up"]])
def test_a_home_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LINLI_HOME", str(tmp_path / "file"))
    assert main.run([*words, "--json"]) == ExitCode.MISSING
    out, err = capsys.readouterr()
    assert json.loads(out)["problems"][0]["field"] == "home"
    assert "Traceback" not in err


def test_a_state_file_that_is_no_json_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "linli.json").write_text("[1")
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    assert main.run(["cases", "list", "--json"]) == ExitCode.BAD_INPUT
    out, err = capsys.readouterr()
    assert json.loads(out)["problems"][0]["code"] == "state-file"
    assert "Traceback" not in err


def test_an_empty_home_is_refused_and_no_other_home_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LINLI_HOME", raising=False)
    assert main.run(["cases", "list", "--home", "", "--json"]) == ExitCode.BAD_INPUT
    assert json.loads(capsys.readouterr().out)["problems"][0]["field"] == "--home"
