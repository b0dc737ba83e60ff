"""Processes are killed at the worst moments; the story ends all the same, and nothing is lost or doubled."""

from collections.abc import Iterator
from typing import Any

import pytest
from installation import Installation, an_installation

pytestmark = pytest.mark.servers
FAILPOINTS = ("after-inbox-commit", "after-perceive-commit", "after-start", "after-advance")


@pytest.fixture
def doomed() -> Iterator[Installation]:
    """An installation whose processes die once at each failpoint."""
    with an_installation(LINLI_FAILPOINT=",".join(FAILPOINTS)) as installation:
        yield installation


def story_with_kills(installation: Installation, *words: str) -> tuple[dict[str, Any], int]:
    """Play `lift`; at every line that it tells, the case worker is killed. The story's answer, and how many kills."""
    kills = 0
    with installation.begin("demo", "--once", "--story", "lift", *words) as story:
        assert story.stdout
        assert story.stderr
        for line in story.stderr:
            if any(word in line for word in ("立案", "签收", "到场", "提交处置结果", "核查不通过")):
                installation.kill("case-worker")
                kills += 1
        answer = story.stdout.read()
    assert story.returncode == 0, answer + installation.logs()
    return installation.read(answer), kills


def test_the_story_ends_whatever_dies(doomed: Installation) -> None:
    answer, kills = story_with_kills(doomed, "--seed", "5")

    assert kills >= 6
    assert sorted(file.name for file in (doomed.home / "failpoints").iterdir()) == sorted(FAILPOINTS)
    (told,) = answer["data"]["stories"]
    assert told["case"]["stage"] == "closed"
    events = doomed.sql("SELECT type FROM case_events WHERE case_id = %s ORDER BY version", told["case"]["id"])
    assert [kind for (kind,) in events] == [
        *("received", "filed", "dispatched", "signed", "arrived"),
        *("handled", "inspected", "handled", "inspected", "closed"),
    ]
    assert doomed.sql("SELECT count(*) FROM cases") == [(1,)]
    doomed.until(lambda: doomed.run("doctor", "--invariants")[0] == 0)
