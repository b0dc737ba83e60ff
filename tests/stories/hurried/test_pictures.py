"""Pages for docs/screenshots that no story comes by; made anew with LINLI_SCREENSHOTS=1."""

import asyncio
import os
from pathlib import Path

import psycopg
import pytest
from browser import Screen
from browsing import just_now
from builders import Story, a_case, a_matter, a_policy, store_case
from cast import the_cast
from devices import Devices
from installation import Installation
from playwright.sync_api import ViewportSize

from domain.matters import Filing

pytestmark = [
    pytest.mark.servers,
    pytest.mark.browser,
    pytest.mark.skipif(not os.environ.get("LINLI_SCREENSHOTS"), reason="the pictures in docs/ are kept"),
]
WALL: ViewportSize = {"width": 1920, "height": 1080}

QUIET = """
    SELECT min(device_id), place FROM devices d WHERE kind = 'smoke-sensor' AND NOT EXISTS (
        SELECT FROM cases c WHERE starts_with(c.place, d.place) OR starts_with(d.place, c.place))
    GROUP BY place ORDER BY md5(place) LIMIT 12"""


def alarms() -> list[Story]:
    """What the desk has to judge: the rulesets of the demo file by themselves."""
    waits = a_policy(filing=Filing.AT_DESK)
    said = "画面中有一辆电瓶车停在电梯门口，已持续 70 秒，画面较暗，请人工确认。"
    found = []
    for n, door in enumerate((6, 8, 12, 15), start=1):
        title = f"双阳二村 {door} 号 1 单元电梯，疑似电瓶车入梯"
        place = f"/310110/kj/c07/n021/b0{n}/u1/"
        matter = a_matter(waits, dedupe_key=f"alarm-{n}", title=title, text=said, place=place)
        found.append(a_case(matter, at=just_now(3 * n)))
    return found


async def store(dsn: str, stories: list[Story]) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        for story in stories:
            await store_case(connection, story)


def test_the_pages_of_the_documentation(hurried: Installation, tmp_path: Path) -> None:
    asyncio.run(store(hurried.data["dsn"], alarms()))
    alarming = hurried.sql(QUIET)
    places = [place for _, place in alarming]
    with Devices(hurried) as devices:
        for sensor, _ in alarming:
            devices.smoke(sensor)
    seen = "SELECT count(DISTINCT place) FROM cases WHERE place = ANY (%s)"
    hurried.until(lambda: hurried.sql(seen, places) == [(len(places),)])
    with the_cast(hurried, tmp_path) as cast:
        officer = cast.desk("duty.chen")
        officer.watch("/console/alarms")
        officer.page.wait_for_load_state("networkidle")
        officer.keep("desk-alarms", whole=False)
        officer.page.set_viewport_size(WALL)
        officer.watch("/board")
        officer.page.wait_for_load_state("networkidle")
        officer.keep("board", whole=False)
        elder = cast.phone()
        elder.page.goto("/report?elder=1#step-text")
        elder.keep("elders-mode", whole=False)
        settles(cast.phone("grid.fang"), cast.photo)


def settles(phone: Screen, photo: Path) -> None:
    page = phone.page
    page.goto("/m/report?place=/310110/kj/c07/n021/b03/")
    for kind in ("photo_before", "photo_after"):
        page.set_input_files(f"input[name={kind}]", photo)
    page.check("input[name=category] >> nth=0")
    phone.keep("phone-settle")
