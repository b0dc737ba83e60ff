"""The API, as scripts use it."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from browsing import a_jpeg, just_now
from builders import LI, PROPERTY, WANG, a_case, a_matter

pytestmark = pytest.mark.servers


async def test_pages_of_cases_follow_each_other_without_gap_or_repetition(as_person: Any, tell: Any) -> None:
    told = [await tell(a_case(a_matter(dedupe_key=str(n)), at=just_now(n)).filed()) for n in range(7)]
    script = await as_person("dispatch.lin")
    for stage in ("", "dispatching"):
        seen, cursor = [], ""
        while cursor is not None:
            sent = {"stage": stage, "limit": 3, "cursor": cursor}
            page = (await script.get("/api/v1/cases", params=sent)).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
        newest_first = [str(case.id) for case in told]
        assert seen == (newest_first[::-1] if stage else newest_first)


async def test_lists_hold_only_what_their_reader_may_see(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed())
    seen = {}
    for name in ("dispatch.lin", "c07.wang", "c09.zhu", "devices.he", "sysadmin.gu"):
        script = await as_person(name)
        listed = (await script.get("/api/v1/cases")).json()["items"]
        one = await script.get(f"/api/v1/cases/{case.id}")
        seen[name] = (len(listed), one.status_code)
    assert seen == {
        "dispatch.lin": (1, 200),
        "c07.wang": (1, 200),
        "c09.zhu": (0, 404),
        "devices.he": (0, 404),
        "sysadmin.gu": (0, 404),
    }


async def test_filters_narrow_the_list(as_person: Any, tell: Any) -> None:
    mine = await tell(a_case(at=just_now()).filed("KJ-20261121-000042").assigned_to(PROPERTY, WANG))
    await tell(a_case(a_matter(dedupe_key="x", place="/310110/kj/c07/n022/b01/"), at=just_now()).filed())
    script = await as_person("c07.zhao")
    for query in ("mine=1", "q=000042", "area=/310110/kj/c07/n021/", "stage=assigned"):
        items = (await script.get(f"/api/v1/cases?{query}")).json()["items"]
        assert [item["id"] for item in items] == [str(mine.id)], query


async def test_a_case_tells_its_state_its_events_and_what_is_offered(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    found = (await (await as_person("c07.wang")).get(f"/api/v1/cases/{case.id}")).json()
    assert found["state"]["stage"] == "assigned"
    assert [event["type"] for event in found["events"]] == ["received", "filed", "dispatched"]
    assert found["offered"] == ["sign", "log_contact", "request", "wait_for", "raise_tier", "comment"]


async def test_the_same_key_is_the_same_command_for_ever(at_work: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    script, key = await at_work("c07.wang"), uuid4()
    first = await script.command(case.id, "sign", key=key)
    second = await script.command(case.id, "sign", key=key)
    assert first.json() == second.json() == {"version": 4, "stage": "handling"}
    other = await script.command(case.id, "comment", {"text": "别的"}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-conflict")


async def test_refusals_have_the_status_of_their_kind(at_work: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    wang, li, luo = await at_work("c07.wang"), await at_work("c07.li"), await at_work("inspect.luo")
    given = {
        "wrong person": await li.command(case.id, "handle", {"outcome": "solved"}),
        "too early": await luo.command(case.id, "inspect", {"passed": True}),
        "twice": await wang.command(case.id, "sign"),
        "no photo": await wang.command(case.id, "handle", {"outcome": "solved"}),
        "no such outcome": await wang.command(case.id, "handle", {"outcome": "maybe"}),
        "no field": await wang.command(case.id, "handle"),
        "misspelt": await wang.command(case.id, "handle", {"outcom": "solved", "outcome": "solved"}),
        "the system's own": await wang.command(case.id, "press"),
    }
    answers = {
        what: (answer.status_code, answer.json()["code"], answer.json().get("field")) for what, answer in given.items()
    }
    assert answers == {
        "wrong person": (403, "not-permitted", None),
        "too early": (409, "wrong-stage", None),
        "twice": (409, "already-signed", None),
        "no photo": (422, "evidence-missing", "photo_after"),
        "no such outcome": (422, "unknown-outcome", "outcome"),
        "no field": (422, "field-missing", "outcome"),
        "misspelt": (422, "field-invalid", "outcom"),
        "the system's own": (403, "not-permitted", None),
    }
    for answer in given.values():
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


async def test_a_command_needs_a_key_that_is_a_uuid(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    script = await as_person("c07.wang")
    path, token = f"/api/v1/cases/{case.id}/commands/sign", {"X-CSRF-Token": script.csrf}
    without = await script.post(path, json={}, headers=token)
    wrong = await script.post(path, json={}, headers={**token, "Idempotency-Key": "1"})
    assert [(answer.status_code, answer.json()["field"]) for answer in (without, wrong)] == [
        (422, "Idempotency-Key"),
        (422, "Idempotency-Key"),
    ]
    unknown = await script.post(
        f"/api/v1/cases/{case.id}/commands/explode", json={}, headers={**token, "Idempotency-Key": str(uuid4())}
    )
    assert unknown.status_code == 404


async def test_evidence_is_brought_first_and_named_in_the_command(at_work: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    other = await tell(
        a_case(a_matter(dedupe_key="b"), at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    )
    script = await at_work("c07.wang")
    sent = {"data": {"kind": "photo_after"}, "files": {"file": ("a.jpg", a_jpeg(), "image/jpeg")}}
    brought = await script.post(f"/api/v1/cases/{case.id}/evidence", headers={"X-CSRF-Token": script.csrf}, **sent)
    assert brought.status_code == 201
    body = {"outcome": "solved", "note": "好了", "evidence": [{"id": brought.json()["id"], "kind": "photo_after"}]}
    elsewhere = await script.command(other.id, "handle", body)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "evidence-unknown")
    assert (await script.command(case.id, "handle", body)).json()["stage"] == "inspecting"
    stranger = await at_work("c09.zhu")
    assert (await stranger.get(f"/evidence/{brought.json()['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("kind", "raw", "status", "code"),
    [
        ("photo_after", b"%PDF-1.4", 422, "photo-unreadable"),
        ("photo_after", b"", 422, "photo-unreadable"),
        ("photo_after", a_jpeg() + b"x" * (15 * 1024 * 1024), 413, "photo-too-large"),
        ("photo_after", b"x" * (17 * 1024 * 1024), 413, "photo-too-large"),
        ("note", a_jpeg(), 422, "field-invalid"),
    ],
)
async def test_what_is_no_usable_photo_is_refused_by_name(
    as_person: Any, tell: Any, kind: str, raw: bytes, status: int, code: str
) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, LI))
    script = await as_person("c07.li")
    sent = {"data": {"kind": kind}, "files": {"file": ("a.jpg", raw, "image/jpeg")}}
    answer = await script.post(f"/api/v1/cases/{case.id}/evidence", headers={"X-CSRF-Token": script.csrf}, **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_api_describes_itself(as_person: Any) -> None:
    described = (await (await as_person("c07.wang")).get("/api/v1/openapi.json")).json()
    assert set(described["paths"]) == {
        "/api/v1/session",
        "/api/v1/cases",
        "/api/v1/cases/{case_id}",
        "/api/v1/cases/{case_id}/commands/{name}",
        "/api/v1/cases/{case_id}/evidence",
        "/api/v1/cases/{case_id}/messages",
        "/api/v1/rulesets",
        "/api/v1/rulesets/{ruleset}",
        "/api/v1/rulesets/{ruleset}/roll-back",
        "/api/v1/rulesets/{ruleset}/versions",
        "/api/v1/rulesets/{ruleset}/versions/{hash_}",
        "/api/v1/rulesets/{ruleset}/versions/{hash_}/{step}",
    }


async def test_of_different_words_under_one_key_only_what_was_carried_out_is_said_to_be_done(
    at_work: Any, tell: Any
) -> None:
    case = await tell(a_case().filed().assigned_to(PROPERTY, WANG))
    script = await at_work("c07.wang")
    for _ in range(3):
        key = uuid4()
        words = [f"{key} {n}" for n in range(10)]
        answers = await asyncio.gather(*(script.command(case.id, "comment", {"text": text}, key) for text in words))
        told = {text for text, answer in zip(words, answers, strict=True) if answer.status_code == 200}
        assert {answer.status_code for answer in answers} <= {200, 409}
        events = (await script.get(f"/api/v1/cases/{case.id}")).json()["events"]
        assert told == {event["data"]["text"] for event in events if str(key) in event["data"].get("text", "")}
