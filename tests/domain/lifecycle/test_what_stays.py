"""What a step leaves as it was, and what begins anew with it."""

from datetime import timedelta

import pytest
from builders import (
    DISPATCHER,
    DUTY_OFFICER,
    GAS,
    INSPECTOR,
    LI,
    PROPERTY,
    SUPERVISOR,
    WANG,
    Story,
    a_case,
    a_matter,
    a_policy,
)

from domain.cases import Stage
from domain.commands import Arrive, Handle, NoteCleared, NoteWorsened
from domain.lifecycle import Refused, Step, automatic, overall_due, task_of
from domain.matters import Matter, Priority, Tier
from domain.people import BY_RULE

BY_ITSELF = a_policy(closing="auto_when_cleared", evidence=())


def assigned() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG)


def linked_away() -> Story:
    """Filed, then closed as part of another case before it was given out."""
    return a_case().filed("KJ-20261121-000001").linked_to(a_case().case)


def closed() -> Story:
    story = assigned().signed_by(WANG).asked_for("extension", hours=3).ruled_on().handled_by(WANG)
    return story.passed_by(INSPECTOR).closed()


def test_a_case_that_a_team_had_is_with_the_team_again_when_it_is_reopened() -> None:
    story = a_case(a_matter(BY_ITSELF)).filed().assigned_to(PROPERTY).cleared("open").reopened_by(DUTY_OFFICER)
    assert (story.case.stage, story.case.unit, story.case.cleared) == (Stage.ASSIGNED, PROPERTY, False)
    assert story.signed_by(LI).case.person == LI.ref


def test_what_is_filed_again_keeps_its_number_and_counts_from_when_it_was_reopened() -> None:
    story = linked_away().after(hours=9).reopened_by(SUPERVISOR)
    reopened_at = story.recorded[-1].at
    story.after(minutes=10).filed("KJ-20261121-000002")
    assert story.case.number == "KJ-20261121-000001"
    assert overall_due(story.case) == reopened_at + story.case.policy.limits.overall


def test_time_that_was_granted_before_closing_does_not_outlive_it() -> None:
    story = closed()
    assert (story.case.extensions, story.case.extended) == (1, timedelta(hours=3))
    story.reopened_by(DUTY_OFFICER)
    assert (story.case.extensions, story.case.extended) == (0, timedelta(0))
    assert overall_due(story.case) == story.recorded[-1].at + story.case.policy.limits.overall


def test_a_return_awaits_its_ruling_also_after_somebody_signed() -> None:
    story = a_case(a_matter(a_policy(return_within=timedelta(hours=2)))).filed().assigned_to(PROPERTY, WANG)
    assert story.returned_by(WANG).signed_by(WANG).case.returned is not None
    assert story.ruled_on_return().case.stage is Stage.DISPATCHING


def test_who_does_it_again_comes_again() -> None:
    story = a_case(a_matter(a_policy(place_check=True))).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    story.by(WANG, Arrive(reason="二维码被撕")).handled_by(WANG).failed_by(INSPECTOR)
    with pytest.raises(Refused, match="not-arrived"):
        story.handled_by(WANG)


def test_for_a_unit_that_is_called_nobody_shows_that_they_came() -> None:
    story = a_case(a_matter(a_policy(place_check=True))).filed().assigned_to(GAS, by_phone=True)
    story.signed_by(DISPATCHER, "李师傅").by(DISPATCHER, Handle(outcome="solved", note="已修", spoken_to="李师傅"))
    assert story.case.stage is Stage.INSPECTING


def test_what_gets_worse_adds_to_whom_it_concerns_and_never_lowers_its_tier() -> None:
    story = a_case(a_matter(tier=Tier.GRID, inform=("district",), parties=("gas",))).filed()
    worse = a_matter(priority=Priority.HIGH, tier=Tier.COMMITTEE, inform=("fire",), parties=("fire-station",))
    story.worsened(worse)
    assert (story.case.tier, story.case.priority) == (Tier.GRID, Priority.HIGH)
    assert (story.case.inform, story.case.wants) == (("district", "fire"), ("gas", "fire-station"))


def test_what_got_worse_after_it_was_over_is_not_over_and_older_news_is_not_the_latest() -> None:
    story = a_case(a_matter(BY_ITSELF)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).cleared("open")
    assert story.case.cleared
    last = story.case.last_seen
    worse = a_matter(BY_ITSELF, priority=Priority.HIGH)
    story.by(BY_RULE, NoteWorsened(matter=worse, seen_at=last - timedelta(minutes=5)))
    assert (story.case.cleared, story.case.last_seen) == (False, last)


@pytest.mark.parametrize("again", [a_matter(BY_ITSELF), a_matter(BY_ITSELF, priority=Priority.HIGH)])
def test_what_begins_again_is_not_over(again: Matter) -> None:
    story = a_case(a_matter(BY_ITSELF)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).cleared("open")
    assert not story.worsened(again).case.cleared


def test_a_case_with_open_children_is_not_over_by_its_own_end_and_closes_after_them() -> None:
    story = a_case(a_matter(BY_ITSELF)).filed().assigned_to(PROPERTY, WANG)
    story.by(BY_RULE, NoteCleared(detection="open", seen_at=story.now), children=("KJ-20261121-000008",))
    assert (story.case.stage, story.case.cleared) == (Stage.ASSIGNED, True)
    story.signed_by(WANG).handled_by(WANG).passed_by(INSPECTOR)
    assert automatic(story.case, story.now, children_open=True) is None
    assert automatic(story.case, story.now) is Step.CLOSE


def test_a_case_looked_at_again_waits_for_the_desk_and_is_nobodys_before() -> None:
    story = linked_away().reopened_by(SUPERVISOR)
    assert automatic(story.case, story.now) is None
    task = task_of(story.case)
    assert task is not None
    assert (task.kind, task.person) == ("file", None)
