"""The installation that these stories share, and the stories that `linli demo` plays in it meanwhile."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from installation import Installation, an_installation

HURRIED = 12  # times as fast
Told = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="package")
def hurried() -> Iterator[Installation]:
    """Its clocks run twelve times as fast: an emergency that nobody reads is louder after five seconds."""
    with an_installation(clock_rate=HURRIED) as running:
        yield running


@pytest.fixture(scope="package")
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
