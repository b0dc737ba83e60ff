"""No page is forgotten by those who look at all of them."""

import re
from collections import defaultdict

from every_page import NO_PAGES, PAGES
from starlette.routing import compile_path

from web.pages import listed, routers


def test_every_page_is_looked_at_or_said_to_be_none() -> None:
    served = [route["path"] for route in listed(list(routers())) if "GET" in route["methods"]]
    shown = {
        re.sub(r"\?.*", "", path).format_map(defaultdict(lambda: "x")) for paths in PAGES.values() for path in paths
    }
    none = {path for paths in NO_PAGES.values() for path in paths}
    assert none <= set(served)
    pages = [path for path in served if path not in none and not path.startswith("/api/")]
    assert [path for path in pages if not any(compile_path(path)[0].match(one) for one in shown)] == []
