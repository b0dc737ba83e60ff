"""Pages over HTTP with a session, out of 100,000 cases: to-dos, the lists at the desk, one case, the wall board."""

import time
from uuid import UUID

import httpx

from bench.cases import KEPT_FREE, PATIENCE
from bench.figures import Figure, percentile
from bench.installation import Installation, wait_until
from bench.matters import Wanted, cases_of, lifts, open_cases
from domain.cases import Case, Ending, Stage
from store.seed.accounts import PASSWORD

PART = "pages"
TODOS = 50
MANY = 100_000  # cases of the last two years, closed
TIMES = 100
HANDLER, OFFICER = "c10.zeng", "duty.chen"  # the only handler on duty where KEPT_FREE is; who sees everything
RUN = "bench-pages"
CLOSED = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, version, state, stage, ending, number,
                       title, category, priority, priority_rank, tier, unit, filed_at, closed_at)
    SELECT gen_random_uuid(), 'bench-closed/' || n, 'ebike-in-elevator', places[1 + n %% array_length(places, 1)],
           now() - n * interval '10 minutes', now() - n * interval '10 minutes', 8, %(state)s, 'closed', 'solved',
           'BENCH-' || n, %(title)s, 'lift-ebike', 'normal', 1, 'committee', 'property-c07',
           now() - n * interval '10 minutes', now() - n * interval '10 minutes' + interval '1 hour'
    FROM generate_series(1, %(many)s) n, (SELECT array_agg(path) AS places FROM areas WHERE level = 6) p"""


async def measure(installation: Installation) -> list[Figure]:
    """One request after another, 100 of each, after ten to warm up."""
    case_id = await _fifty_todos(installation)
    _two_years(installation, case_id)
    figures = []
    for who, path, name in (
        (HANDLER, "/m", f"/m with {TODOS} to-dos"),
        (OFFICER, "/console/cases", f"/console/cases out of {MANY:,}"),
        (OFFICER, "/console/cases?stage=assigned", "/console/cases of one stage"),
        (OFFICER, "/console/cases?area=/310110/kj/c08/", "/console/cases of one committee"),
        (OFFICER, "/board", "the wall board"),
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


def _two_years(installation: Installation, like: UUID) -> None:
    """Closed cases that look like `like`, one every ten minutes, all over the sub-district."""
    with installation.owner() as connection:
        known = connection.execute("SELECT count(*) FROM cases WHERE dedupe_key LIKE 'bench-closed/%'").fetchone()
        found = connection.execute("SELECT state::text, title FROM cases WHERE id = %s", (like,)).fetchone()
        if found is None or (known and known[0]):
            return
        case = Case.model_validate_json(found[0])
        over = {"stage": Stage.CLOSED, "ending": Ending.SOLVED, "closed_at": case.received_at, "plan": None}
        state = case.model_copy(update=over).model_dump_json()
        connection.execute(CLOSED, {"state": state, "title": found[1], "many": MANY})
        connection.execute("ANALYZE cases")


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
