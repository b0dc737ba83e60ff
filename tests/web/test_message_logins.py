"""Logins that a message leads to: the card in government WeChat, and the one-time link of an SMS."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from browsing import Browser
from builders import LI, PROPERTY, WANG, a_case, a_matter
from databases import Database
from phones import Phones, phones_of

from domain.cases import Case
from store import links
from store.links import Link
from store.pool import pool

pytestmark = pytest.mark.servers
BASE = "http://linli.test"
TOKEN = "t" * 43


@pytest.fixture
def phones() -> Iterator[Phones]:
    with phones_of({"c07.wang": "王建国", "ghost": "不在册"}) as running:
        yield running


@pytest.fixture
def besides(phones: Phones) -> dict[str, Any]:
    return {**phones.settings, "public_url": BASE}


@pytest.fixture
async def anybody(site: httpx.ASGITransport) -> AsyncIterator[Browser]:
    async with Browser(transport=site, base_url=BASE) as browser:
        yield browser


@pytest.fixture
async def case(tell: Any) -> Case:
    found: Case = await tell(a_case().filed().assigned_to(PROPERTY, WANG))
    return found


@pytest.fixture
def message(seeded: Database, case: Case) -> UUID:
    """Sent to 王建国, and not read yet."""
    id_ = uuid4()
    with psycopg.connect(seeded.app_dsn, autocommit=True) as connection:
        connection.execute("SET linli.scope = '*'")
        connection.execute(
            "INSERT INTO messages (id, key, case_id, person, to_label, channel, reason, title, text, state, next_at,"
            " created_at, sent_at) VALUES (%s, 'k', %s, %s, '王建国', 'wecom', 'assigned', 't', 't', 'sent', now(),"
            " now(), now())",
            (id_, case.id, WANG.id),
        )
    return id_


def state_of(database: Database, message: UUID) -> str:
    with psycopg.connect(database.app_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        row = connection.execute("SELECT state FROM messages WHERE id = %s", (message,)).fetchone()
    assert row is not None
    return str(row[0])


async def to_wecom(browser: Browser, card: str, user: str) -> str:
    """Open the card, let government WeChat say who it is, and give the address that it sends the browser back to."""
    away = await browser.get(card)
    assert away.status_code == 303, away.text
    async with httpx.AsyncClient(cookies={"standin_user": user}) as phone:
        back = await phone.get(away.headers["location"])
    assert back.status_code == 302, back.text
    address = back.headers["location"]
    assert address.startswith(f"{BASE}/w/back?")
    return str(address)


async def test_a_card_opens_its_case_as_the_person_whose_phone_it_is(
    anybody: Browser, seeded: Database, case: Case, message: UUID
) -> None:
    back = await to_wecom(anybody, f"/w?case={case.id}&m={message}", "c07.wang")
    came = await anybody.get(back)
    assert (came.status_code, came.headers["location"]) == (303, f"/m/cases/{case.id}")
    assert state_of(seeded, message) == "read"
    page = await anybody.page(f"/m/cases/{case.id}")
    assert "已读" in page.css_first(".told").text()
    again = await anybody.get(f"/w?case={case.id}")
    assert again.headers["location"] == f"/m/cases/{case.id}"


async def test_a_round_through_oauth_ends_once(anybody: Browser, phones: Phones, case: Case) -> None:
    back = await to_wecom(anybody, f"/w?case={case.id}", "c07.wang")
    bound = anybody.cookies["linli_oauth"]
    assert (await anybody.get(back)).status_code == 303
    anybody.cookies.clear()
    anybody.cookies.set("linli_oauth", bound)
    used, state = dict(parse_qsl(urlsplit(back).query)).values()
    fresh = phones.standin.api.code_for("c07.wang")  # even with a code that is still good
    assert used != fresh
    replayed = await anybody.get("/w/back", params={"code": fresh, "state": state})
    assert replayed.status_code == 403
    assert "linli_session" not in replayed.cookies


async def test_a_round_belongs_to_the_browser_that_began_it(anybody: Browser, site: Any, case: Case) -> None:
    back = await to_wecom(anybody, f"/w?case={case.id}", "c07.wang")
    async with Browser(transport=site, base_url=BASE) as victim:
        await victim.get(f"/w?case={case.id}")  # has a round of its own
        assert (await victim.get(back)).status_code == 403
    assert (await anybody.get(back)).status_code == 303


async def test_who_has_no_account_here_is_told_so(anybody: Browser, case: Case) -> None:
    refused = await anybody.get(await to_wecom(anybody, f"/w?case={case.id}", "ghost"))
    assert refused.status_code == 403
    assert "没有账号" in refused.text


async def test_a_code_that_nobody_gave_lets_nobody_in(anybody: Browser, phones: Phones, case: Case) -> None:
    back = await to_wecom(anybody, f"/w?case={case.id}", "c07.wang")
    phones.standin.api._codes.clear()
    assert (await anybody.get(back)).status_code == 403


@pytest.fixture
async def link(seeded: Database, case: Case) -> str:
    async with pool(seeded.app_dsn) as connections, connections.connection() as connection:
        await links.offer(connection, TOKEN, Link(UUID(WANG.id), case.id, None))
    return f"/l/{TOKEN}"


async def test_a_scanner_of_links_does_not_use_it_up(anybody: Browser, link: str, case: Case) -> None:
    for _ in range(3):
        page = await anybody.page(link)
        assert page.css_first("form button") is not None
        await anybody.head(link)
    entered = await anybody.post(link)
    assert (entered.status_code, entered.headers["location"]) == (303, f"/m/cases/{case.id}")


async def test_a_link_lets_in_once(anybody: Browser, site: Any, link: str) -> None:
    assert (await anybody.post(link)).status_code == 303
    async with Browser(transport=site, base_url=BASE) as second:
        assert (await second.post(link)).status_code == 410
        assert (await second.get(link)).status_code == 410
        assert not second.cookies


async def test_a_link_that_is_too_old_lets_nobody_in(anybody: Browser, seeded: Database, link: str) -> None:
    with psycopg.connect(seeded.owner_dsn, autocommit=True) as owner:
        owner.execute("UPDATE one_time_links SET expires_at = now()")
    assert (await anybody.get(link)).status_code == 410
    assert (await anybody.post(link)).status_code == 410
    assert (await anybody.get("/l/nonsense")).status_code == 410


async def test_another_site_cannot_use_it_up(anybody: Browser, link: str) -> None:
    assert (await anybody.post(link, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await anybody.post(link)).status_code == 303


async def test_the_session_of_a_link_is_for_its_case_alone(anybody: Browser, tell: Any, link: str, case: Case) -> None:
    neighbour = a_matter(place="/310110/kj/c07/n021/b01/u1/", dedupe_key="ebike-in-elevator/main/b01")
    other = await tell(a_case(neighbour).filed().assigned_to(PROPERTY, WANG))
    await anybody.post(link)
    itself = {"Sec-Fetch-Site": "same-origin"}
    sent = {"command_id": str(uuid4())}
    assert case.title in (await anybody.page(f"/m/cases/{case.id}")).text()
    # let through, and then there is no Temporal
    assert (await anybody.post(f"/m/cases/{case.id}/sign", data=sent, headers=itself)).status_code == 503
    for path in (f"/m/cases/{other.id}", f"/console/cases/{other.id}", f"/api/v1/cases/{other.id}"):
        assert (await anybody.get(path)).status_code == 404, path
    assert (await anybody.post(f"/m/cases/{other.id}/sign", data=sent, headers=itself)).status_code == 404
    api = f"/api/v1/cases/{other.id}/commands/sign"
    assert (await anybody.post(api, json={}, headers=itself)).status_code == 404
    for path in ("/m", "/console/cases", "/api/v1/cases", "/api/v1/session", "/live", "/"):
        assert (await anybody.get(path)).status_code == 403, path


async def test_row_security_shows_such_a_session_one_case(seeded: Database, tell: Any, case: Case) -> None:
    await tell(a_case(a_matter(dedupe_key="other")).filed())
    with psycopg.connect(seeded.app_dsn) as connection:
        connection.execute("SELECT set_config('linli.scope', %s, false)", (f"case:{case.id}",))
        assert connection.execute("SELECT id FROM cases").fetchall() == [(case.id,)]
        assert connection.execute("SELECT DISTINCT case_id FROM case_events").fetchall() == [(case.id,)]
        assert connection.execute("SELECT DISTINCT case_id FROM tasks").fetchall() == [(case.id,)]


@pytest.mark.usefixtures("message")
async def test_messages_are_seen_with_their_case_only(seeded: Database) -> None:
    with psycopg.connect(seeded.app_dsn) as connection:
        for scope, sees in (("", 0), ("/310110/kj/c09/", 0), ("/310110/kj/c07/", 1), ("*", 1)):
            connection.execute("SELECT set_config('linli.scope', %s, false)", (scope,))
            assert connection.execute("SELECT count(*) FROM messages").fetchone() == (sees,), scope


async def test_a_colleague_who_looks_at_the_case_reads_no_message_for_the_other(
    as_person: Any, seeded: Database, case: Case, message: UUID
) -> None:
    colleague = await as_person("c07.li")
    assert LI.id != WANG.id
    page = await colleague.page(f"/m/cases/{case.id}")
    assert "已发送，未读" in page.css_first(".told").text()
    assert state_of(seeded, message) == "sent"
    await (await as_person("c07.wang")).page(f"/m/cases/{case.id}")
    assert state_of(seeded, message) == "read"
