"""A new calendar reaches a case that is open."""

from datetime import UTC, datetime

from asking import SHORTER_DAYS, WORKING_DAYS
from builders import PROPERTY, WANG, Story, a_case, a_matter, a_policy

from domain.calendars import in_force
from domain.commands import Replan
from domain.lifecycle import overall_due
from domain.people import BY_RULE


def assigned() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG)


FRIDAY_EVENING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # an hour before work ends in Shanghai


def test_a_new_calendar_moves_the_deadline_and_says_so() -> None:
    by_day = a_matter(a_policy(calendar=WORKING_DAYS.name))
    calendars = in_force([WORKING_DAYS])
    story = a_case(by_day, at=FRIDAY_EVENING, calendars=calendars).filed().assigned_to(PROPERTY, WANG)
    due = overall_due(story.case)
    story.turn.calendars = in_force([WORKING_DAYS, SHORTER_DAYS])
    story.by(BY_RULE, Replan(calendar=SHORTER_DAYS.name, version=SHORTER_DAYS.version))
    assert story.recorded[-1].event.type == "replanned"
    assert story.recorded[-1].plan == story.case.plan
    moved = overall_due(story.case)
    assert due is not None
    assert moved is not None
    assert moved > due


def test_a_calendar_that_no_clock_counts_by_is_no_news() -> None:
    story = assigned()
    assert story.by(BY_RULE, Replan(calendar=SHORTER_DAYS.name, version="2")).case.version == len(story.recorded) == 3
