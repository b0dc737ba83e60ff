"""One installation for the stories of a run; tests that break servers start their own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from installation import Installation


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home: Path = tmp_path_factory.mktemp("linli-home")
    home.chmod(0o755)
    started = Installation(home).up()
    yield started
    started.down()


HURRIED = 12  # times as fast
Told = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One whose clocks run twelve times as fast: an emergency that nobody reads is louder after five seconds."""
    home: Path = tmp_path_factory.mktemp("linli-hurried")
    home.chmod(0o755)
    (home / "linli.json").write_text(f'{{"clock_rate": {HURRIED}}}', encoding="utf-8")
    started = Installation(home).up()
    yield started
    started.down()


@pytest.fixture(scope="session")
def told(hurried: Installation) -> Iterator[Told]:
    """Stories that `linli demo` plays side by side, while tests do other things; asked by name, the case as printed."""
    words = ("demo", "--once", "--clock-rate", str(HURRIED), "--story")
    playing = {name: hurried.begin(*words, name) for name in ("smoke-at-night", "resident")}

    def case_of(name: str) -> dict[str, Any]:
        said, complaints = playing[name].communicate(timeout=240)
        assert playing[name].returncode == 0, said + complaints + hurried.logs()
        (story,) = hurried.read(said)["data"]["stories"]
        case: dict[str, Any] = story["case"]
        return case

    yield case_of
    for story in playing.values():
        story.kill()
        story.communicate()
