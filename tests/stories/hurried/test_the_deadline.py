"""A signed case on which nobody works: its holder, then the tier above, then the brain is told, each of them once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from browser import Screen
from cast import PATIENCE, is_what_the_store_holds, the_cast
from devices import Devices
from installation import Installation

from cli import state

pytestmark = pytest.mark.servers
THRESHOLDS = ("快到期", "已超期", "已超期")
RATE, FASTER = 120, 180  # the three quarters of an hour that the ruleset gives are 23 and 15 seconds
FREE_METER = """
    SELECT device_id, place FROM devices d WHERE kind = 'level-meter'
      AND NOT EXISTS (SELECT FROM cases c WHERE c.place = d.place) ORDER BY device_id DESC LIMIT 1"""
PRESSED = """
    WITH mine AS (SELECT * FROM case_events WHERE case_id = %s),
         work AS (SELECT min(version) FILTER (WHERE type = 'signed') AS begins,
                         coalesce(min(version) FILTER (WHERE type = 'handled'), max(version) + 1) AS ends FROM mine)
    SELECT right(e.data ->> 'notice', 1), m.id::text, p.name, p.roles
    FROM mine e CROSS JOIN work
    JOIN messages m ON m.case_id = e.case_id AND m.reason = 'clock:' || (e.data ->> 'notice')
    JOIN people p ON p.id = m.person
    WHERE e.type = 'pressed' AND e.data ->> 'clock' = 'stage' AND e.version > work.begins AND e.version < work.ends
      AND m.sent_at IS NOT NULL ORDER BY e.version"""


@contextmanager
def clock_rate(installation: Installation, rate: float) -> Iterator[None]:
    """Cases that are received meanwhile run so many times as fast."""
    before = state.read(installation.home / "linli.json")["clock_rate"]
    change_rate(installation, rate)
    try:
        yield
    finally:
        change_rate(installation, before)


def change_rate(installation: Installation, rate: float) -> None:
    path = installation.home / "linli.json"
    state.write(path, state.read(path) | {"clock_rate": rate})
    installation.linli("stop", "case-worker")
    installation.linli("start", "case-worker")


def each_was_told_once(installation: Installation, case_id: str, holder: str) -> None:
    """Yellow to the holder, red to the tier above, the next step to the brain: a message each, on a phone each."""
    pressed = installation.sql(PRESSED, case_id)
    assert [notice for notice, *_ in pressed] == ["0", "1", "2"]
    (_, _, first, _), (_, _, _, above), (_, _, _, brain) = pressed
    assert first == holder
    assert "grid_worker" in above
    assert "duty_officer" in brain
    lying = installation.phones()
    for (_, message, name, _), words in zip(pressed, THRESHOLDS, strict=True):
        found = [(one["to"], one["title"][:3]) for one in lying if one["url"].endswith(message)]
        assert found == [(name, words)]


@pytest.mark.browser
def test_at_the_desk_it_turns_yellow_and_red_by_itself(hurried: Installation, tmp_path: Path) -> None:
    ((meter, place),) = hurried.sql(FREE_METER)
    with clock_rate(hurried, RATE), the_cast(hurried, tmp_path) as cast, Devices(hurried) as devices:
        desk = cast.desk("duty.chen")
        devices.water(meter, 7.5)
        ((case_id,),) = hurried.until(
            lambda: hurried.sql("SELECT id::text FROM cases WHERE place = %s AND person IS NOT NULL", place)
        )
        holder = hurried.holder(case_id) or ""
        desk.watch(f"/console/cases/{case_id}")
        handler = cast.phone(holder)
        signs(handler, case_id)
        for light in ("normal", "due-soon", "overdue"):
            desk.page.wait_for_selector(f"#case header .light.{light}", timeout=PATIENCE)
        hurried.until(lambda: len(hurried.sql(PRESSED, case_id)) == len(THRESHOLDS))
        desk.page.wait_for_selector(".told li:has-text('陈国强')", timeout=PATIENCE)
        desk.keep("deadline-case", whole=False)
        cast.handles(handler, case_id, "水已抽干，水泵复位")
        desk.page.wait_for_selector("#case .stage:not(:has-text('处置中'))", timeout=PATIENCE)
        assert desk.never_left
        inbox = cast.inbox()
        inbox.page.wait_for_selector("section[aria-label='陈国强'] li.wecom:has-text('已超期')")
    each_was_told_once(hurried, case_id, holder)


def signs(handler: Screen, case_id: str) -> None:
    handler.page.goto("/m")
    handler.page.click(f"a[href='/m/cases/{case_id}']")
    handler.page.click("#form-sign button[type=submit]")
    handler.page.wait_for_selector("#form-handle")


def test_every_threshold_is_one_message(hurried: Installation) -> None:
    words = ("--story", "deadline", "--clock-rate", str(FASTER))
    (told,) = hurried.linli("demo", "--once", *words)["data"]["stories"]
    case = told["case"]
    kinds = is_what_the_store_holds(hurried, case)
    assert kinds[:5] == ["received", "filed", "dispatched", "signed", "handled"]
    assert kinds[-1] == "closed"
    each_was_told_once(hurried, case["id"], hurried.holder(case["id"]) or "")
    assert len(case["messages"]) == len(THRESHOLDS)
    hurried.linli("doctor", "--invariants")
