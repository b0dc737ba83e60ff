"""What docs/rulesets/tutorial.md says is done here, word for word, in both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import application

DOCS = Path(__file__).parents[2] / "docs" / "rulesets"
BLOCK = re.compile(r"^```(\w+) ([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = "pump-room-heat"


def blocks(page: str) -> Iterator[tuple[str, str, str]]:
    """Language, what stands behind it, and the text of each block that does something."""
    return ((found[1], found[2], found[3]) for found in BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")))


def written(folder: Path, what: str, text: str) -> None:
    """A whole file, its end from a line on, or one place of it."""
    words = what.split(" ", 1)
    path = folder / words[0].removeprefix("file=")
    if len(words) == 1:
        path.write_text(text, encoding="utf-8")
    elif words[1].startswith("from="):
        start = words[1].removeprefix("from=") + ":"
        kept = path.read_text(encoding="utf-8").split(f"\n{start}")[0]
        path.write_text(f"{kept}\n{text}", encoding="utf-8")
    else:
        old, now = words[1].removeprefix("replace="), path.read_text(encoding="utf-8")
        assert now.count(old) == 1
        path.write_text(now.replace(old, text.strip()), encoding="utf-8")


def test_every_step_of_the_tutorial_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / NAME
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    steps = 0
    for language, what, text in blocks("tutorial.md"):
        if language != "console":
            written(folder, what, text)
            continue
        asked = re.fullmatch(r"exit=(\d)(?: says=(.*))?", what)
        assert asked is not None, what
        words = text.split()[1:]
        result = CliRunner().invoke(application(words), words)
        assert result.exit_code == int(asked[1]), (text, result.output)
        assert (asked[2] or "") in result.output, (text, result.output)
        steps += 1
    assert steps == 9


def test_both_languages_do_the_same() -> None:
    assert list(blocks("tutorial.md")) == list(blocks("tutorial.zh.md"))
