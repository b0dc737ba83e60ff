"""When people want to be told: quiet hours, the limit per hour, digests. Times are those of the wall clock."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.tell.manners import (
    PUSHES,
    QUIET_UNTIL,
    Bundle,
    Hold,
    Occasion,
    channel_for,
    due_today,
    is_quiet,
    louder,
    manner,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str, day: int = 21) -> datetime:
    return datetime.combine(date(2026, 11, day), time.fromisoformat(text), SHANGHAI)


@pytest.mark.parametrize(
    ("occasion", "now", "hold"),
    [
        (Occasion("assigned", emergency=False), "21:59", None),
        (Occasion("assigned", emergency=False), "22:00", Hold(at("07:00", 22))),
        (Occasion("assigned", emergency=False), "06:59", Hold(at("07:00"))),
        (Occasion("assigned", emergency=False), "07:00", None),
        (Occasion("assigned", emergency=True), "03:00", None),
        (Occasion("assigned", emergency=False, on_duty=True), "03:00", None),
        (Occasion("inform", emergency=False, secretary=True), "10:00", Hold(at("08:30", 22), Bundle.DIGEST)),
        (Occasion("clock:stage:0:0", emergency=False, secretary=True), "08:00", Hold(at("08:30"), Bundle.DIGEST)),
        (Occasion("assigned", emergency=False, secretary=True), "10:00", None),
        (Occasion("inform", emergency=True, secretary=True), "10:00", None),
        (Occasion("clock:overall:0:1", emergency=False, leader=True), "10:00", Hold(at("16:30"), Bundle.RED_LIST)),
        (Occasion("clock:overall:0:1", emergency=False, leader=True), "16:30", Hold(at("16:30", 22), Bundle.RED_LIST)),
        (Occasion("returned", emergency=False, leader=True), "10:00", None),
        (Occasion("clock:overall:0:1", emergency=True, leader=True), "10:00", None),
    ],
)
def test_when_a_message_may_go(occasion: Occasion, now: str, hold: Hold | None) -> None:
    assert manner(occasion, at(now)) == hold


def test_after_twenty_in_an_hour_the_rest_comes_as_one() -> None:
    now = at("10:00")
    pushed = [now - timedelta(minutes=50) + timedelta(minutes=2 * n) for n in range(PUSHES)]
    full = Occasion("assigned", emergency=False, pushed=pushed)
    assert manner(full, now) == Hold(now + timedelta(minutes=10), Bundle.SUMMARY)
    assert manner(Occasion("assigned", emergency=False, pushed=pushed[1:]), now) is None
    assert manner(Occasion("assigned", emergency=True, pushed=pushed), now) is None


@given(st.times(), st.integers(1, 28))
def test_nobody_off_duty_is_woken(moment: time, day: int) -> None:
    now = datetime.combine(date(2026, 11, day), moment, SHANGHAI)
    hold = manner(Occasion("assigned", emergency=False), now)
    assert (hold is not None) == is_quiet(now)
    if hold is not None:
        assert hold.until > now
        assert hold.until.time() == QUIET_UNTIL
        assert not is_quiet(hold.until)


@pytest.mark.parametrize(
    ("urgency", "wecom", "phone", "channel"),
    [
        (0, True, True, "wecom"),
        (1, True, False, "wecom"),
        (0, False, True, "sms"),
        (2, True, True, "sms"),
        (2, True, False, "wecom"),
        (3, True, True, "voice"),
        (3, False, False, None),
    ],
)
def test_how_loud_a_message_begins(urgency: int, wecom: bool, phone: bool, channel: str | None) -> None:
    assert channel_for(urgency, wecom=wecom, phone=phone) == channel


def test_nobody_is_called_for_what_is_no_emergency() -> None:
    assert louder("wecom", emergency=False, phone=True) == "sms"
    assert louder("sms", emergency=False, phone=True) is None
    assert louder("sms", emergency=True, phone=True) == "voice"
    assert louder("voice", emergency=True, phone=True) is None
    assert louder("wecom", emergency=True, phone=False) is None


def test_a_digest_is_due_for_a_while_and_then_not_any_more() -> None:
    assert [due_today(time(8, 30), at(now)) for now in ("08:29", "08:30", "12:29", "12:30")] == [
        False,
        True,
        True,
        False,
    ]
