"""What a fault means, with a bad and a good example: the page that every finding links to."""

from functools import cache

from fastapi import APIRouter
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from rules.lint.codes import CODES
from settings.model import PROJECT
from web.console.rulesets.access import READERS
from web.problems import Problem
from web.render import page

router = APIRouter(prefix="/console/rulesets/faults", include_in_schema=False)
DOCS = PROJECT / "docs" / "rulesets" / "lint"


@router.get("/{code}", dependencies=[READERS])
async def fault(request: Request, code: str) -> Response:
    known = CODES.get(code)
    if known is None:
        raise Problem(404, "not-found")
    return page(request, "console/rulesets/fault/page.html", {"fault": known, "text": explained(code)})


@cache
def explained(code: str) -> Markup:
    """The page of docs/rulesets/lint/ without its heading; no HTML of its own is let through."""
    path = DOCS / f"{code}.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    head, _, rest = text.partition("\n")
    body = rest if head.startswith("# ") else text
    return Markup(MarkdownIt("commonmark", {"html": False}).enable("table").render(body))  # noqa: S704 - escaped by it
