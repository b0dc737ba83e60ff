"""The story as its people see it: a handler's phone and an inspector's desk, in Chromium.

With LINLI_SCREENSHOTS=1 the pictures in docs/screenshots are made anew.
"""

import random
from pathlib import Path

import pytest
from browser import DESK, PHONE, Screen, chromium
from devices import Devices, cameras
from installation import Installation

from cli.stories.pictures import lift_door

pytestmark = [pytest.mark.servers, pytest.mark.browser]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "after.jpg"
    file.write_bytes(lift_door(random.Random(1), close=False))
    return file


def test_the_lift_is_handled_failed_once_passed_and_closed(installation: Installation, photo: Path) -> None:
    taken = {place for (place,) in installation.sql("SELECT place FROM cases WHERE closed_at IS NULL")}
    camera = next(camera for camera in reversed(cameras(installation)) if camera["place"] not in taken)
    with Devices(installation) as devices:
        devices.hold_door(camera["device_id"])
    ((case_id, handler),) = installation.until(
        lambda: installation.sql(
            "SELECT c.id::text, p.name FROM cases c JOIN people p ON p.id = c.person WHERE c.place = %s",
            camera["place"],
        )
    )
    base = installation.data["urls"]["console"].rsplit("/", 1)[0]
    password = installation.data["accounts"][0]["password"]
    with chromium() as browser:
        phone, desk = Screen(browser, base, PHONE, phone=True), Screen(browser, base, DESK)
        phone.log_in(handler, password)
        desk.log_in("inspect.deng", password)

        phone.page.goto("/m")
        phone.keep("lift-todos")
        phone.page.click(f"a[href='/m/cases/{case_id}']")
        phone.page.click("#form-sign button[type=submit]")
        phone.page.wait_for_selector("#form-handle")
        phone.page.goto(f"/m/at?place={camera['place']}")
        phone.give("#form-arrive")
        handle(phone, case_id, photo, "已劝离，电梯恢复正常")
        phone.keep("lift-handler")

        desk.page.goto("/console/inspect")
        judged = desk.page.locator(f"#inspection-{case_id}")
        judged.locator("img").first.wait_for()
        desk.keep("lift-inspect")
        judged.locator("textarea[name=note]").fill("照片里看不到电梯门，请补拍")
        judged.locator("button[value=false]").click()
        judged.locator("form").wait_for(state="detached")
        handle(phone, case_id, photo, "补拍电梯门口")
        desk.page.goto(f"/console/cases/{case_id}")
        desk.page.check("#form-inspect input[name=passed][value=true]")
        desk.page.click("#form-inspect button[type=submit]")
        desk.page.wait_for_selector("text=已结案")
        desk.keep("lift-console")

        assert phone.complaints == []
        assert desk.complaints == []
    kinds = installation.sql("SELECT type FROM case_events WHERE case_id = %s ORDER BY version", case_id)
    assert [kind for (kind,) in kinds][-5:] == ["handled", "inspected", "handled", "inspected", "closed"]


def handle(phone: Screen, case_id: str, photo: Path, note: str) -> None:
    phone.page.goto(f"/m/cases/{case_id}")
    phone.page.set_input_files("#form-handle input[name=photo_after]", photo)
    phone.page.fill("#form-handle textarea[name=note]", note)
    phone.page.locator("#form-handle input[name=outcome]").first.check()
    phone.page.click("#form-handle button[type=submit]")
    phone.page.wait_for_selector("#form-handle", state="detached")
