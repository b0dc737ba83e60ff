"""What axe-core finds on a page, and whether the page is wider than its window."""

from pathlib import Path

from playwright.async_api import Page

AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
SAID = """async () => (await axe.run()).violations.flatMap(
    (one) => one.nodes.map((node) => `${one.id}: ${node.target}: ${node.failureSummary}`))"""
WIDER = "document.documentElement.scrollWidth - innerWidth"


async def faults(page: Page, *, unfolded: bool = False) -> list[str]:
    """In words, one each; the page's context must let scripts in (`bypass_csp`). `unfolded`: all its details too."""
    if unfolded:
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    await page.add_script_tag(path=AXE)
    said: list[str] = await page.evaluate(SAID)
    wide = await page.evaluate(WIDER)
    return [*said, f"{wide} px too wide"] if wide > 0 else said
