"""Somebody of the demo signs in, in a real browser."""

from playwright.async_api import Page

from store.seed.accounts import PASSWORD


async def sign_in(page: Page, name: str) -> None:
    """By the form, on to where it leads."""
    await page.goto("/login")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.click("main button[type=submit]")
    await page.wait_for_url(lambda url: "/login" not in url)
