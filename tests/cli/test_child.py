"""One supervised process: it comes back when it dies, and stays away when it was stopped."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

import settings
from cli import child
from cli.child import Child, NotReady
from cli.processes import Process, Start
from settings import Settings

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]
FAILING = [sys.executable, "-S", "-c", "raise SystemExit('no such port')"]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    given = settings.load(tmp_path)
    given.run_folder.mkdir()
    given.log_folder.mkdir()
    return given


def a_child(given: Settings, words: list[str], ready: Callable[[Settings], bool] = lambda _: True) -> Child:
    return Child(Process("sleeper", "测试进程", lambda _: Start(words), ready), given, lambda: None)


async def until(true: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "waited in vain"
        await asyncio.sleep(0.01)


def pauses(told: Sequence[Mapping[str, Any]]) -> list[float]:
    """For how many seconds it said that it would wait after each death."""
    return [entry["again_in"] for entry in told if entry["event"] == "died"]


async def test_a_killed_process_is_back_after_the_first_pause(home: Settings) -> None:
    sleeper = a_child(home, SLEEPER)
    sleeper.start()
    await sleeper.until_ready()
    first = sleeper.pid
    assert first is not None
    with capture_logs() as told:
        os.kill(first, signal.SIGKILL)
        await until(lambda: sleeper.pid not in (None, first))
    assert pauses(told) == [child.FIRST_PAUSE] == [0.2]
    await sleeper.stop()


async def test_a_stopped_process_stays_away_until_it_is_started(home: Settings) -> None:
    sleeper = a_child(home, SLEEPER)
    sleeper.start()
    await sleeper.until_ready()
    await sleeper.stop()
    await asyncio.sleep(child.FIRST_PAUSE + 0.2)
    assert sleeper.pid is None
    sleeper.start()
    await sleeper.until_ready()
    assert sleeper.pid is not None
    await sleeper.stop()


async def test_one_that_does_not_listen_is_killed(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "STOP_WITHIN", 0.3)
    deaf = a_child(home, STUBBORN, ready=lambda given: "deaf" in (given.log_folder / "sleeper.log").read_text())
    deaf.start()
    await deaf.until_ready()
    pid = deaf.pid
    assert pid is not None
    await deaf.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_one_that_keeps_dying_is_named_with_its_last_words(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "FIRST_PAUSE", 0.01)
    failing = a_child(home, FAILING, ready=lambda _: False)
    failing.start()
    with pytest.raises(NotReady, match="no such port"):
        await failing.until_ready()
    await failing.stop()


async def test_early_deaths_slow_the_restarts_down(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "FIRST_PAUSE", 0.05)
    failing = a_child(home, FAILING, ready=lambda _: False)
    with capture_logs() as told:
        failing.start()
        await until(lambda: len(pauses(told)) >= 4)
        await failing.stop()
    assert pauses(told)[:4] == [0.05, 0.1, 0.2, 0.4]


async def test_a_stale_ready_file_says_nothing(home: Settings) -> None:
    home.ready_file("sleeper").touch()
    sleeper = a_child(home, SLEEPER, ready=lambda given: given.ready_file("sleeper").exists())
    sleeper.start()
    await until(lambda: sleeper.pid is not None)
    assert not home.ready_file("sleeper").exists()
    await sleeper.stop()
