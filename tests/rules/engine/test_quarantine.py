"""A ruleset that the engine does not survive: the engine is killed by it three times, nobody's alarm is withheld."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rules.classify import Question, plain_hits
from rules.engine.client import EngineClient
from rules.engine.quarantine import CRASHES, Quarantine
from rules.load import load_all

PROJECT = Path(__file__).parents[3]
RULESETS = {compiled.id: compiled for compiled in load_all(PROJECT / "rulesets")}
EBIKE, SMOKE = RULESETS["ebike-in-elevator"], RULESETS["corridor-smoke"]
RIDE = Question(EBIKE.engine, {"riding": "began", "rides_7d": 3, "ebike.confidence": 0.9, "ebike.phase": "none"})
ALARM = Question(SMOKE.engine, {"alarming": "began", "sensors_2m": 2, "smoke.phase": "none"})
SERVE = (
    "import sys; from pathlib import Path; from rules.engine.server import serve; serve(Path(sys.argv[1]), sys.argv[2])"
)

pytestmark = pytest.mark.servers


class Engines:
    """An engine process that dies of one version, and is started again whenever it died."""

    def __init__(self, socket: Path, crashes_on: str) -> None:
        self.socket = socket
        self.deaths: list[int] = []
        self._words = [sys.executable, "-c", SERVE, str(socket), crashes_on]
        self._ending = threading.Event()
        self._process = self._begun()
        self._keeper = threading.Thread(target=self._keep)
        self._keeper.start()

    def _begun(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._words, cwd=PROJECT, stderr=subprocess.DEVNULL)

    def _keep(self) -> None:
        while True:
            code = self._process.wait()
            if self._ending.is_set():
                return
            self.deaths.append(code)
            self._process = self._begun()

    def end(self) -> None:
        self._ending.set()
        self._process.kill()
        self._keeper.join()


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Engines]:
    found = Engines(tmp_path / "engine.sock", EBIKE.hash[:12])
    yield found
    found.end()


def test_after_the_third_crash_the_plain_evaluator_answers_and_the_others_are_matched_as_ever(engines: Engines) -> None:
    heard: list[tuple[str, int]] = []
    quarantine = Quarantine(told=lambda *crash: heard.append(crash))
    client = EngineClient(engines.socket, patience=60, quarantine=quarantine)

    hits = client.hits([ALARM, RIDE, ALARM])

    assert hits == [plain_hits(SMOKE, ALARM.facts), ("repeated",), plain_hits(SMOKE, ALARM.facts)]
    assert heard == [(EBIKE.hash, 1), (EBIKE.hash, 2), (EBIKE.hash, 3)]
    assert quarantine.holds(EBIKE.hash)
    assert not quarantine.holds(SMOKE.hash)
    for _ in range(2):
        assert client.hits([RIDE, ALARM]) == hits[1::-1]
        assert engines.deaths == [-6] * (1 + CRASHES)  # once together with others, then alone
    client.close()


def test_a_version_known_to_crash_is_not_tried_again(engines: Engines) -> None:
    client = EngineClient(engines.socket, patience=60, quarantine=Quarantine({EBIKE.hash: CRASHES}))
    assert client.hits([RIDE]) == [("repeated",)]
    assert client.hits([ALARM]) == [plain_hits(SMOKE, ALARM.facts)]
    assert not engines.deaths
    client.close()


def test_rules_that_the_engine_refuses_are_answered_for_as_well(engines: Engines) -> None:
    (smoke,) = SMOKE.engine
    broken = Question((replace(smoke, text='{"a":{"all":[{"m":}]}}'),), ALARM.facts)
    client = EngineClient(engines.socket, patience=60)
    assert client.hits([broken]) == [plain_hits(SMOKE, ALARM.facts)]
    assert not engines.deaths
    client.close()
