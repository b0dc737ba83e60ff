"""The last moment of a time still counts, the moment a deadline is reached no longer does; the same for metres."""

from datetime import datetime, timedelta

import pytest
from builders import DUTY_OFFICER, INSPECTOR, PROPERTY, REPORTER, WANG, Story, a_case, a_matter, a_policy
from builders import a_residents_matter as residents

from domain.cases import RequestKind
from domain.commands import Arrive, Ask, WaitFor
from domain.lifecycle import Refused, Step, automatic, deadline
from domain.lifecycle.waiting import LONGEST_DEFERRAL, LONGEST_SUSPENSION, LONGEST_WAIT
from domain.people import BY_RULE
from domain.places import Point


def signed() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG).signed_by(WANG)


def at(story: Story, moment: datetime | None) -> Story:
    assert moment is not None
    story.turn.now = moment
    return story


def test_a_reporter_reopens_at_the_last_moment_of_the_categorys_days() -> None:
    story = a_case(residents()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    closed = story.passed_by(INSPECTOR).closed(DUTY_OFFICER, "门已修好").case
    assert closed.closed_at is not None
    assert at(story, closed.closed_at + closed.policy.reopen_within).reopened_by(REPORTER).case.reopened == 1


def test_a_unit_returns_at_the_last_moment_of_the_window() -> None:
    story = a_case(a_matter(a_policy(return_within=timedelta(hours=2)))).filed().assigned_to(PROPERTY, WANG)
    assert at(story, story.case.return_until).returned_by(WANG).case.returned is not None


def test_a_wait_may_be_as_long_as_the_longest() -> None:
    story = signed()
    story.by(WANG, WaitFor(whom="other", until=story.now + LONGEST_WAIT, reason="等配件"))
    assert story.case.pause is not None


@pytest.mark.parametrize(
    ("kind", "longest"), [(RequestKind.DEFERRAL, LONGEST_DEFERRAL), (RequestKind.SUSPENSION, LONGEST_SUSPENSION)]
)
def test_a_pause_may_be_asked_for_as_long_as_the_longest(kind: RequestKind, longest: timedelta) -> None:
    story = signed()
    story.by(WANG, Ask(kind=kind, reason="等配件", until=story.now + longest))
    assert story.case.request is not None


def test_more_time_is_asked_for_before_the_deadline_not_at_it() -> None:
    due = deadline(signed().case)
    assert at(signed(), due).after(microseconds=-1).asked_for("extension", hours=1).case.request is not None
    with pytest.raises(Refused, match="too-late-to-extend"):
        at(signed(), due).asked_for("extension", hours=1)


def test_a_pause_is_not_granted_any_more_at_the_moment_that_would_end_it() -> None:
    story = signed().asked_for("deferral", days=5)
    assert story.case.request is not None
    with pytest.raises(Refused, match="pause-is-past"):
        at(story, story.case.request.until).ruled_on()


def test_the_system_goes_on_at_the_moment_a_pause_ends_and_not_before() -> None:
    story = signed().waiting_for("other", days=2)
    assert story.case.pause is not None
    at(story, story.case.pause.until)
    assert automatic(story.case, story.now - timedelta(microseconds=1)) is None
    assert automatic(story.case, story.now) is Step.RESUME
    assert story.resumed(by=BY_RULE).case.pause is None


def test_a_position_counts_up_to_a_hundred_metres() -> None:
    place = Point(lat=31.27, lon=121.52)
    assert signed().by(WANG, Arrive(lat=31.2709, lon=121.52), place_at=place).case.arrived  # 100 m further north
    with pytest.raises(Refused) as refused:
        signed().by(WANG, Arrive(lat=31.27091, lon=121.52), place_at=place)
    assert refused.value.params == {"field": "lat", "metres": 101, "limit": 100}
