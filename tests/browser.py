"""A real Chromium: Debian's where it is installed, Playwright's own elsewhere."""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, TimeoutError, sync_playwright  # noqa: A004 - its own

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
    "--lang=zh-CN",
)
DRIVER = "[.WebGL"  # what the machine's graphics say is nothing of ours
# the shell is the same Chromium without windows and profiles: a page costs it two thirds of the processor time
PROGRAM = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)
KEPT = Path(__file__).resolve().parent.parent / "docs" / "screenshots"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(QUIET))
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
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not said.text.startswith(DRIVER):
            self.complaints.append(f"{said.text} {said.location['url']}")

    def log_in(self, name: str, password: str) -> None:
        self.page.goto("/login")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=password]", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda url: "/login" not in url)

    def give(self, form: str) -> None:
        """Press the form's button, again where a busy server says that it is still working, until the step is taken."""
        for patience in (15_000, 15_000, 30_000):
            self.page.click(f"{form} button[type=submit]")
            with suppress(TimeoutError):
                self.page.wait_for_selector(form, state="detached", timeout=patience)
                return
        raise AssertionError(f"{form}: {self.page.inner_text(form)}")

    def watch(self, path: str) -> None:
        """Open a page that moves by itself from then on; see `never_left`."""
        self.page.goto(path)
        self.page.wait_for_selector("html[data-stream=open]")
        self.page.evaluate("window.watched = true")

    @property
    def never_left(self) -> bool:
        """The page that is watched was not loaded again since."""
        return bool(self.page.evaluate("window.watched === true"))

    def keep(self, name: str, *, whole: bool = True) -> None:
        """A screenshot for docs/, when they are being made anew; not `whole`: what fits on the screen."""
        if os.environ.get("LINLI_SCREENSHOTS"):
            KEPT.mkdir(parents=True, exist_ok=True)
            taken = Image.open(io.BytesIO(self.page.screenshot(full_page=whole)))
            few = taken.convert("RGB").quantize(method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            few.save(KEPT / f"{name}.png", optimize=True)
