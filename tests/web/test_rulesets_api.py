"""Rulesets over HTTP: a version is written by one, asked for, and approved by another; scripts read why not."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from browsing import Browser
from stages import DOOR, a_draft, shipped

from store.seed.accounts import PASSWORD

pytestmark = pytest.mark.servers
BASE = f"/api/v1/rulesets/{DOOR}"


async def post(who: Browser, path: str, body: Any = None, key: UUID | None = None) -> httpx.Response:
    headers = {"X-CSRF-Token": who.csrf, "Idempotency-Key": str(key or uuid4())}
    return await who.post(f"{BASE}/{path}", json=body or {}, headers=headers)


def texts(word: str = "请关门。", **changed: str) -> dict[str, str]:
    definition, template = shipped()
    for old, new in changed.items():
        definition = definition.replace(old, new)
    return {"definition": definition, "template": template.replace("{% endblock %}", f"{word}{{% endblock %}}")}


async def a_version(who: Browser, **given: Any) -> str:
    made = await post(who, "versions", {**texts(), **given})
    assert made.status_code == 201, made.text
    return str(made.json()["hash"])


@pytest.fixture
async def xu(as_person: Any) -> Browser:
    return await as_person("rules.xu")


@pytest.fixture
async def pei(as_person: Any) -> Browser:
    return await as_person("rules.pei")


async def test_a_version_comes_into_force_by_two_people(xu: Browser, pei: Browser) -> None:
    version = await a_version(xu, note="开门提醒写清楚")
    asked = await post(xu, f"versions/{version}/ask", {"stage": "active", "note": "请看"})
    assert (asked.status_code, asked.json()["stage"]) == (200, "draft")
    assert asked.json()["offered"] == ["withdraw", "retire"]
    own = await post(xu, f"versions/{version}/approve")
    assert (own.status_code, own.json()["code"]) == (403, "own-version")
    approved = await post(pei, f"versions/{version}/approve")
    assert (approved.status_code, approved.json()["stage"]) == (200, "active")
    found = (await xu.get(BASE)).json()
    assert {one["hash"]: one["stage"] for one in found["versions"]}[version] == "active"
    assert sorted(one["stage"] for one in found["versions"]) == ["active", "retired"]
    assert [step["step"] for step in found["steps"]][-4:] == ["drafted", "asked", "approved", "started"]
    (item,) = [one for one in (await xu.get("/api/v1/rulesets")).json()["items"] if one["id"] == DOOR]
    assert (item["active"], item["author"]) == (version, "徐文博")


async def test_one_click_rolls_back(xu: Browser, pei: Browser) -> None:
    former = next(one for one in (await xu.get("/api/v1/rulesets")).json()["items"] if one["id"] == DOOR)["active"]
    version = await a_version(xu)
    await post(xu, f"versions/{version}/ask", {"stage": "active"})
    await post(pei, f"versions/{version}/approve")
    back = await post(xu, "roll-back", {"active": version})
    assert (back.status_code, back.json()["hash"], back.json()["stage"]) == (200, former, "active")
    again = await post(xu, "roll-back", {"active": version})
    assert (again.status_code, again.json()["code"]) == (409, "active-is-another")
    assert (await post(xu, "roll-back")).json()["code"] == "nothing-before"


async def test_a_version_tells_its_texts(xu: Browser) -> None:
    version = await a_version(xu)
    found = (await xu.get(f"{BASE}/versions/{version}")).json()
    assert {name: found[name] for name in ("definition", "template")} == texts()
    assert (found["stage"], found["offered"]) == ("draft", ["ask", "retire"])


async def test_the_same_texts_are_the_same_version_and_a_repeated_request_the_same_request(xu: Browser) -> None:
    key = uuid4()
    first = await post(xu, "versions", texts(), key)
    again = await post(xu, "versions", texts(), key)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    other = await post(xu, "versions", texts("请随手关门。"), key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-conflict")
    step, body = f"versions/{first.json()['hash']}/ask", {"stage": "shadow"}
    key = uuid4()
    asked, repeated = await post(xu, step, body, key), await post(xu, step, body, key)
    assert (asked.status_code, repeated.json()) == (200, asked.json())


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"perceive:": "percieve:"}, "ruleset-invalid", "percieve"),
        ({"ruleset: door-left-open": "ruleset: another"}, "ruleset-is-another", "another"),
        ({"category: door-left-open": "category: door-lef-open"}, "ruleset-invalid", "door-left-open"),
    ],
)
async def test_texts_that_cannot_run_are_refused_with_every_fault(
    xu: Browser, changed: dict[str, str], code: str, said: str
) -> None:
    answer = await post(xu, "versions", texts(**changed))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.text


async def test_a_version_with_a_rule_that_no_test_hits_is_not_asked_for(xu: Browser) -> None:
    version = await a_version(xu, **texts(**{"{gte: 20}": "{gte: 2000}"}))
    refused = await post(xu, f"versions/{version}/ask", {"stage": "shadow"})
    assert (refused.status_code, refused.json()["code"]) == (422, "not-sound")
    assert refused.json()["params"]["faults"] >= 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "field-missing"),
        ({"stage": "canary"}, 422, "areas-missing"),
        ({"stage": "canary", "areas": ["/310110/nowhere/"]}, 422, "area-unknown"),
        ({"stage": "canary", "areas": ["everywhere"]}, 422, "field-invalid"),
        ({"stage": "shadow", "areas": ["/310110/kj/c07/"]}, 422, "areas-not-asked"),
        ({"stage": "retired"}, 422, "stage-not-asked"),
        ({"stage": "active", "starts_at": "2020-01-01T00:00:00+08:00"}, 422, "start-is-past"),
        ({"stage": "active", "starts_at": "9999-12-31T23:59:59-14:00"}, 422, "start-too-far"),
        ({"stage": "active", "starts_at": "2030-01-01T00:00:00"}, 422, "field-invalid"),
        ({"stage": "active", "more": 1}, 422, "field-invalid"),
    ],
)
async def test_what_is_missing_or_wrong_in_an_asking_is_named(
    site: Any, xu: Browser, body: dict[str, Any], status: int, code: str
) -> None:
    async with site.app.state.services.pool.connection() as connection:
        version = await a_draft(connection, None, "请关门。")
    answer = await post(xu, f"versions/{version}/ask", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_step_needs_a_key_a_version_that_there_is_and_a_name_that_is_known(xu: Browser) -> None:
    version = await a_version(xu)
    without = await xu.post(
        f"{BASE}/versions/{version}/ask", json={"stage": "shadow"}, headers={"X-CSRF-Token": xu.csrf}
    )
    assert (without.status_code, without.json()["code"]) == (422, "key-missing")
    unknown = await post(xu, f"versions/{'0' * 64}/retire")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "version-unknown")
    assert (await post(xu, f"versions/{version}/publish")).status_code == 404
    assert (await xu.get("/api/v1/rulesets/no-such-one")).status_code == 404
    assert (await xu.get(f"/api/v1/rulesets/corridor-smoke/versions/{version}")).status_code == 404


async def test_only_rule_authors_write_and_those_who_lead_read(as_person: Any, xu: Browser) -> None:
    version = await a_version(xu)
    seen = {}
    for name in ("super.zhou", "duty.chen", "c07.wang", "devices.he"):
        script = await as_person(name)
        step = await post(script, f"versions/{version}/retire")
        seen[name] = ((await script.get("/api/v1/rulesets")).status_code, step.status_code)
    assert seen == {"super.zhou": (200, 403), "duty.chen": (200, 403), "c07.wang": (403, 403), "devices.he": (403, 403)}


def test_the_demo_has_two_rule_authors(seeded: Any) -> None:
    authors = [account for account in seeded.accounts if account.role == "rule_author"]
    assert len(authors) >= 2
    assert {account.password for account in authors} == {PASSWORD}
