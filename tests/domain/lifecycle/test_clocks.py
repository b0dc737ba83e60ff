"""Clocks: deadlines, lights, and who is told when."""

from datetime import timedelta

import pytest
from builders import INSPECTOR, PROPERTY, WANG, Story, a_case, a_matter, a_policy

from domain.cases import Light, Stage
from domain.lifecycle import Step, automatic, deadline, light, next_due, overall_due, scaled, stage_due
from domain.matters import Audience, Rung, Tier
from domain.people import BY_RULE


def assigned() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG)


def told(story: Story) -> list[str]:
    return [recorded.event.to.value for recorded in story.recorded if recorded.event.type == "pressed"]


def since(story: Story, **passed: float) -> Story:
    """The story that long after the present stage began."""
    story.turn.now = story.case.stage_since + timedelta(**passed)
    return story


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (timedelta(0), Light.NORMAL),
        (timedelta(minutes=12) - timedelta(microseconds=1), Light.NORMAL),
        (timedelta(minutes=12), Light.DUE_SOON),
        (timedelta(minutes=15) - timedelta(microseconds=1), Light.DUE_SOON),
        (timedelta(minutes=15), Light.OVERDUE),
    ],
)
def test_the_light_is_yellow_from_four_fifths_of_the_limit_and_red_at_its_end(passed: timedelta, shown: Light) -> None:
    case = assigned().case
    assert light(case, case.stage_since + passed) is shown


def test_people_work_against_the_nearer_of_the_two_deadlines() -> None:
    story = assigned()
    assert deadline(story.case) == stage_due(story.case) == story.case.stage_since + timedelta(minutes=15)
    story.after(hours=3).signed_by(WANG)
    assert deadline(story.case) == overall_due(story.case)


def test_each_stage_has_a_clock_of_its_own() -> None:
    story = assigned().after(minutes=14).signed_by(WANG)
    assert stage_due(story.case) == story.case.stage_since + timedelta(hours=2)


def test_at_yellow_the_holder_is_told_at_red_the_tier_above_then_the_brain() -> None:
    story = assigned()
    for minutes in (12, 15, 45):
        since(story, minutes=minutes).pressed()
    assert told(story) == [Audience.HOLDER, Audience.TIER_ABOVE, Audience.BRAIN]
    assert story.case.tier is Tier.BRAIN


def test_nobody_is_told_twice_of_the_same_threshold() -> None:
    story = since(assigned(), minutes=12).pressed().pressed().pressed()
    assert told(story) == [Audience.HOLDER]


def test_a_clock_that_was_not_looked_at_for_long_tells_everybody_once() -> None:
    story = since(assigned(), hours=5).pressed()
    stage_told = ["holder", "tier_above", "brain"]
    assert sorted(told(story)) == sorted([*stage_told, "holder", "tier_above"])
    assert next_due(story.case) is None


def test_the_brain_takes_it_over_once_however_many_thresholds_have_passed() -> None:
    twice = (Rung(after=timedelta(minutes=30), to=Audience.BRAIN), Rung(after=timedelta(hours=1), to=Audience.BRAIN))
    story = since(a_case(a_matter(a_policy(ladder=twice))).filed().assigned_to(PROPERTY, WANG), hours=3).pressed()
    assert told(story).count(Audience.BRAIN) == 2
    assert [recorded.event.type for recorded in story.recorded].count("tier_raised") == 1


def test_a_case_that_comes_back_to_a_stage_has_a_fresh_clock() -> None:
    story = assigned().signed_by(WANG)
    since(story, hours=1, minutes=40).pressed().handled_by(WANG).failed_by(INSPECTOR)
    assert story.case.stage is Stage.HANDLING
    since(story, hours=1, minutes=37).pressed()
    assert told(story).count(Audience.HOLDER) == 3  # each stage's own, and the overall clock's


def test_the_system_presses_when_a_threshold_is_reached_and_not_before() -> None:
    story = since(assigned(), minutes=11, seconds=59)
    assert automatic(story.case, story.now) is None
    assert next_due(story.case) == story.case.stage_since + timedelta(minutes=12)
    since(story, minutes=12)
    assert automatic(story.case, story.now) is Step.PRESS


def test_a_stale_timer_changes_nothing() -> None:
    story = since(assigned(), minutes=1)
    version = story.case.version
    assert story.pressed().case.version == version


def test_a_closed_case_has_no_clock() -> None:
    case = assigned().signed_by(WANG).handled_by(WANG).passed_by(INSPECTOR).closed(by=BY_RULE).case
    assert (deadline(case), next_due(case), stage_due(case)) == (None, None, None)
    assert light(case, case.stage_since + timedelta(days=9)) is Light.NORMAL


def test_a_demonstration_may_run_sixty_times_faster_and_changes_limits_only() -> None:
    matter = a_matter()
    faster = scaled(matter, 60)
    assert faster.policy.limits.overall == timedelta(minutes=4)
    assert faster.policy.ladder[2].after == timedelta(seconds=30)
    assert faster.policy.ladder[0].at == matter.policy.ladder[0].at
    same = {"limits": matter.policy.limits, "ladder": matter.policy.ladder}
    assert faster.model_copy(update={"policy": faster.policy.model_copy(update=same)}) == matter


def test_an_unfiled_case_has_no_overall_deadline() -> None:
    case = a_case(a_matter(a_policy())).case
    assert overall_due(case) is None
    assert deadline(case) == stage_due(case)
