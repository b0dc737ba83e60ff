"""A form that is sent more than once, from pages and by scripts at the same time, is one command; and nothing else."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from browsing import Browser, a_jpeg, just_now
from builders import (
    DUTY_OFFICER,
    ENFORCEMENT,
    GAS,
    PROPERTY,
    WANG,
    Story,
    a_case,
    a_matter,
    a_policy,
)
from databases import Database
from strangers import all_of_theirs

from domain.cases import Case
from domain.matters import Filing

pytestmark = pytest.mark.servers
POLICY = a_policy(
    return_within=timedelta(hours=24), closing="manual", inspection="never", reopen_within=timedelta(days=7)
)
AT_DESK = POLICY.model_copy(update={"filing": Filing.AT_DESK})
UNTIL = (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=2)).replace(microsecond=0)


def received() -> Story:
    return a_case(a_matter(AT_DESK, dedupe_key=str(uuid4())), at=just_now(30))


def filed() -> Story:
    return a_case(a_matter(POLICY, dedupe_key=str(uuid4())), at=just_now(30)).filed()


def given() -> Story:
    return filed().assigned_to(PROPERTY, WANG)


def handling() -> Story:
    return given().signed_by(WANG)


def by_phone() -> Story:
    return filed().assigned_to(GAS, by_phone=True)


def handled() -> Story:
    return handling().handled_by(WANG)


def closed() -> Story:
    return handled().closed(by=DUTY_OFFICER)


@dataclass(frozen=True)
class Form:
    """A command, where it may be given, by whom, with what; `other`: the same with other words."""

    name: str
    story: Callable[[], Story]
    by: str
    fields: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    files: dict[str, Any] | None = None


def photos() -> dict[str, Any]:
    return {kind: ("a.jpg", a_jpeg(), "image/jpeg") for kind in ("photo_before", "photo_after")}


LATER = {"until": UNTIL.isoformat()}
SAID = {"whom": "张阿姨", "note": "已说明"}
FORMS = (
    Form("settle", received, "grid.fang", {"note": "已清"}, {"note": "没清"}, photos()),
    Form("log_contact", filed, "accept.wu", {"kind": "call-back", "reached": "true", **SAID}, {"reached": "false"}),
    Form("return", handling, "c07.wang", {"owner": ENFORCEMENT, "ground": "占道归综合执法"}, {"ground": "别的依据"}),
    Form(
        "rule_on_return",
        lambda: handling().returned_by(WANG),
        "dispatch.lin",
        {"granted": "true", "note": "权责清单如此"},
        {"granted": "false"},
    ),
    Form("request", handling, "c07.wang", {"kind": "extension", "hours": "3", "reason": "要等配件"}, {"hours": "4"}),
    Form("request", handling, "c07.wang", {"kind": "deferral", "reason": "台风天", **LATER}, {"reason": "下大雨"}),
    Form(
        "rule_on",
        lambda: handling().asked_for("extension", hours=3),
        "duty.chen",
        {"granted": "true", "note": "同意"},
        {"granted": "false"},
    ),
    Form("wait_for", handling, "c07.wang", {"whom": "other", "reason": "等供电公司", **LATER}, {"reason": "等配件"}),
    Form("resume", lambda: handling().waiting_for("other"), "c07.wang", {"note": "来电了"}, {"note": "没来电"}),
    Form("reopen", closed, "duty.chen", {"reason": "问题还在"}, {"reason": "又坏了"}),
    Form("supervise", handling, "super.zhou", {"note": "今天内要有结果"}, {"note": "明天"}),
    Form("raise_tier", handling, "c07.wang", {"reason": "物业解决不了"}, {"reason": "要街道来"}),
    Form("send_down", lambda: handling().raised(), "duty.chen", {"reason": "居委可以办"}, {"reason": "还是居委"}),
    Form("sign", by_phone, "dispatch.lin", {"spoken_to": "李师傅"}, {"spoken_to": "王师傅"}),
    Form("close", handled, "duty.chen", {"reply": "已修好"}, {"reply": "没修好"}),
    Form("comment", handling, "c07.wang", {"text": "已联系"}, {"text": "未联系"}),
)


async def by_page(browser: Browser, case: Case, form: Form, key: UUID, **changed: str) -> httpx.Response:
    sent = {"command_id": str(key), "csrf": browser.csrf, **form.fields, **changed}
    return await browser.post(f"/console/cases/{case.id}/{form.name}", data=sent, files=form.files)


async def by_api(browser: Browser, case: Case, form: Form, key: UUID) -> httpx.Response:
    return await browser.command(case.id, form.name, form.fields, key)


def happened(database: Database, key: UUID) -> list[str]:
    with psycopg.connect(database.owner_dsn) as connection:
        found = connection.execute("SELECT type FROM case_events WHERE command_id = %s ORDER BY version", (key,))
        return [kind for (kind,) in found.fetchall()]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
async def test_a_form_is_one_command_however_often_it_is_sent(
    at_work: Any, tell: Any, seeded: Database, form: Form
) -> None:
    case, other_case = await tell(form.story()), await tell(form.story())
    browser, key = await at_work(form.by), uuid4()
    ways = (by_page, by_page) if form.files else (by_page, by_api)
    answers = await asyncio.gather(*(way(browser, case, form, key) for way in ways * 2))
    answers += [await way(browser, case, form, key) for way in ways]
    assert [answer.status_code for answer in answers if answer.status_code not in (200, 303)] == [], answers[0].text
    types = happened(seeded, key)
    assert types
    assert len(types) == len(set(types)), types
    conflicts = [
        await by_page(browser, case, form, key, **form.other),
        await by_page(browser, other_case, form, key),
        await by_page(await at_work("dispatch.lin" if form.by != "dispatch.lin" else "duty.chen"), case, form, key),
    ]
    elsewhere = 422 if form.files else 409  # a photo of the same form is known to be the other case's
    assert [answer.status_code for answer in conflicts] == [409, elsewhere, 409]
    assert happened(seeded, key) == types


async def test_linked_once(at_work: Any, tell: Any, seeded: Database) -> None:
    main, case = await tell(filed()), await tell(filed())
    form = Form("link", filed, "dispatch.lin", {"to": str(main.id), "note": "同一件"})
    browser, key = await at_work(form.by), uuid4()
    answers = await asyncio.gather(*(way(browser, case, form, key) for way in (by_page, by_api) * 2))
    assert {answer.status_code for answer in answers} <= {200, 303}, [answer.text[:300] for answer in answers]
    types = happened(seeded, key)
    assert len(types) == len(set(types)) > 0


async def test_a_key_of_one_person_says_nothing_to_another(at_work: Any, tell: Any) -> None:
    """Not even that the same words under it were carried out."""
    case = await tell(handling())
    wang, li, key = await at_work("c07.wang"), await at_work("c07.li"), uuid4()
    form = Form("comment", handling, "c07.li", {"text": "已联系"})
    assert (await by_api(wang, case, form, key)).status_code == 200
    refused = await by_api(li, case, form, key)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency-conflict")


async def test_a_resident_says_it_once(working_site: Any, seeded: Database) -> None:
    theirs = await all_of_theirs(working_site.app.state.services)
    key, address = uuid4(), f"/f/{theirs.token}/comment"
    async with Browser(transport=working_site, base_url="http://linli.test") as resident:
        sent = {"command_id": str(key), "text": "又响了"}
        answers = await asyncio.gather(*(resident.post(address, data=sent) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [303] * 4, answers[0].text[-2000:]
        assert happened(seeded, key) == ["commented"]
        again = await resident.post(address, data=sent | {"text": "不响了"})
    assert again.status_code == 409
    assert happened(seeded, key) == ["commented"]
