"""Smoke at an elder's who lives alone: whoever is nearest acts first, and whoever does not read is called."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from browser import Screen
from cast import PATIENCE, Cast, is_what_the_store_holds, the_cast
from devices import Devices
from installation import Installation

pytestmark = pytest.mark.servers
ALONE = """
    SELECT d.device_id, d.place, (
        SELECT min(o.device_id) FROM devices o
        WHERE o.kind = d.kind AND o.device_id <> d.device_id AND starts_with(o.place, u.path))
    FROM devices d, LATERAL (SELECT array_to_string((string_to_array(d.place, '/'))[1:7], '/') || '/' AS path) u
    WHERE d.kind = 'smoke-sensor' AND 'elder_alone' = ANY (d.tags)
      AND NOT EXISTS (SELECT FROM cases c WHERE starts_with(c.place, u.path) AND c.closed_at IS NULL)
    ORDER BY (SELECT count(*) FROM cases c WHERE starts_with(c.place, u.path)), d.device_id DESC LIMIT 1"""

LOUDER = """
    SELECT m.id::text, m.channel FROM messages m JOIN messages one ON starts_with(m.key, one.key) WHERE one.id = (
        SELECT id FROM messages WHERE case_id = %s AND to_label = %s AND reason = 'inform'
        ORDER BY created_at, key LIMIT 1)
    ORDER BY m.created_at"""
INFORMED = "SELECT to_label FROM messages WHERE case_id = %s AND reason = 'inform' ORDER BY created_at, key LIMIT 1"
Told = Callable[[str], dict[str, Any]]


def channels_to(installation: Installation, case_id: str, name: str) -> Sequence[str]:
    """Over which ways the first message about the case went to somebody's phone, as it got louder."""
    lying = {one["url"].rsplit("m=", 1)[-1]: one["channel"] for one in installation.phones() if one["to_name"] == name}
    chain = installation.sql(LOUDER, case_id, name)
    return [channel for message, channel in chain if lying.get(message) == channel]


def came_in_by_sms(installation: Installation, case_id: str) -> None:
    """Whoever handled the case was let in by a link of an SMS, once, and to this case alone."""
    ((channel, sessions),) = installation.sql(
        """
        SELECT m.channel, (
            SELECT count(*) FROM sessions s WHERE s.person_id = l.person AND s.case_id = l.case_id)
        FROM one_time_links l JOIN messages m ON m.id = l.message JOIN case_events e ON e.case_id = l.case_id
        WHERE l.case_id = %s AND e.type = 'handled' AND e.actor = l.person::text AND l.used_at IS NOT NULL""",
        case_id,
    )
    assert (channel, sessions) == ("sms", 1)


@pytest.mark.browser
@pytest.mark.usefixtures("told")
def test_at_the_desk_it_is_seen_to_worsen_while_the_guard_acts(hurried: Installation, tmp_path: Path) -> None:
    ((flat, place, corridor),) = hurried.sql(ALONE)
    with the_cast(hurried, tmp_path) as cast, Devices(hurried) as devices:
        desk, dispatcher = cast.desk("duty.chen"), cast.desk("dispatch.lin")
        desk.watch(f"/console/cases?area={place}&open=1")
        devices.smoke(flat, alarm=False)
        devices.smoke(corridor, alarm=False)
        devices.smoke(flat)
        row = desk.page.locator("[data-row]").first
        row.wait_for(timeout=PATIENCE)
        assert desk.never_left
        case_id = str(row.get_attribute("data-row"))
        dispatcher.watch(f"/console/cases/{case_id}")
        desk.watch(f"/console/cases/{case_id}")
        devices.smoke(corridor)
        dispatcher.page.wait_for_selector("h1:has-text('疑似火情')", timeout=PATIENCE)
        desk.keep("smoke-case", whole=False)
        give_to_the_guard(dispatcher, f"property-{place.split('/')[3]}")

        ((secretary,),) = hurried.sql(INFORMED, case_id)
        hurried.until(lambda: channels_to(hurried, case_id, secretary) == ["wecom", "sms", "voice"])
        ((number,),) = hurried.sql("SELECT number FROM cases WHERE id = %s", case_id)
        guard = the_guard_acts(cast, case_id, number)
        guard.keep("smoke-guard-done", whole=False)
        desk.page.wait_for_selector("#case .stage:has-text('核查中')", timeout=PATIENCE)
        desk.page.wait_for_selector(".timeline :text('119')")
        assert desk.never_left

        cast.passes(case_id)
        cast.closes(desk, ending="untrue")
        assert desk.never_left
        inbox = cast.inbox()
        inbox.page.wait_for_selector(f"section[aria-label='{secretary}'] li.voice")
        inbox.keep("inbox", whole=False)
    came_in_by_sms(hurried, case_id)


def test_the_guard_comes_in_by_sms_and_the_secretary_is_called(hurried: Installation, told: Told) -> None:
    case = told("smoke-at-night")

    assert is_what_the_store_holds(hurried, case) == [
        *("received", "filed", "dispatched", "worsened", "dispatched", "reassigned"),
        *("contact_logged", "handled", "inspected", "closed"),
    ]
    came_in_by_sms(hurried, case["id"])
    assert channels_to(hurried, case["id"], case["called"]["to"]) == ["wecom", "sms", "voice"]
    hurried.linli("doctor", "--invariants")


def give_to_the_guard(dispatcher: Screen, unit: str) -> None:
    page = dispatcher.page
    page.click("#do-reassign summary")
    page.select_option("#form-reassign select[name=unit]", unit)
    guard = page.locator("#form-reassign select[name=person] option", has_text="保安").first.get_attribute("value")
    page.select_option("#form-reassign select[name=person]", guard)
    page.fill("#form-reassign textarea[name=reason]", "保安就在楼下，先上门")
    page.click("#form-reassign button[type=submit]")
    page.wait_for_selector("#case .done")
    assert dispatcher.never_left


def the_guard_acts(cast: Cast, case_id: str, number: str) -> Screen:
    """He has no account: the SMS lets him in; he calls the fire brigade, looks, and records it."""
    guard = cast.phone()
    guard.page.goto(cast.inbox().page.url)
    sms = guard.page.locator("section[aria-label^='保安'] li.sms", has_text=number)
    sms.locator("a").first.click()
    guard.page.click("button:has-text('打开案件')")
    guard.page.wait_for_url(f"**/m/cases/{case_id}*")
    guard.keep("smoke-guard", whole=False)
    guard.page.click("#do-log_contact summary")
    guard.page.select_option("#form-log_contact select[name=kind]", "call-emergency")
    guard.page.fill("#form-log_contact input[name=whom]", "119")
    guard.page.check("#form-log_contact input[name=reached][value=true]")
    guard.page.fill("#form-log_contact textarea[name=note]", "已报警，确认无明火后取消")
    guard.page.click("#form-log_contact button[type=submit]")
    guard.page.wait_for_selector("#case .done")
    cast.handles(guard, case_id, "敲门见到老人，锅烧干了，已关火开窗，人没事", outcome="false")
    return guard
