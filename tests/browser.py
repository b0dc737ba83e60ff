"""A real Chromium: Debian's where it is installed, Playwright's own elsewhere."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
KEPT = Path(__file__).resolve().parent.parent / "docs" / "screenshots"


@contextmanager
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


class Screen:
    """One person's browser; what its console complains of fails the test."""

    def __init__(self, browser: Browser, base: str, size: dict[str, int], *, phone: bool = False) -> None:
        self._context = browser.new_context(
            base_url=base,
            viewport={"width": size["width"], "height": size["height"]},
            has_touch=phone,
            is_mobile=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def log_in(self, name: str, password: str) -> None:
        self.page.goto("/login")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def keep(self, name: str) -> None:
        """A screenshot for docs/, when they are being made anew."""
        if os.environ.get("LINLI_SCREENSHOTS"):
            KEPT.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=KEPT / f"{name}.png", full_page=True)
