"""The `linli` command line as a person and a script call it."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from databases import Database

from cli.main import run
from cli.output import ExitCode


def at_home(monkeypatch: pytest.MonkeyPatch, database: Database, folder: Path) -> None:
    """`folder` is the home from here on, and `database` its database."""
    monkeypatch.setenv("LINLI_HOME", str(folder))
    monkeypatch.setenv("LINLI_DATABASE_URL", database.app_dsn)
    monkeypatch.setenv("LINLI_PAYLOAD_KEY", base64.b64encode(bytes(32)).decode())


class Linli:
    """The command line, with a folder for the files that are given to it."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys, self._folder = capsys, folder

    def __call__(self, *words: str) -> tuple[int, dict[str, Any]]:
        code = run([*words, "--json"])
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err, err
        assert out.count("\n") == 1, out
        return code, json.loads(out)

    def people_read(self, *words: str) -> str:
        assert run([*words]) == ExitCode.TRUE
        return self._capsys.readouterr().err
