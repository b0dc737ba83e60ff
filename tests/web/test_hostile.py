"""What strangers send to the pages that are open to all, and what they write where others read it."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from browsing import Browser, a_jpeg
from builders import PROPERTY, UNIT_2
from databases import Database
from fastapi.routing import APIRoute
from road import KEY
from strangers import EVERY_ROLE, all_of_theirs, session_of

from adapters.govwecom.standin import create_app
from adapters.govwecom.standin.phones import Received
from web.pages import listed, routers
from web.security.needs import COOKIE

pytestmark = pytest.mark.servers
ITSELF = {"Sec-Fetch-Site": "same-origin"}
EVIL = "evil.example"
AWAY = (
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"/\\{EVIL}/",
    f"\\\\{EVIL}",
    f"/\t/{EVIL}/",
    f"/\n/{EVIL}",
    f"https:{EVIL}",
    f"///{EVIL}",
    f"javascript:alert(1)//{EVIL}",
    f" //{EVIL}",
)
SCRIPT = "\"'><img src=x onerror=alert(1)><svg/onload=alert(2)></script>{{7*7}}"
RAW = ("<img src=x", "<svg/onload", "></script>{{")
TURNED = "\u202eabc\u2066\u200fdef\x1b[31m"
PUBLIC = [item for item in listed(list(routers())) if "public" in item["needs"]]
PAGES = [item["path"] for item in listed(list(routers())) if "GET" in item["methods"] and item["path"] != "/live"]


async def a_report(browser: Browser, files: Any = None, headers: Any = None, **changed: str) -> httpx.Response:
    sent = {"form": uuid4().hex + "x" * 10, "text": "楼道灯不亮", "place": UNIT_2, "looked": "1"} | changed
    return await browser.post("/report", data=sent, files=files, headers=headers)


@pytest.mark.parametrize("away", AWAY)
async def test_no_way_out_of_the_house(anybody: Browser, as_person: Any, away: str) -> None:
    wang = await as_person("c07.wang")
    sent = {"name": "c07.wang", "password": "linli-demo", "next": away}
    answers = [
        await anybody.get("/language/en", params={"back": away}),
        await wang.get("/login", params={"next": away}),
        await anybody.post("/login", data=sent),
        await wang.get("/at", params={"place": away}),
    ]
    for answer in answers:
        assert answer.status_code == 303
        leads = httpx.URL("http://linli.test/").join(answer.headers["location"])
        assert leads.host == "linli.test", answer.headers["location"]


@pytest.mark.parametrize("path", ["/report/", "/login/", "/m/", "/api/v1/cases/", "/at?place=x", "/report", "/console"])
async def test_the_host_that_a_request_names_is_never_repeated(anybody: Browser, path: str) -> None:
    answer = await anybody.get(path, headers={"Host": EVIL, "X-Forwarded-Host": EVIL})
    assert EVIL not in answer.text
    assert EVIL not in str(answer.headers)


async def test_the_code_on_the_wall_leads_to_us_whatever_host_was_named(as_person: Any) -> None:
    he = await as_person("devices.he")
    codes = [
        (await he.get("/console/places/qr.svg", params={"place": UNIT_2}, headers={"Host": host})).content
        for host in ("linli.test", EVIL)
    ]
    assert codes[0] == codes[1]


@pytest.mark.parametrize("path", ["/language/en?back=/%0d%0aX-Evil:1", "/at?place=%0d%0aX-Evil:1", "/f/%0d%0aX-Evil:1"])
async def test_no_header_is_slipped_in(anybody: Browser, path: str) -> None:
    assert "x-evil" not in (await anybody.get(path)).headers


async def test_another_site_sends_no_form_in_a_residents_name(anybody: Browser) -> None:
    changing = [item["path"] for item in PUBLIC if "POST" in item["methods"]]
    assert changing == ["/f/{token}/{name}", "/l/{token}", "/login", "/report"]
    for path in changing:
        for site in ("cross-site", "same-site"):
            address = path.format(token="x", name="comment")
            refused = await anybody.post(address, data={"text": "x"}, headers={"Sec-Fetch-Site": site})
            assert (refused.status_code, "set-cookie" in refused.headers) == (403, False), path


BOUNDARY = {"content-type": "multipart/form-data; boundary=b"}
PART = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'


async def in_pieces(whole: bytes) -> AsyncIterator[bytes]:
    """Without saying how long it is."""
    for start in range(0, len(whole), 65536):
        yield whole[start : start + 65536]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"".join(PART % (b"f%d" % n, b"x") for n in range(101)) + b"--b--\r\n", BOUNDARY),
        (b"".join(PART % (b'photo"; filename="a', b"x") for _ in range(9)) + b"--b--\r\n", BOUNDARY),
        (PART % (b"text", b"x" * (1024 * 1024 + 1)) + b"--b--\r\n", BOUNDARY),
        (PART % (b"text", b"x"), BOUNDARY),
        (b"--c\r\n", BOUNDARY),
        (b"x", {"content-type": "multipart/form-data"}),
        (b"&".join(b"f%d=x" % n for n in range(2000)), {"content-type": "application/x-www-form-urlencoded"}),
        (b"text=" + b"%00" * 300, {"content-type": "application/x-www-form-urlencoded"}),
        (b"text=%ff%fe&place=%c3%28", {"content-type": "application/x-www-form-urlencoded"}),
        (b'{"text": 1}', {"content-type": "application/json"}),
        (
            gzip.compress(b"text=" + b"x" * 50_000_000),
            {"content-type": "application/x-www-form-urlencoded", "content-encoding": "gzip"},
        ),
        (in_pieces(b"text=" + b"x" * 2_000_000), {"content-type": "application/x-www-form-urlencoded"}),
    ],
)
@pytest.mark.parametrize("path", ["/report", "/login"])
async def test_no_form_is_so_strange_that_we_break(
    anybody: Browser, seeded: Database, path: str, body: Any, headers: dict[str, str]
) -> None:
    answer = await anybody.post(path, content=body, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text[:300]
    with psycopg.connect(seeded.owner_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM reports").fetchone() == (0,)


async def test_what_turns_letters_round_is_not_kept(anybody: Browser, seeded: Database) -> None:
    assert (await a_report(anybody, text=f"灯{TURNED}", name=TURNED)).status_code == 303
    with psycopg.connect(seeded.owner_dsn) as connection:
        row = connection.execute("SELECT text, name FROM reports").fetchone()
    assert row is not None
    assert row[0] == "灯abcdef[31m"


def known(theirs: Any) -> dict[str, str]:
    """What stands in addresses: ids of things that are there, and names of shipped ones."""
    shipped = {"ruleset": "corridor-smoke", "shape": "threshold", "code": "gap", "step": "approve"}
    nobodys = {"hash_": "0" * 64, "backtest": str(uuid4())}
    return {name: str(value) for name, value in asdict(theirs).items()} | shipped | nobodys


@pytest.mark.parametrize("closed", [False, True])
async def test_no_page_runs_what_somebody_wrote(site: Any, anybody: Browser, closed: bool) -> None:
    """Every page there is, for somebody who may see all of them."""
    served = site.app.state.services
    theirs = await all_of_theirs(served, SCRIPT, closed=closed)
    anybody.cookies.set(COOKIE, await session_of(served, EVERY_ROLE, "/310110/kj/", PROPERTY))
    named = known(theirs)
    shown = 0
    for path in PAGES:
        address = path.format(**named, name="linli.css", language="en") if "{name:path}" not in path else "/assets/x"
        answer = await anybody.get(address, params={"place": UNIT_2}, follow_redirects=True)
        assert answer.status_code < 500, path
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert [raw for raw in RAW if raw in answer.text] == [], path
            shown += "onerror=alert" in answer.text
    assert shown > 5, "it is shown, as text"


async def test_what_a_viewer_sees_is_kept_by_no_cache_for_the_next(site: Any, anybody: Browser) -> None:
    served = site.app.state.services
    theirs = await all_of_theirs(served, closed=True)
    anybody.cookies.set(COOKIE, await session_of(served, EVERY_ROLE, "/310110/kj/", PROPERTY))
    named = known(theirs)
    for path in PAGES:
        if path.startswith(("/assets/", "/report/areas.json", "/language")):
            continue
        answer = await anybody.get(path.format(**named), params={"place": UNIT_2})
        kept = answer.headers["cache-control"]
        photo = answer.headers.get("content-type") == "image/jpeg"
        assert kept.startswith("private") if photo else kept == "no-store", (path, kept)
    assert (await anybody.get(f"/evidence/{theirs.evidence_id}")).headers["vary"] == "Cookie"


@pytest.mark.parametrize(
    "name",
    ["../app.py", "..%2f..%2fapp.py", "%2e%2e/app.py", "/etc/passwd", "vendor/../../app.py", "linli.css%00.js", "."],
)
async def test_assets_are_those_and_no_other_file(anybody: Browser, name: str) -> None:
    answer = await anybody.get(f"/assets/{name}")
    assert answer.status_code == 404


async def test_a_name_that_is_known_answers_like_one_that_is_not(anybody: Browser) -> None:
    tried = [await anybody.post("/login", data={"name": name, "password": "x"}) for name in ("c07.wang", "c07.nobody")]
    assert tried[0].status_code == tried[1].status_code == 401
    assert tried[0].text.replace("c07.wang", "") == tried[1].text.replace("c07.nobody", "")


async def test_what_is_not_yours_is_like_what_is_not_there(site: Any, as_person: Any) -> None:
    theirs = await all_of_theirs(site.app.state.services)
    zhu = await as_person("c09.zhu")
    for path in ("/evidence/{}", "/m/cases/{}", "/api/v1/cases/{}", "/reporter/{}"):
        known = theirs.evidence_id if path.startswith("/evidence") else theirs.case_id
        there, nowhere = [await zhu.get(path.format(id_)) for id_ in (known, uuid4())]
        assert there.status_code == nowhere.status_code == 404
        assert there.text.replace(str(known), "") == nowhere.text.replace(str(nowhere.url).rpartition("/")[2], ""), path


async def test_a_photo_is_no_way_in(anybody: Browser) -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    for name, raw in (("a.svg", svg), ("../../a.jpg", svg), ("a.jpg", a_jpeg()[:100])):
        assert (await a_report(anybody, {"photo": (name, raw, "image/jpeg")})).status_code == 422
    both = a_jpeg() + b"<script>alert(1)</script><?php system('id') ?>"
    answer = await a_report(anybody, {"photo": ("../../../evil.php", both, "text/html")})
    page = await anybody.page(answer.headers["location"])
    (shown,) = page.css(".photos img")
    photo = await anybody.get(shown.attributes["src"] or "")
    assert photo.headers["content-type"] == "image/jpeg"
    assert b"<script>" not in photo.content
    assert photo.headers["x-content-type-options"] == "nosniff"


async def test_a_phone_in_the_demo_runs_nothing_either() -> None:
    app = create_app(corp="c", secret="s", agent=1, hook_secret=KEY)
    now = datetime.now(UTC)
    received = Received(SCRIPT, SCRIPT, SCRIPT, "sms", SCRIPT, SCRIPT, "javascript:alert(1)", now, None)
    app.state.standin.phones.deliver(received, "k", 1)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://phones.test") as browser:
        shown = (await browser.get("/")).text
    assert [raw for raw in RAW if raw in shown] == []
    assert "onerror=alert" in shown
    assert 'href="javascript:' not in shown


STRANGE = (
    *("", "\x00", "x" * 5000, "-1", "nan", "1e999", "'\"<", "2026-13-45", "0001-01-01", "9999-12-31"),
    *("0001-01-01T00:00", "9999-12-31T23:59", "4" * 30, str(UUID(int=1))),
)
FIELDS = (
    *("person", "starts", "ends", "shift", "unit", "week", "note", "reason", "command", "marked", "command_id", "text"),
    *("to", "to_number", "until", "hours", "kind", "whom", "reached", "owner", "ground", "granted", "outcome", "lat"),
    *(
        "lon",
        "place",
        "case_id",
        "check_id",
        "category",
        "step",
        "form",
        "phone",
        "name",
        "follows",
        "hint",
        "place_kind",
    ),
    *("passed", "ending", "reply", "spoken_to", "stars", "solved", "adapter", "device_id"),
)


def queried(route: Any) -> list[str]:
    """The names that an address of this route may have in its query, dependencies included."""
    waiting, names = [route.dependant], []
    while waiting:
        dependant = waiting.pop()
        names += [param.alias for param in dependant.query_params]
        waiting += dependant.dependencies
    return list(dict.fromkeys(names)) or ["done"]


async def test_no_address_and_no_form_breaks_a_page(site: Any, anybody: Browser) -> None:
    served = site.app.state.services
    theirs = await all_of_theirs(served)
    anybody.cookies.set(COOKIE, await session_of(served, EVERY_ROLE, "/310110/kj/", PROPERTY))
    named = known(theirs) | {"language": "en", "adapter": "frigate"}
    broken = []
    for route in (route for router in routers() for route in router.routes if isinstance(route, APIRoute)):
        path = route.path.replace("{name:path}", "x")
        if path in ("/live", "/logout") or path.startswith("/intake/"):
            continue
        for number, strange in enumerate(STRANGE):
            address = path.format(**named, name=("comment", "link", "wait_for", "request", "file")[number % 5])
            if "GET" in (route.methods or ()):
                answers = [await anybody.get(address, params={name: strange}) for name in queried(route)]
            else:
                whole = dict.fromkeys(FIELDS, strange) | {"command_id": str(uuid4()), "note": "x"}
                rostered = {"person": str(theirs.person), "shift": ""}
                sent = [whole, whole | rostered] if "roster" in path else [whole]
                answers = [await anybody.post(address, data=data, headers=ITSELF) for data in sent]
            broken += [
                f"{route.methods} {answer.url} {strange[:20]!r}: {answer.status_code}"
                for answer in answers
                if answer.status_code >= 500 and answer.status_code != 503
            ]
    assert broken == []
