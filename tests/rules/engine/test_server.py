"""The engine as a process: it answers, and its death is felt only as a pause."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.classify import Question, plain_hits
from rules.engine.client import EngineClient, EngineUnavailable
from rules.load import load_all

PROJECT = Path(__file__).parents[3]
EBIKE = next(c for c in load_all(PROJECT / "rulesets") if c.id == "ebike-in-elevator")
FACTS = {"riding": "began", "rides_7d": 3, "ebike.confidence": 0.9, "ebike.phase": "none"}

pytestmark = pytest.mark.servers


class Engine:
    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        code = "import sys; from pathlib import Path; from rules.engine.server import serve; serve(Path(sys.argv[1]))"
        self.process = subprocess.Popen([sys.executable, "-c", code, str(self.socket)], cwd=PROJECT)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    deep = tmp_path / ("a-long-name-for-a-home-" * 6) / "run"
    found = Engine(deep / "engine.sock")
    found.start()
    yield found
    found.kill()


def test_the_engine_answers_as_the_plain_evaluator(engine: Engine) -> None:
    client = EngineClient(engine.socket, patience=60)
    batch = [Question(EBIKE.engine, FACTS), Question(EBIKE.engine, {"blocking": "began"}), Question(EBIKE.engine, {})]
    assert client.hits(batch) == [("repeated",), ("blocked",), ()]
    assert client.hits(batch)[0] == plain_hits(EBIKE, FACTS)
    client.close()


def test_a_killed_engine_is_asked_again_when_it_is_back(engine: Engine) -> None:
    client = EngineClient(engine.socket, patience=60)
    client.hits([Question(EBIKE.engine, FACTS)])
    engine.kill()
    engine.start()
    assert client.hits([Question(EBIKE.engine, FACTS)]) == [("repeated",)]
    client.close()


def test_no_engine_is_said_after_a_while(tmp_path: Path) -> None:
    client = EngineClient(tmp_path / "nobody.sock", patience=0.2)
    with pytest.raises(EngineUnavailable):
        client.hits([Question(EBIKE.engine, FACTS)])
