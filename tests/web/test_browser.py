"""The phone in a real browser: htmx, the strict policy, and what stays under the hand."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from browsing import a_jpeg, just_now
from builders import PROPERTY, WANG, a_case
from databases import Database
from playwright.async_api import Browser, Page
from signing_in import sign_in

pytestmark = [pytest.mark.servers, pytest.mark.browser]
PHONE = {"width": 360, "height": 740}
REFUSED_ON_PURPOSE = ("401", "409", "422", "503")


@pytest.fixture
async def phone(chromium: Browser, address: str) -> AsyncIterator[Page]:
    """Wang's phone, on his to-dos; it must have nothing to complain about."""
    context = await chromium.new_context(viewport=PHONE, locale="zh-CN", base_url=address)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await sign_in(page, "c07.wang")
    await page.wait_for_url("**/m")
    yield page
    await context.close()
    assert [one for one in complaints if not any(status in one for status in REFUSED_ON_PURPOSE)] == []


async def test_from_the_card_to_inspection_with_one_thumb(phone: Page, tell: Any, seeded: Database) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    await phone.reload()
    await phone.click(".todo button:has-text('签收')", click_count=2)
    await phone.wait_for_url(f"**/m/cases/{case.id}?done=sign")
    await phone.wait_for_selector(".done:has-text('已签收')")

    await phone.fill("#form-handle [name=note]", "已劝离")
    await phone.click("#form-handle button[type=submit]")
    await phone.wait_for_selector("#form-handle .refusal:has-text('还缺：处置后照片')")
    assert await phone.input_value("#form-handle [name=note]") == "已劝离"

    photo = {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": a_jpeg()}
    await phone.set_input_files("#form-handle [name=photo_after]", photo)
    await phone.click("#form-handle button[type=submit]")
    await phone.wait_for_selector(".done:has-text('处置结果已提交')")
    assert await phone.inner_text(".stage") == "核查中"
    with psycopg.connect(seeded.app_dsn) as connection:
        events = connection.execute("SELECT type FROM case_events WHERE case_id = %s ORDER BY version", (case.id,))
        assert [kind for (kind,) in events.fetchall()][3:] == ["signed", "handled"]


async def test_an_ended_session_leaves_what_was_written_and_leads_back(
    phone: Page, tell: Any, seeded: Database
) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    await phone.goto(f"/m/cases/{case.id}")
    await phone.fill("#form-handle [name=note]", "写了很久")
    with psycopg.connect(seeded.app_dsn) as connection:
        connection.execute("UPDATE sessions SET revoked_at = now()")
    await phone.click("#form-handle button[type=submit]")
    login = await phone.get_attribute("#form-handle .refusal a", "href")
    assert login == f"/login?next=%2Fm%2Fcases%2F{case.id}"
    assert await phone.input_value("#form-handle [name=note]") == "写了很久"
