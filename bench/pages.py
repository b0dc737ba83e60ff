"""Pages over HTTP with a session: a handler's to-dos, the list at the desk, one case."""

import time
from uuid import UUID

import httpx

from bench.cases import KEPT_FREE, PATIENCE
from bench.figures import Figure, percentile
from bench.installation import Installation, wait_until
from bench.matters import Wanted, cases_of, lifts, open_cases
from store.seed.accounts import PASSWORD

PART = "pages"
TODOS = 50
TIMES = 100
HANDLER, OFFICER = "c10.zeng", "duty.chen"  # the only handler on duty where KEPT_FREE is; who sees everything
RUN = "bench-pages"


async def measure(installation: Installation) -> list[Figure]:
    """One request after another, 100 of each, after ten to warm up."""
    case_id = await _fifty_todos(installation)
    figures = []
    for who, path, name in (
        (HANDLER, "/m", f"/m with {TODOS} to-dos"),
        (OFFICER, "/console/cases", "/console/cases"),
        (OFFICER, f"/console/cases/{case_id}", "a case at the desk"),
        (HANDLER, f"/m/cases/{case_id}", "a case on the phone"),
    ):
        took, size = _asked(installation, who, path)
        note = f"{size / 1024:.0f} kB"
        figures += [
            Figure(PART, f"{name}, p50", percentile(took, 0.5) * 1e3, "ms", note=note),
            Figure(PART, f"{name}, p95", percentile(took, 0.95) * 1e3, "ms"),
        ]
    return figures


async def _fifty_todos(installation: Installation) -> UUID:
    """Cases for one handler; one of them."""
    async with installation.reach() as reached, reached.pool.connection() as connection:
        if not await cases_of(connection, RUN):
            places = await lifts(connection, within=KEPT_FREE)
            await open_cases(connection, Wanted(places, RUN), 0, TODOS)
        mine = await cases_of(connection, RUN)
    with installation.owner() as connection:
        filed = "SELECT count(*) FROM cases WHERE id = ANY (%s) AND person IS NOT NULL"
        wait_until(lambda: (connection.execute(filed, (mine,)).fetchone() or (0,))[0] == len(mine), PATIENCE)
    return mine[0]


def _asked(installation: Installation, who: str, path: str) -> tuple[list[float], int]:
    """Seconds that each answer took, and how long it is in bytes."""
    given = installation.settings
    with httpx.Client(base_url=f"http://127.0.0.1:{given.web_port}", timeout=30) as browser:
        login = browser.post("/login", data={"name": who, "password": PASSWORD})
        assert login.status_code == httpx.codes.SEE_OTHER, login.text
        took, size = [], 0
        for turn in range(TIMES + 10):
            began = time.perf_counter()
            answer = browser.get(path)
            if turn >= 10:
                took.append(time.perf_counter() - began)
            assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code}"
            size = len(answer.content)
    return took, size
