"""The forms of a case's page in a real browser: nothing is too wide, axe finds nothing, keys open them."""

from datetime import timedelta
from itertools import product
from typing import Any, Literal

import pytest
from axe import faults
from browsing import just_now
from builders import (
    GAS,
    INSPECTOR,
    LI,
    PROPERTY,
    WANG,
    Story,
    a_case,
    a_matter,
    a_policy,
    a_residents_matter,
)
from playwright.async_api import Browser, Page
from signing_in import sign_in

from domain.cases import Case

pytestmark = [pytest.mark.servers, pytest.mark.browser]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
LONG = "电瓶车多次进入电梯并在楼道内充电，占用消防通道且拒绝劝导" * 2


async def opened(chromium: Browser, address: str, name: str, size: dict[str, int]) -> Page:
    context = await chromium.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        base_url=address,
        locale="zh-CN",
        bypass_csp=True,  # axe is let in
    )
    page = await context.new_page()
    await sign_in(page, name)
    return page


def with_wang(key: str, **changes: Any) -> Story:
    matter = a_matter(a_policy(return_within=timedelta(hours=24)), dedupe_key=key, **changes)
    return a_case(matter, at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)


async def a_day(tell: Any) -> dict[str, Case]:
    main = await tell(a_case(a_matter(dedupe_key="main", title=LONG), at=just_now(60)).filed())
    resident = a_case(a_residents_matter(text="说明" * 99), at=just_now(60)).filed().assigned_to(PROPERTY, LI)
    over = a_case(a_matter(dedupe_key="over"), at=just_now(600)).filed().assigned_to(PROPERTY, LI).signed_by(LI)
    stories = {
        "part": a_case(a_matter(dedupe_key="part"), at=just_now(50)).filed().linked_to(main),
        "handling": with_wang("handling", title=LONG),
        "asking": with_wang("asking").asked_for("extension", hours=8),
        "returned": with_wang("returned").returned_by(WANG),
        "paused": with_wang("paused").waiting_for("other", days=2),
        "gas": a_case(a_matter(dedupe_key="gas"), at=just_now()).filed().assigned_to(GAS, by_phone=True),
        "closing": resident.signed_by(LI).handled_by(LI).passed_by(WANG),
        "received": a_case(a_matter(a_policy(filing="desk"), dedupe_key="received"), at=just_now(20)),
        "over": over.handled_by(LI).passed_by(INSPECTOR).closed(),
    }
    return {"main": main} | {name: await tell(story) for name, story in stories.items()}


SEEN = {
    "duty.chen": ("asking", "closing", "over", "part", "main"),
    "dispatch.lin": ("returned", "gas", "main"),
    "accept.wu": ("received",),
    "c07.wang": ("handling", "paused"),
    "grid.fang": ("received",),
}


LOOKS: list[tuple[dict[str, int], Literal["light", "dark"]]] = [
    (NARROW, "light"),
    (NARROW, "dark"),
    (WIDE, "light"),
    (WIDE, "dark"),
]


async def test_no_form_is_too_wide_and_axe_finds_nothing(chromium: Browser, address: str, tell: Any) -> None:
    cases = await a_day(tell)
    found = []
    for name, states in SEEN.items():
        page = await opened(chromium, address, name, WIDE)
        for (size, scheme), state in product(LOOKS, states):
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            await page.emulate_media(color_scheme=scheme)
            base = "/m/cases" if name == "c07.wang" and size is NARROW else "/console/cases"
            await page.goto(f"{base}/{cases[state].id}")
            look = f"{name} {state} {size['width']} {scheme}"
            found += [f"{look}: {fault}" for fault in await faults(page, unfolded=True)]
        await page.context.close()
    assert found == [], "\n".join(found)


async def test_a_request_shows_only_what_goes_with_its_kind(chromium: Browser, address: str, tell: Any) -> None:
    case = await tell(with_wang("handling"))
    page = await opened(chromium, address, "c07.wang", NARROW)
    await page.goto(f"/m/cases/{case.id}#do-request")
    shown = {}
    for kind in ("extension", "deferral", "suspension", "void"):
        await page.check(f"#form-request [value={kind}]")
        shown[kind] = tuple([await page.is_visible(f"#form-request [name={name}]") for name in ("hours", "until")])
    assert shown == {
        "extension": (True, False),
        "deferral": (False, True),
        "suspension": (False, True),
        "void": (False, False),
    }
    await page.check("#form-request [value=extension]")
    await page.fill("#form-request [name=reason]", "要等配件")
    await page.click("#form-request button[type=submit]")
    await page.wait_for_selector("#form-request .refusal:has-text('请填写“延长几小时”')")
    assert await page.input_value("#form-request [name=reason]") == "要等配件"
    await page.fill("#form-request [name=hours]", "8")
    await page.click("#form-request button[type=submit]")
    await page.wait_for_selector(".standing:has-text('王建国申请延期')")


async def test_a_case_is_linked_by_keyboard_alone(chromium: Browser, address: str, tell: Any) -> None:
    main = await tell(a_case(a_matter(dedupe_key="main"), at=just_now(60)).filed())
    case = await tell(a_case(a_matter(a_policy(filing="desk")), at=just_now()))
    page = await opened(chromium, address, "accept.wu", WIDE)
    await page.goto(f"/console/cases/{case.id}")
    await page.keyboard.press("m")
    await page.wait_for_selector(f"#form-link [value='{main.id}']:focus")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".stage:has-text('已结案')")
    assert await page.is_visible(f".standing a[href='/console/cases/{main.id}']")
