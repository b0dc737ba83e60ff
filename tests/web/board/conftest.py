"""A browser before the wall and the maps; whatever its console complains of fails the test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from addresses import at_an_address
from browser import PROGRAM
from playwright.async_api import Browser, Page, async_playwright

from store.seed.accounts import PASSWORD

Opened = Callable[..., Awaitable[Page]]
DRAWS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@pytest.fixture
def besides() -> dict[str, Any]:
    """It is about noon, so that what a test lets happen an hour ago happened today."""
    east = 12 - datetime.now(UTC).hour
    return {"zone_name": f"Etc/GMT{-east:+d}" if east else "Etc/GMT"}


@pytest.fixture
async def base(site: httpx.ASGITransport) -> AsyncIterator[str]:
    """Where the site answers a real browser; Temporal is down."""
    async with at_an_address(site) as found:
        yield found


@pytest.fixture(scope="session")
async def drawing() -> AsyncIterator[Browser]:
    """One that draws maps without a graphics card, for all tests of a worker."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=PROGRAM, args=DRAWS)
        yield found
        await found.close()


@pytest.fixture
async def before(base: str, drawing: Browser) -> AsyncIterator[Opened]:
    """Open a page in a window of this size as whoever is named, or as nobody."""
    complaints: list[str] = []

    async def opened(path: str, name: str = "", width: int = 1920, height: int = 1080, **given: Any) -> Page:
        context = await drawing.new_context(
            viewport={"width": width, "height": height}, base_url=base, locale="zh-CN", **given
        )
        page = await context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if name:
            await context.request.post("/login", form={"name": name, "password": PASSWORD})
        await page.goto(path)
        return page

    yield opened
    for context in drawing.contexts:
        await context.close()
    assert [said for said in complaints if "GPU stall" not in said] == []
