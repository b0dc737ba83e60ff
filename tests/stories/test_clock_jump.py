"""The clock of the servers jumps by an hour and back: nothing is lost, told twice or begun twice, no time runs back."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import httpx
import pytest
from devices import Devices, sensors
from installation import Installation, an_installation
from rooms import in_memory

pytestmark = pytest.mark.servers
LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
ITS_CASES = "SELECT id::text FROM cases WHERE place = (SELECT place FROM devices WHERE device_id = %s)"
NOT_DISPATCHED = "SELECT id FROM cases WHERE person IS NULL AND closed_at IS NULL"
BACKWARDS = """
    SELECT case_id, version FROM (
        SELECT case_id, version, at, lag(at) OVER (PARTITION BY case_id ORDER BY version) AS before FROM case_events
    ) told WHERE at < before"""
TWICE = """
    SELECT case_id, type, data::text, count(*) FROM case_events WHERE type IN ('pressed', 'filed', 'dispatched')
    GROUP BY 1, 2, 3 HAVING count(*) > 1"""
PRESSED = "SELECT count(*) FROM case_events WHERE type = 'pressed' AND case_id = %s"
OVERSLEPT = "SELECT id FROM cases WHERE closed_at IS NULL AND next_due < clock_timestamp()"
TOLD_TWICE = """
    SELECT case_id, person, channel, reason FROM messages WHERE case_id IS NOT NULL
    GROUP BY 1, 2, 3, 4 HAVING count(*) > 1"""


class Clock:
    """The wall clock of every process but Temporal's; what counts seconds on its own goes on."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.write_text("+0s\n")
        file.chmod(0o644)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    def jump(self, installation: Installation, hours: int) -> None:
        """To `hours` before or after the true time."""
        self._file.write_text(f"{hours:+d}h\n")
        looked = time.monotonic() + 3  # every process looks at the file once a second
        installation.until(lambda: time.monotonic() > looked)
        installation.until(lambda: abs(seconds_ahead(installation) - hours * 3600) < 30)


def seconds_ahead(installation: Installation) -> float:
    ((now,),) = installation.sql("SELECT extract(epoch FROM clock_timestamp())")
    return float(now) - time.time()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """In a folder of its own: the store's user has to read it, too."""
    with TemporaryDirectory(prefix="linli-clock-", dir=in_memory()) as folder:
        Path(folder).chmod(0o755)
        yield Clock(Path(folder) / "clock")


@pytest.fixture
def jumping(clock: Clock) -> Iterator[Installation]:
    with an_installation(**clock.environment) as installation:
        yield installation


def untouched(installation: Installation) -> Installation:
    """The same for whoever asks with the true time."""
    other = Installation(installation.home)
    other.data = installation.data
    return other


def heard(installation: Installation, device: str, times: int) -> bool:
    """Whether perception has taken note of so many of its messages."""
    return installation.sql("SELECT count(*) FROM signals WHERE device_id = %s", device) == [(times,)]


def commented(browser: httpx.Client, case: str) -> int:
    answer = browser.post(
        f"/api/v1/cases/{case}/commands/comment", json={"text": "还在看"}, headers={"Idempotency-Key": str(uuid4())}
    )
    return answer.status_code


def arrived(installation: Installation, device: str) -> bool:
    """Whether a message of the device was taken in at the time that the clock shows; it never goes back (intake)."""
    near = "SELECT count(*) FROM signals WHERE device_id = %s AND abs(extract(epoch FROM received_at) - %s) < 60"
    return installation.sql(near, device, time.time() + seconds_ahead(installation)) == [(1,)]


def delivered(installation: Installation) -> list[str]:
    """The links of all messages on the phones; each names its message."""
    wecom = next(url for name, url in installation.data["urls"].items() if "wecom" in name)
    return [item["url"] for item in httpx.get(f"{wecom.rstrip('/')}/inbox.json").json()["items"]]


@pytest.mark.skipif(LIBRARY is None, reason="needs Debian's package faketime")
def test_an_hour_forth_and_back(jumping: Installation, clock: Clock) -> None:
    first, silent, *others = [s["device_id"] for s in sensors(jumping) if s["device_id"].endswith("001")]
    with Devices(jumping) as speaking, jumping.browser("duty_officer") as officer:
        speaking.smoke(first)
        speaking.smoke(silent)
        ((case,),) = jumping.until(lambda: jumping.sql(ITS_CASES, first))
        ((left_alone,),) = jumping.until(lambda: jumping.sql(ITS_CASES, silent))
        jumping.until(lambda: not jumping.sql(NOT_DISPATCHED))
        for count, (hours, other) in enumerate(zip((1, 0, -1, 0), others, strict=False), 2):
            clock.jump(jumping, hours)
            speaking.smoke(first)
            speaking.smoke(other)
            jumping.until(partial(heard, jumping, first, count))
            assert jumping.until(partial(jumping.sql, ITS_CASES, other)), hours
            assert hours < 1 or arrived(jumping, other), "the jump reached what takes messages in"
            jumping.until(lambda: not jumping.sql(NOT_DISPATCHED))
            assert jumping.sql(ITS_CASES, first) == [(case,)]
            assert officer.get(f"/console/cases/{case}").status_code == 200
            assert commented(officer, case) == 200
            jumping.until(lambda: not jumping.sql(OVERSLEPT), within=100)
    assert jumping.sql(PRESSED, left_alone) != [(0,)], "its deadline passed while the clock was ahead"
    assert jumping.sql(BACKWARDS) == []
    assert jumping.sql(TWICE) == []
    assert jumping.sql(TOLD_TWICE) == []
    links = delivered(jumping)
    assert len(links) == len(set(links)) > 0
    jumping.until(lambda: untouched(jumping).run("doctor", "--invariants")[0] == 0)
