"""Signing in and out, and what an ended session means."""

import httpx
import psycopg
import pytest
from databases import Database

pytestmark = pytest.mark.servers
WANG = {"name": "c07.wang", "password": "linli-demo"}


async def test_whoever_signs_in_comes_to_their_work(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/login", data=WANG)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await anybody.get("/")).headers["location"] == "/m"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/m/me", "/m/me"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("m", "/"),
    ],
)
async def test_after_login_only_pages_of_ours_follow(anybody: httpx.AsyncClient, wanted: str, leads_to: str) -> None:
    answer = await anybody.post("/login", data={**WANG, "next": wanted})
    assert answer.headers["location"] == leads_to


async def test_a_wrong_password_and_an_unknown_name_are_told_the_same(anybody: httpx.AsyncClient) -> None:
    wrong = await anybody.post("/login", data={**WANG, "password": "no"})
    unknown = await anybody.post("/login", data={"name": "nobody", "password": "no"})
    assert wrong.status_code == unknown.status_code == 401
    assert "用户名或密码不对" in wrong.text
    assert "用户名或密码不对" in unknown.text


async def test_five_wrong_passwords_lock_the_account_for_the_right_one_too(anybody: httpx.AsyncClient) -> None:
    for _ in range(5):
        answer = await anybody.post("/login", data={**WANG, "password": "no"})
    assert (answer.status_code, "账号已锁定" in answer.text) == (429, True)
    assert (await anybody.post("/login", data=WANG)).status_code == 429
    others = await anybody.post("/login", data={**WANG, "name": "c07.li"})
    assert others.status_code == 303


async def test_a_stranger_elsewhere_keeps_nobody_out(anybody: httpx.AsyncClient, site: httpx.ASGITransport) -> None:
    elsewhere = httpx.ASGITransport(site.app, client=("203.0.113.7", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://linli.test") as stranger:
        for _ in range(5):
            answer = await stranger.post("/login", data={**WANG, "password": "no"})
    assert answer.status_code == 429
    assert (await anybody.post("/login", data=WANG)).status_code == 303


async def test_a_device_that_signed_in_before_is_not_kept_out_by_its_neighbours(
    anybody: httpx.AsyncClient, site: httpx.ASGITransport
) -> None:
    """Many share one address."""
    await anybody.post("/login", data=WANG)
    async with httpx.AsyncClient(transport=site, base_url="http://linli.test") as neighbour:
        for _ in range(5):
            await neighbour.post("/login", data={**WANG, "password": "no"})
        neighbour.cookies.set("linli_device", "made.up", path="/login")
        assert (await neighbour.post("/login", data=WANG)).status_code == 429
    assert (await anybody.post("/login", data=WANG)).status_code == 303


async def test_whose_device_it_is_counts_for_that_account_alone(anybody: httpx.AsyncClient) -> None:
    await anybody.post("/login", data=WANG)
    li = {**WANG, "name": "c07.li"}
    for _ in range(5):
        await anybody.post("/login", data={**li, "password": "no"})
    assert (await anybody.post("/login", data=li)).status_code == 429
    assert (await anybody.post("/login", data=WANG)).status_code == 303


async def test_the_device_of_a_longer_name_is_not_that_of_the_name_it_begins_with(
    anybody: httpx.AsyncClient, site: httpx.ASGITransport, seeded: Database
) -> None:
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("UPDATE people SET name = 'c07.wang/x' WHERE name = 'c07.li'")
    assert (await anybody.post("/login", data={**WANG, "name": "c07.wang/x"})).status_code == 303
    cookie = anybody.cookies["linli_device"]
    anybody.cookies.clear()
    anybody.cookies.set("linli_device", f"x/{cookie}", path="/login")
    for _ in range(5):
        await anybody.post("/login", data={**WANG, "password": "no"})
    async with httpx.AsyncClient(transport=site, base_url="http://linli.test") as neighbour:
        assert (await neighbour.post("/login", data=WANG)).status_code == 429  # it was the address that was counted


async def test_without_a_session_a_page_leads_to_login_and_back(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/console/cases?stage=handling")
    assert answer.headers["location"] == "/login?next=%2Fconsole%2Fcases%3Fstage%3Dhandling"
    api = await anybody.get("/api/v1/cases")
    assert (api.status_code, api.json()["code"]) == (401, "session-ended")


async def test_a_session_that_ended_under_a_form_leaves_the_form_and_offers_login(anybody: httpx.AsyncClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://linli.test/m/cases/1"}
    answer = await anybody.post("/m/cases/0/handle", data={"note": "x"}, headers=headers)
    assert answer.status_code == 401
    assert "/login?next=%2Fm%2Fcases%2F1" in answer.text
    assert "填写的内容还在" in answer.text


async def test_signing_out_ends_the_session_in_the_database(anybody: httpx.AsyncClient) -> None:
    await anybody.post("/login", data=WANG)
    token = anybody.cookies["linli_session"]
    left = await anybody.post("/logout", headers={"Sec-Fetch-Site": "same-origin"})
    assert left.headers["location"] == "/login"
    answer = await anybody.get("/m", headers={"Cookie": f"linli_session={token}"})
    assert answer.status_code == 303


async def test_tokens_are_not_kept_in_the_clear(anybody: httpx.AsyncClient, seeded: Database) -> None:
    await anybody.post("/login", data=WANG)
    with psycopg.connect(seeded.owner_dsn) as connection:
        (kept,) = connection.execute("SELECT token_hash FROM sessions").fetchall()[0]
    assert anybody.cookies["linli_session"].encode() not in kept
    assert len(kept) == 32


async def test_login_as_json_gives_scripts_the_token(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/login", json=WANG, headers={"accept": "application/json"})
    assert answer.json()["csrf"] == (await anybody.get("/api/v1/session")).json()["csrf"]


async def test_login_from_another_site_is_refused(anybody: httpx.AsyncClient) -> None:
    assert (await anybody.post("/login", data=WANG, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
