"""What a request may not do, whoever sends it."""

import base64
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from builders import PROPERTY, WANG, a_case
from fastapi import APIRouter

from web.pages import UndeclaredRoute, listed, needed, routers
from web.security import needs

ITSELF = {"Sec-Fetch-Site": "same-origin"}


def test_every_route_says_what_it_needs() -> None:
    public = {item["path"] for item in listed(routers()) if "public" in item["needs"]}
    assert public == {
        "/login",
        "/health",
        "/assets/{name:path}",
        "/language/{language}",
        "/w",
        "/w/back",
        "/l/{token}",
        "/at",
        "/report",
        "/report/nearby",
        "/report/areas.json",
        "/f/{token}",
        "/f/{token}/{name}",
        "/f/{token}/photos/{photo}",
    }


def test_a_route_that_says_nothing_is_refused() -> None:
    router = APIRouter()
    router.get("/open")(lambda: None)
    with pytest.raises(UndeclaredRoute):
        listed([router])
    router = APIRouter()
    router.get("/twice", dependencies=[needs("public"), needs("session")])(lambda: None)
    with pytest.raises(UndeclaredRoute):
        needed(router.routes[0])


@pytest.mark.servers
async def test_nothing_but_the_public_pages_answers_without_a_session(anybody: httpx.AsyncClient) -> None:
    for item in listed(routers()):
        if {"public", "device"} & set(item["needs"]):
            continue
        path = item["path"].replace("{case_id}", str(uuid4())).replace("{evidence_id}", str(uuid4()))
        for method in item["methods"]:
            answer = await anybody.request(method, path)
            assert answer.status_code in (303, 401), (method, path, answer.status_code)


@pytest.mark.servers
async def test_a_change_needs_our_own_page_or_the_token(as_person: Any, tell: Any) -> None:
    case = await tell(a_case().filed().assigned_to(PROPERTY, WANG))
    browser = await as_person("c07.wang")
    sent = {"command_id": str(uuid4())}
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"X-CSRF-Token": "wrong"}):
        refused = await browser.post(f"/m/cases/{case.id}/sign", data=sent, headers=headers)
        assert refused.status_code == 403, headers
        assert "X-CSRF-Token" in refused.text
    # let through, and then there is no Temporal
    for headers in (ITSELF, {"X-CSRF-Token": browser.csrf}):
        assert (await browser.post(f"/m/cases/{case.id}/sign", data=sent, headers=headers)).status_code == 503
    assert (await browser.post(f"/m/cases/{case.id}/sign", data={**sent, "csrf": browser.csrf})).status_code == 503


@pytest.mark.servers
async def test_every_answer_carries_the_policy_against_foreign_scripts(anybody: httpx.AsyncClient) -> None:
    for path in ("/login", "/nothing-here", "/api/v1/cases", "/assets/linli.css"):
        answer = await anybody.get(path)
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.servers
async def test_pages_hold_no_inline_script_or_style(as_person: Any, tell: Any) -> None:
    case = await tell(a_case().filed().assigned_to(PROPERTY, WANG))
    browser = await as_person("c07.wang")
    for path in ("/m", f"/m/cases/{case.id}", f"/console/cases/{case.id}", "/console/cases", "/console/inspect"):
        page = await browser.page(path)
        assert not page.css("style, [style], script:not([src]), [onclick]"), path


@pytest.mark.servers
async def test_a_body_that_is_too_long_is_refused_before_it_is_read(as_person: Any, tell: Any) -> None:
    case = await tell(a_case().filed().assigned_to(PROPERTY, WANG))
    browser = await as_person("c07.wang")
    long = await browser.command(case.id, "comment", {"text": "x" * (1024 * 1024 + 1)})
    assert (long.status_code, long.json()["code"], long.json()["field"]) == (413, "body-too-large", "body")
    many = await browser.command(case.id, "comment", {"text": "x" * 2001})
    assert (many.status_code, many.json()["field"]) == (422, "text")


@pytest.mark.servers
@pytest.mark.parametrize("text", ["\x00", "\ud800"])
async def test_what_no_database_can_hold_is_named_not_crashed_on(as_person: Any, tell: Any, text: str) -> None:
    case = await tell(a_case().filed().assigned_to(PROPERTY, WANG))
    browser = await as_person("c07.wang")
    headers = {"X-CSRF-Token": browser.csrf, "Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
    body = '{"text": "%s"}' % ("\\u0000" if text == "\x00" else "\\ud800")
    answer = await browser.post(f"/api/v1/cases/{case.id}/commands/comment", content=body, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "text")


@pytest.mark.servers
async def test_a_search_for_nonsense_finds_nothing_and_breaks_nothing(as_person: Any) -> None:
    browser = await as_person("dispatch.lin")
    for query in ("q=%00", "q=%25_", "cursor=abc", "stage=nowhere", "area=%27", "cursor=" + "A" * 190):
        answer = await browser.get(f"/console/cases?{query}")
        assert answer.status_code in (200, 422), (query, answer.status_code)


@pytest.mark.servers
@pytest.mark.parametrize("key", [["2026-01-01T00:00:00+00:00", 5], ["2026-01-01T00:00:00+00:00", None], [5, 5], {}])
async def test_a_cursor_of_somebody_elses_making_is_named(as_person: Any, key: Any) -> None:
    browser = await as_person("dispatch.lin")
    cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
    answer = await browser.get("/api/v1/cases", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


@pytest.mark.servers
async def test_endless_nesting_at_the_door_is_refused(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.post("/login", content=b"[" * 100_000, headers={"content-type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.servers
@pytest.mark.parametrize("header", ["hx-current-url", "referer"])
async def test_an_address_that_is_none_leads_home_after_login(anybody: httpx.AsyncClient, header: str) -> None:
    answer = await anybody.get("/m", headers={"hx-request": "true", header: "http://["})
    assert answer.status_code == 401


@pytest.mark.servers
async def test_there_is_no_code_for_a_place_that_is_not_on_the_map(as_person: Any) -> None:
    browser = await as_person("devices.he")
    for place in ("/310110/kj/" + "x" * 6000, "/310110/kj/\0"):
        answer = await browser.get("/console/places/qr.svg", params={"place": place})
        assert answer.status_code in (404, 422), place[:20]


@pytest.mark.servers
async def test_a_step_brings_at_most_twenty_photos(as_person: Any, tell: Any) -> None:
    case = await tell(a_case().filed().assigned_to(PROPERTY, WANG))
    browser = await as_person("c07.wang")
    photo = {"id": str(uuid4()), "kind": "photo_after"}
    answer = await browser.command(case.id, "handle", {"outcome": "solved", "evidence": [photo] * 21})
    assert (answer.status_code, answer.json()["field"]) == (422, "evidence")
