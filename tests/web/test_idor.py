"""Whoever asks for what is not theirs, by any address and with any form, learns nothing of it and changes nothing.

Every route has its line in THEIRS: a new one without a line fails the first test.
"""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from browsing import Browser, a_jpeg
from builders import LI, UNIT_2
from databases import Database
from strangers import (
    DEVICE,
    ELSEWHERE,
    EVERY_ROLE,
    HERE,
    MARK,
    NAME,
    PHONE,
    Theirs,
    all_of_theirs,
    end_of_log,
    everything,
    session_by_link,
    session_of,
)

from domain.people import CASE_ROLES, Role
from web.pages import listed, routers
from web.security.needs import COOKIE

pytestmark = pytest.mark.servers
REFUSED = (401, 403, 404, 410)
ITSELF = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
SECRETS = tuple(word.encode() for word in (MARK, PHONE, NAME))
COMMANDS = ("comment", "sign", "close", "link", "reopen", "supervise", "log_contact")
FILLED = {
    "text": "x",
    "reason": "x",
    "note": "x",
    "kind": "first-contact",
    "whom": "x",
    "reached": "true",
    "ending": "solved",
}


@dataclass(frozen=True)
class Try:
    """One request with the foreign objects in its address or form.

    `own`: the address is everybody's who has the role, so it may be answered; but not with anything of theirs.
    """

    path: str
    own: bool = False
    form: dict[str, str] | None = None
    photo: str = ""


def own(*paths: str) -> tuple[Try, ...]:
    return tuple(Try(path, own=True) for path in paths)


def commands(base: str) -> tuple[Try, ...]:
    return tuple(Try(f"{base}/{{case_id}}/{name}", form=FILLED) for name in COMMANDS)


def desk(path: str, bulk: str) -> dict[str, tuple[Try, ...]]:
    marked = {"command": bulk, "marked": "{case_id}", "reason": "x", "note": "x", "granted": "true"}
    return {
        f"GET {path}": (*own(path, f"{path}?area={HERE}", f"{path}?of={{case_id}}"), Try(f"{path}?case={{case_id}}")),
        f"POST {path}/marked": (Try(f"{path}/marked", own=True, form=marked),),
        f"GET {path}/{{case_id}}": (Try(f"{path}/{{case_id}}", own=True),),  # leads to ?case=
        f"POST {path}/{{case_id}}/{{name}}": commands(path),
    }


RULESET, UNKNOWN = "/console/rulesets/corridor-smoke", "/console/rulesets/nobody-wrote-this"
BACKTESTS = "/console/rulesets/corridor-smoke/backtests"
FINDING = {"case_id": "{case_id}", "place": UNIT_2, "category": "pests", "note": "x", "step": "report"}
PATROL = {"check_id": "{message}", "place": UNIT_2}
ADOPT = {"adapter": DEVICE[0], "device_id": DEVICE[1], "place": f"{ELSEWHERE}n025/"}
REPORT = {"form": "x" * 43, "text": "x", "follows": "{case_id}", "place": UNIT_2, "website": "x"}
ON_DUTY = {"person": "{person}", "starts": "2027-01-01T08:00", "ends": "2027-01-01T20:00"}
SHIFT = ON_DUTY | {"shift": "{shift}"}
THEIRS: dict[str, tuple[Try, ...]] = {
    "GET /": own("/"),
    "GET /api/v1/cases": own("/api/v1/cases", f"/api/v1/cases?area={HERE}", "/api/v1/cases?unit=property-c07"),
    "GET /api/v1/cases/{case_id}": (Try("/api/v1/cases/{case_id}"),),
    "POST /api/v1/cases/{case_id}/commands/{name}": tuple(
        Try(f"/api/v1/cases/{{case_id}}/commands/{name}", form=FILLED) for name in COMMANDS
    ),
    "POST /api/v1/cases/{case_id}/evidence": (
        Try("/api/v1/cases/{case_id}/evidence", form={"kind": "photo_after"}, photo="file"),
    ),
    "GET /api/v1/cases/{case_id}/messages": (Try("/api/v1/cases/{case_id}/messages"),),
    "GET /api/v1/openapi.json": own("/api/v1/openapi.json"),
    "GET /api/v1/rulesets": own("/api/v1/rulesets"),
    "GET /api/v1/rulesets/{ruleset}": own("/api/v1/rulesets/corridor-smoke"),
    "POST /api/v1/rulesets/{ruleset}/roll-back": (Try("/api/v1/rulesets/corridor-smoke/roll-back", own=True, form={}),),
    "POST /api/v1/rulesets/{ruleset}/versions": (
        Try("/api/v1/rulesets/corridor-smoke/versions", own=True, form={"definition": "x", "template": "x"}),
    ),
    "GET /api/v1/rulesets/{ruleset}/versions/{hash_}": (Try(f"/api/v1/rulesets/corridor-smoke/versions/{'0' * 64}"),),
    "POST /api/v1/rulesets/{ruleset}/versions/{hash_}/{step}": tuple(
        Try(f"/api/v1/rulesets/corridor-smoke/versions/{'0' * 64}/{step}", form={"stage": "shadow"})
        for step in ("ask", "approve", "refuse", "withdraw", "retire")
    ),
    "GET /api/v1/session": own("/api/v1/session"),
    "GET /assets/{name:path}": (Try("/assets/../../{case_id}/{evidence_id}.jpg"), Try("/assets/%2e%2e%2fapp.py")),
    "GET /at": own(f"/at?place={UNIT_2}"),
    **{f"GET /board{part}": own(f"/board{part}") for part in ("", "/cases", "/ground", "/news", "/numbers")},
    "GET /console": own("/console"),
    **desk("/console/alarms", "decline"),
    **desk("/console/approvals", "rule_on"),
    **desk("/console/dispatch", "dispatch"),
    **desk("/console/intake", "decline"),
    "GET /console/cases": own(
        "/console/cases", f"/console/cases?area={HERE}", "/console/cases?q=KJ-", f"/console/cases?place={UNIT_2}"
    ),
    "GET /console/cases/{case_id}": (Try("/console/cases/{case_id}"),),
    "POST /console/cases/{case_id}/{name}": commands("/console/cases"),
    **{
        f"GET /console/catalogue{part}": own(f"/console/catalogue{part}?q=their&after={{case_id}}")
        for part in ("", "/duties", "/import")
    },
    "GET /console/catalogue/categories/{code}": (Try("/console/catalogue/categories/{case_id}"),),
    "GET /console/catalogue/export": own("/console/catalogue/export?table=duties&form=csv"),
    "POST /console/catalogue/import": (
        Try("/console/catalogue/import", own=True, form={"table": "duties"}, photo="file"),
    ),
    "POST /console/catalogue/import/confirm": (
        Try("/console/catalogue/import/confirm", own=True, form={"table": "catalogue", "data": "eA==", "base": "x"}),
    ),
    "GET /console/devices": own("/console/devices", "/console/devices?q=their", f"/console/devices?q={UNIT_2}"),
    "POST /console/devices/adopt": (Try("/console/devices/adopt", form=ADOPT),),
    "GET /console/handover": own("/console/handover"),
    "POST /console/handover": (Try("/console/handover", own=True, form={"note": ""}),),
    "POST /console/handover/{handover}/take": (Try("/console/handover/{handover}/take", own=True, form={"note": "x"}),),
    "GET /console/inspect": own("/console/inspect"),
    "POST /console/inspect/{case_id}/inspect": (Try("/console/inspect/{case_id}/inspect", form={"passed": "true"}),),
    **{
        f"GET /console/map{part}": own(f"/console/map{part}?case={{case_id}}&light=overdue", f"/console/map{part}")
        for part in ("", "/areas.json", "/cases", "/cases.json", "/units.json")
    },
    "GET /console/places/qr": (*own("/console/places/qr"), Try(f"/console/places/qr?place={UNIT_2}")),
    "GET /console/places/qr.svg": (Try(f"/console/places/qr.svg?place={UNIT_2}"),),
    "GET /console/report": own("/console/report"),
    "POST /console/report": (Try("/console/report", own=True, form=REPORT),),
    "GET /console/rulesets": own("/console/rulesets", "/console/rulesets?stage=asked"),
    "GET /console/rulesets/faults/{code}": own("/console/rulesets/faults/gap"),
    "GET /console/rulesets/new": own("/console/rulesets/new"),
    "POST /console/rulesets/new": (Try("/console/rulesets/new", own=True, form={"of": "corridor-smoke", "id": "x y"}),),
    "GET /console/rulesets/new/{shape}": own("/console/rulesets/new/threshold"),
    "POST /console/rulesets/new/{shape}": (Try("/console/rulesets/new/threshold", own=True, form={"id": "{message}"}),),
    "GET /console/rulesets/why": (
        *own("/console/rulesets/why?device=" + DEVICE[1]),
        Try("/console/rulesets/why?signal={message}"),
    ),
    "GET /console/rulesets/{ruleset}": own("/console/rulesets/corridor-smoke"),
    "GET /console/rulesets/{ruleset}/diff": (Try(f"{RULESET}/diff?before={'0' * 64}&after={'0' * 64}"),),
    "GET /console/rulesets/{ruleset}/edit": own(f"{RULESET}/edit", f"{RULESET}/edit?view=yaml&begin={'0' * 64}"),
    "POST /console/rulesets/{ruleset}/edit": (Try(f"{UNKNOWN}/edit", form={"yaml": "x"}),),
    "POST /console/rulesets/{ruleset}/check": (Try(f"{UNKNOWN}/check", form={"yaml": "x"}),),
    "POST /console/rulesets/{ruleset}/mutants": (Try(f"{UNKNOWN}/mutants", form={}),),
    "POST /console/rulesets/{ruleset}/submit": (Try(f"{UNKNOWN}/submit", form={"note": "x"}),),
    "GET /console/rulesets/{ruleset}/shadow": own(f"{RULESET}/shadow"),
    "POST /console/rulesets/{ruleset}/versions/{hash_}/{step}": (
        Try(f"{RULESET}/versions/{'0' * 64}/retire", form={"note": "x", "command_id": "{message}"}),
    ),
    "GET /console/rulesets/{ruleset}/words.json": own(f"{RULESET}/words.json"),
    "GET /console/rulesets/{ruleset}/backtests": own(BACKTESTS),
    "GET /console/rulesets/{ruleset}/backtests/new": own(f"{BACKTESTS}/new?version={{backtest}}"),
    "POST /console/rulesets/{ruleset}/backtests": (
        Try(BACKTESTS, own=True, form={"id": "{backtest}", "version": "{backtest}", "area": HERE}),
    ),
    "GET /console/rulesets/{ruleset}/backtests/{backtest}": (Try(f"{BACKTESTS}/{{backtest}}?change=gone"),),
    "POST /console/rulesets/{ruleset}/backtests/{backtest}/cancel": (Try(f"{BACKTESTS}/{{backtest}}/cancel", form={}),),
    "GET /console/roster": own("/console/roster?unit=&shift={shift}", "/console/roster?unit=property-c07"),
    "POST /console/roster": (
        Try("/console/roster", own=True, form=SHIFT),
        Try("/console/roster", own=True, form=ON_DUTY),
    ),
    "POST /console/roster/{shift}/remove": (Try("/console/roster/{shift}/remove", own=True, form={}),),
    "GET /evidence/{evidence_id}": (Try("/evidence/{evidence_id}"),),
    "GET /f/{token}": (Try("/f/{report}"), Try("/f/{case_id}"), Try("/f/{link}")),
    "GET /f/{token}/photos/{photo}": (Try("/f/{report}/photos/{photo}"), Try("/f/{link}/photos/{evidence_id}")),
    "POST /f/{token}/{name}": (Try("/f/{report}/comment", form=FILLED), Try("/f/{case_id}/reopen", form=FILLED)),
    "GET /health": own("/health"),
    "POST /intake/{adapter}": (Try("/intake/citizen-report", form={"device_id": "{report}"}),),
    "GET /l/{token}": (Try("/l/{message}"), Try("/l/{token}")),
    "POST /l/{token}": (Try("/l/{message}", form={}), Try("/l/{token}", form={})),
    "GET /console/quarantine": own("/console/quarantine?all=1"),
    "POST /console/quarantine/{quarantine_id}/replay": (Try("/console/quarantine/{quarantine_id}/replay", form={}),),
    "GET /language/{language}": (Try("/language/xx"),),
    "GET /live": (),  # a stream: tests/web/test_live.py asks who hears of what
    "GET /login": own("/login?next=/m/cases/{case_id}"),
    "POST /login": (Try("/login", form={"name": "{link}", "password": "{token}"}),),
    "POST /logout": (),  # ends one's own session, and has nothing of anybody in its address
    "GET /m": own("/m"),
    "GET /m/at": own(f"/m/at?place={UNIT_2}"),
    "GET /m/cases/{case_id}": (Try("/m/cases/{case_id}"),),
    "POST /m/cases/{case_id}/{name}": commands("/m/cases"),
    "GET /m/me": own("/m/me"),
    "GET /m/patrol": own("/m/patrol", "/m/patrol?done={message}"),
    "POST /m/patrol": (Try("/m/patrol", own=True, form=PATROL),),
    "GET /m/patrol/here": own("/m/patrol/here?lat=31.2762&lon=121.5171"),
    "GET /m/report": own("/m/report?done={case_id}", f"/m/report?place={UNIT_2}"),
    "POST /m/report": (
        Try("/m/report", own=True, form=FINDING, photo="photo_before"),
        Try("/m/report", own=True, form=FINDING | {"place": f"{ELSEWHERE}n025/"}, photo="photo_before"),
    ),
    "GET /m/report/where": own("/m/report/where?lat=31.2762&lon=121.5171"),
    "GET /m/report-for": own(f"/m/report-for?place={UNIT_2}"),
    "POST /m/report-for": (Try("/m/report-for", own=True, form=REPORT),),
    "GET /report": own(f"/report?place={UNIT_2}"),
    "POST /report": (Try("/report", own=True, form=REPORT),),
    "GET /report/areas.json": own("/report/areas.json"),
    "GET /report/nearby": own(f"/report/nearby?place={UNIT_2}"),
    "GET /reporter/{case_id}": (Try("/reporter/{case_id}"),),
    "POST /reporter/{case_id}": (Try("/reporter/{case_id}", form={}),),
    "GET /w": own("/w?case={case_id}&m={message}"),
    "GET /w/back": (Try("/w/back?code={token}&state={link}"),),
}
# what could not be read has no place yet: whoever looks after devices sees all of it, wherever they work
OF_NO_AREA = {"GET /console/quarantine", "POST /console/quarantine/{quarantine_id}/replay"}
NEEDED = {
    f"{method} {item['path']}": frozenset(item["needs"])
    for item in listed(list(routers()))
    for method in item["methods"]
}


def test_every_route_has_its_line() -> None:
    assert THEIRS.keys() == NEEDED.keys()


@dataclass
class Stranger:
    """Who asks, and which routes they may rightly be answered on."""

    browser: Browser
    roles: frozenset[Role] = frozenset()
    in_the_area: bool = False

    def may(self, route: str) -> bool:
        needed = NEEDED[route]
        works_on_cases = bool(self.roles & CASE_ROLES) and "session" in needed
        has_role = bool({role.value for role in self.roles} & needed)
        return (self.in_the_area and (works_on_cases or has_role)) or (route in OF_NO_AREA and has_role)


@pytest.fixture
async def theirs(site: Any) -> Theirs:
    return await all_of_theirs(site.app.state.services)


@pytest.fixture
async def browser(site: httpx.ASGITransport) -> AsyncIterator[Browser]:
    async with Browser(transport=site, base_url="http://linli.test", headers=ITSELF) as found:
        yield found


async def ask(who: Stranger, theirs: Theirs, database: Database) -> None:
    """Try everything; what is wrong is told at once, by route."""
    before, end, wrong = everything(database), end_of_log(database), []
    named = {name: str(value) for name, value in asdict(theirs).items()}
    for route, tries in THEIRS.items():
        if who.may(route) or (who.in_the_area and "public" in NEEDED[route]):
            continue
        for one in tries:
            answer = await send(who.browser, route.split()[0], one, named)
            if not allowed(answer, one):
                wrong.append(f"{route} {one.path}: {answer.status_code} {answer.headers.get('location', '')}")
            if any(word in answer.content for word in SECRETS):
                wrong.append(f"{route} {one.path}: shows it")
        if end == (end := end_of_log(database)):
            continue
        if (now := everything(database)) != before:
            wrong.append(f"{route}: changed {[name for name in now if now[name] != before.get(name)]}")
            before = now
    assert wrong == []


async def send(browser: Browser, method: str, one: Try, named: dict[str, str]) -> httpx.Response:
    path = one.path.format(**named)
    if method == "GET":
        return await browser.get(path)
    form = {key: value.format(**named) for key, value in (one.form or {}).items()}
    if path.startswith("/api/") and not one.photo:
        return await browser.post(path, json=form, headers={"Idempotency-Key": str(uuid4())})
    files = {one.photo: ("a.jpg", a_jpeg(), "image/jpeg")} if one.photo else None
    return await browser.post(path, data={"command_id": str(uuid4())} | form, files=files)


def allowed(answer: httpx.Response, one: Try) -> bool:
    to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login")
    if answer.status_code in REFUSED or to_login:
        return True
    return one.own and answer.status_code < 500


async def test_nobody(browser: Browser, theirs: Theirs, seeded: Database) -> None:
    await ask(Stranger(browser), theirs, seeded)


@pytest.mark.parametrize("role", EVERY_ROLE)
@pytest.mark.parametrize("area", [ELSEWHERE, HERE])
async def test_somebody_with_one_role(
    site: Any, browser: Browser, theirs: Theirs, seeded: Database, role: Role, area: str
) -> None:
    """Elsewhere with every role; in the area of the case on all pages that this role has nothing to do with."""
    browser.cookies.set(COOKIE, await session_of(site.app.state.services, [role], area))
    await ask(Stranger(browser, frozenset({role}), area == HERE), theirs, seeded)


async def test_who_came_by_a_one_time_link_to_another_case(
    site: Any, browser: Browser, theirs: Theirs, seeded: Database
) -> None:
    token, mine = await session_by_link(site.app.state.services, LI.id)
    browser.cookies.set(COOKIE, token)
    await ask(Stranger(browser), theirs, seeded)
    assert (await browser.get(f"/m/cases/{mine}")).status_code == 200
