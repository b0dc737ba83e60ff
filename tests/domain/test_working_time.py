"""Working time: what a clock counts, and where it arrives."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendars import (
    ROUND_THE_CLOCK,
    Calendar,
    changed_days,
    covers,
    in_force,
    reached,
    versioned,
    worked,
    works,
)
from rules.calendars import load_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKING_DAYS = load_calendar(Path(__file__).parents[2] / "rulesets" / "calendars" / "cn-working-days.yaml")
NOTHING = timedelta(0)
WORKING_DAY = timedelta(hours=8)

instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.timedeltas(NOTHING, timedelta(hours=400))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """One to three spans a day, in a zone without summer time, with days off and days made up."""
    minutes = draw(st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted))
    clock = [time(*divmod(minute % 1440, 60)) for minute in minutes]
    spans = tuple(zip(clock[::2], clock[1::2], strict=False))
    marked = draw(st.lists(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=30, unique=True))
    half = len(marked) // 2
    return Calendar(
        name="drawn",
        version="1",
        zone=draw(st.sampled_from(["Asia/Shanghai", "UTC", "Asia/Kolkata", "Pacific/Kiritimati"])),
        hours=spans,
        holidays=frozenset(marked[:half]),
        workdays=frozenset(marked[half:]),
        years=frozenset({2025, 2026, 2027}),
    )


every = st.one_of(calendars(), st.just(WORKING_DAYS), st.just(ROUND_THE_CLOCK))


def at(text: str) -> datetime:
    """Local time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@given(every, instants, amounts)
def test_what_was_worked_until_a_deadline_is_what_was_asked(
    calendar: Calendar, start: datetime, asked: timedelta
) -> None:
    assert worked(calendar, start, reached(calendar, start, asked)) == asked


@given(every, st.lists(instants, min_size=3, max_size=3).map(sorted))
def test_working_time_adds_up(calendar: Calendar, three: list[datetime]) -> None:
    first, second, third = three
    assert worked(calendar, first, second) + worked(calendar, second, third) == worked(calendar, first, third)


@given(every, instants, amounts)
def test_a_deadline_is_the_first_such_instant(calendar: Calendar, start: datetime, asked: timedelta) -> None:
    due = reached(calendar, start, asked)
    assert due >= start
    if asked > NOTHING:
        assert worked(calendar, start, due - timedelta(microseconds=1)) < asked


@given(every, instants, amounts, amounts)
def test_more_work_is_never_done_sooner(calendar: Calendar, start: datetime, one: timedelta, other: timedelta) -> None:
    less, more = sorted((one, other))
    assert reached(calendar, start, less) <= reached(calendar, start, more)


@given(every, instants, instants, amounts)
def test_who_starts_later_is_never_done_sooner(
    calendar: Calendar, one: datetime, other: datetime, asked: timedelta
) -> None:
    earlier, later = sorted((one, other))
    assert reached(calendar, earlier, asked) <= reached(calendar, later, asked)


@given(calendars(), st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_no_clock_of_working_time_runs_outside_its_hours(calendar: Calendar, day: date) -> None:
    zone = ZoneInfo(calendar.zone)
    midnight = datetime.combine(day, time(0), zone)
    ends = [datetime.combine(day, end, zone) for _, end in calendar.hours if end != time(0)]
    starts = [datetime.combine(day, start, zone) for start, _ in calendar.hours]
    for off, on in zip([midnight, *ends], starts, strict=False):
        assert worked(calendar, off, on) == NOTHING
    if not works(calendar, day):
        assert worked(calendar, midnight, datetime.combine(day + timedelta(days=1), time(0), zone)) == NOTHING


@given(instants, amounts)
def test_round_the_clock_every_minute_counts(start: datetime, asked: timedelta) -> None:
    assert reached(ROUND_THE_CLOCK, start, asked) == start + asked
    assert worked(ROUND_THE_CLOCK, start, start + asked) == asked


@given(every, instants, instants)
def test_nothing_is_worked_backwards(calendar: Calendar, one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    assert worked(calendar, later, earlier) == NOTHING
    assert reached(calendar, later, earlier - later) == later


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-20T17:00", 2, "2026-11-23T09:00"),  # over a weekend
        ("2026-11-20T17:00", 1, "2026-11-20T18:00"),  # the day's end, not the next one's beginning
        ("2026-11-18T11:30", 1, "2026-11-18T14:30"),  # over noon
        ("2026-11-18T12:30", 8, "2026-11-19T12:00"),  # begun at noon
        ("2026-11-18T09:00", 8, "2026-11-19T09:00"),  # one working day
        ("2026-11-18T03:00", 4, "2026-11-18T12:00"),  # begun at night
        ("2026-09-30T17:00", 2, "2026-10-08T09:00"),  # over the week of National Day
        ("2026-10-09T17:00", 2, "2026-10-10T09:00"),  # into a make-up Saturday
        ("2026-09-19T10:00", 1, "2026-09-20T09:00"),  # from a Saturday into a make-up Sunday
        ("2026-02-13T17:00", 9, "2026-02-14T18:00"),  # the make-up Saturday before Spring Festival
        ("2026-02-14T17:00", 2, "2026-02-24T09:00"),  # over Spring Festival
        ("2026-01-01T10:00", 4, "2026-01-04T12:00"),  # from New Year into a make-up Sunday
        ("2026-12-31T17:00", 2, "2027-01-01T09:00"),  # 2027 has no table: weekends only
    ],
)
def test_working_days_of_china(start: str, hours: int, due: str) -> None:
    assert reached(WORKING_DAYS, at(start), timedelta(hours=hours)) == at(due)
    assert worked(WORKING_DAYS, at(start), at(due)) == timedelta(hours=hours)


def test_a_year_of_suspension_counts_as_many_days_as_were_worked() -> None:
    days = 365 - 104 - 33 + 6 + 14  # weekends, days off, days made up, and the days off that are weekends anyway
    assert worked(WORKING_DAYS, at("2026-01-01T00:00"), at("2027-01-01T00:00")) == days * WORKING_DAY


@pytest.mark.parametrize("year", [2025, 2026])
def test_our_table_is_the_state_councils(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert works(WORKING_DAYS, day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_a_year_without_a_table_is_flagged_and_has_its_weekends() -> None:
    assert covers(WORKING_DAYS, date(2026, 12, 31))
    assert not covers(WORKING_DAYS, date(2027, 1, 1))
    assert works(WORKING_DAYS, date(2027, 10, 1))
    assert not works(WORKING_DAYS, date(2027, 10, 2))
    assert covers(ROUND_THE_CLOCK, date(2050, 1, 1))


def test_an_end_at_midnight_is_the_end_of_the_day() -> None:
    evenings = Calendar(name="evenings", version="1", zone="Asia/Shanghai", hours=((time(18), time(0)),))
    assert reached(evenings, at("2026-11-20T20:00"), timedelta(hours=5)) == at("2026-11-23T19:00")


def test_summer_time_makes_no_work() -> None:
    nights = Calendar(name="nights", version="1", zone="Europe/Berlin", hours=((time(0), time(0)),))
    berlin = ZoneInfo("Europe/Berlin")
    friday, monday = datetime(2026, 3, 27, 12, tzinfo=berlin), datetime(2026, 3, 30, 12, tzinfo=berlin)
    assert worked(nights, friday, monday) == timedelta(hours=24)
    assert reached(nights, friday, timedelta(hours=24)) == monday


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"zone": "Asia/Shanghai2"}, "没有这个时区"),
        ({"zone": "../etc"}, "没有这个时区"),
        ({"hours": [["08:00", "12:00"], ["11:00", "18:00"]]}, "早于前一段的结束"),
        ({"hours": [["14:00", "18:00"], ["08:00", "12:00"]]}, "早于前一段的结束"),
        ({"hours": [["18:00", "00:00"], ["19:00", "20:00"]]}, "早于前一段的结束"),
        ({"hours": [["12:00", "08:00"]]}, "的结束不晚于开始"),
        ({"workdays": ["2026-10-01"]}, "既是假日又是调休上班日"),
        ({"workdays": ["2028-10-01"]}, "不在本日历的年份里"),
        ({"version": "new"}, "should match pattern"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Calendar.model_validate({**WORKING_DAYS.model_dump(mode="json"), **changes})


def test_a_calendar_is_the_same_after_it_was_stored() -> None:
    assert Calendar.model_validate_json(WORKING_DAYS.model_dump_json()) == WORKING_DAYS


def test_the_highest_version_is_in_force_and_the_earlier_ones_are_found() -> None:
    second, tenth = (WORKING_DAYS.model_copy(update={"version": version}) for version in ("2026.2", "2026.10"))
    known = in_force([tenth, WORKING_DAYS, second])
    assert known["working-days"] == tenth
    assert known[versioned("working-days", "2026.2")] == second
    assert known["24x7"] == ROUND_THE_CLOCK


def test_what_a_new_version_changes_is_told_by_day() -> None:
    taken, made_up = date(2026, 11, 20), date(2026, 11, 21)
    changes = {"holidays": WORKING_DAYS.holidays | {taken}, "workdays": WORKING_DAYS.workdays | {made_up}}
    assert changed_days(WORKING_DAYS, WORKING_DAYS.model_copy(update=changes)) == ((taken,), (made_up,))
