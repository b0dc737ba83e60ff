"""The people of a story in browsers of their own: phones, desks, and the phones of the demo that lie open."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browser import DESK, PHONE, Screen, chromium
from installation import Installation
from playwright.sync_api import Browser

from cli.stories.pictures import lift_door

BY_CLOCKS = ("pressed", "tier_raised")
PATIENCE = 60_000  # ms; a page moves within a second, a loaded machine later


class Cast:
    """Everybody who plays. Nobody's browser may have complained at the end."""

    def __init__(self, browser: Browser, installation: Installation, folder: Path) -> None:
        self._browser = browser
        self._installation = installation
        self._base = installation.data["urls"]["console"].rsplit("/", 1)[0]
        self._password = installation.data["accounts"][0]["password"]
        self.photo = folder / "after.jpg"
        self.photo.write_bytes(lift_door(random.Random(1), close=False))
        self.screens: list[Screen] = []

    def desk(self, name: str) -> Screen:
        return self._seat(name, DESK)

    def phone(self, name: str = "") -> Screen:
        """Somebody's phone; without a name nobody is logged in."""
        return self._seat(name, PHONE, phone=True)

    def inbox(self) -> Screen:
        """Everybody's messages, as the stand-in for government WeChat shows them."""
        screen = self._seat("", DESK)
        screen.page.goto(self._installation.data["urls"]["wecom_inbox"])
        return screen

    def handles(self, screen: Screen, case_id: str, note: str, *, outcome: str = "", reply: str = "") -> None:
        """The holder sends a result with a photo."""
        page = screen.page
        page.goto(f"/m/cases/{case_id}#do-handle")
        page.set_input_files("#form-handle input[name=photo_after]", self.photo)
        page.fill("#form-handle textarea[name=note]", note)
        chosen = f"[value={outcome}]" if outcome else ""
        page.locator(f"#form-handle input[name=outcome]{chosen}").first.check()
        if reply:
            page.fill("#form-handle textarea[name=reply]", reply)
        page.click("#form-handle button[type=submit]")
        page.wait_for_selector("#form-handle", state="detached")

    def passes(self, case_id: str) -> None:
        """Whoever may inspect the case finds it in the queue and passes it; nothing, where it is not inspected."""
        if self._installation.stage(case_id) != "inspecting":
            return
        for account in (one for one in self._installation.data["accounts"] if one["role"] == "inspector"):
            screen = self.desk(account["name"])
            screen.page.goto("/console/inspect")
            judged = screen.page.locator(f"#inspection-{case_id}")
            if judged.locator("button[value=true]").count():
                judged.locator("button[value=true]").click()
                judged.locator("form").wait_for(state="detached")
                return
        raise AssertionError(f"{case_id} stands in nobody's queue")

    def closes(self, officer: Screen, *, ending: str = "solved", reply: str = "") -> None:
        page = officer.page
        page.wait_for_selector("#form-close", timeout=PATIENCE)
        page.select_option("#form-close select[name=ending]", ending)
        if reply:
            page.fill("#form-close textarea[name=reply]", reply)
        page.click("#form-close button[type=submit]")
        page.wait_for_selector("#case .stage:has-text('已结案')")

    def _seat(self, name: str, size: dict[str, int], *, phone: bool = False) -> Screen:
        screen = Screen(self._browser, self._base, size, phone=phone)
        self.screens.append(screen)
        if name:
            screen.log_in(name, self._password)
        return screen


@contextmanager
def the_cast(installation: Installation, folder: Path) -> Iterator[Cast]:
    with chromium() as browser:
        cast = Cast(browser, installation, folder)
        yield cast
        said = [said for screen in cast.screens for said in screen.complaints]
        assert not said, said


def is_what_the_store_holds(installation: Installation, case: dict[str, Any]) -> list[str]:
    """The printed timeline is the case's events; their types, but for what its clocks brought about."""
    stored = installation.sql(
        "SELECT version, type, at, actor, transport FROM case_events WHERE case_id = %s ORDER BY version", case["id"]
    )
    timeline = [
        (event["seq"], event["type"], installation.instant(event["at"]), event["actor"], event["transport"])
        for event in case["timeline"]
    ]
    assert timeline == stored
    return [kind for _, kind, *_ in stored if kind not in BY_CLOCKS]
