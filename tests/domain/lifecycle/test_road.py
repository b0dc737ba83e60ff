"""The road of a case, from received to closed, and the ways that branch off it."""

from collections.abc import Callable
from uuid import UUID

import pytest
from builders import (
    ACCEPTOR,
    COMMITTEE,
    DISPATCHER,
    DUTY_OFFICER,
    FIRE_STATION,
    GRID_WORKER,
    INSPECTOR,
    LEI,
    LI,
    PROPERTY,
    WANG,
    ZHAO,
    Story,
    a_case,
    a_matter,
    a_photo,
    a_policy,
)
from pydantic import ValidationError

from domain.cases import Ending, Stage
from domain.commands import Close, Comment, Decline, Reassign, SendBack, Verify
from domain.lifecycle import Refused, Step, automatic, ending_by_rule, evolve, task_of
from domain.matters import Evidence, Priority, Tier
from domain.people import BY_RULE


def assigned() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG)


def a_second_sensor() -> Story:
    """A smoke alarm with the property, before a second sensor of the unit speaks."""
    smoke = a_matter(
        policy=a_policy(evidence=(), outcomes=("true", "false", "test", "fault")),
        category="smoke-alarm",
        priority=Priority.HIGH,
        skills=(),
    )
    return a_case(smoke).filed().assigned_to(PROPERTY, WANG)


FIRE = a_matter(
    policy=a_policy(evidence=(), outcomes=("true", "false")),
    category="fire-alarm",
    priority=Priority.URGENT,
    tier=Tier.GRID,
    handler="fire-station",
)


def test_a_case_walks_its_road_and_is_solved() -> None:
    story = a_case().filed()
    stages = [story.case.stage]
    steps: tuple[Callable[[], Story], ...] = (
        lambda: story.assigned_to(PROPERTY, WANG),
        lambda: story.signed_by(WANG),
        lambda: story.handled_by(WANG),
        lambda: story.passed_by(INSPECTOR),
        story.closed,
    )
    for step in steps:
        step()
        stages.append(story.case.stage)
    assert stages == [
        Stage.DISPATCHING,
        Stage.ASSIGNED,
        Stage.HANDLING,
        Stage.INSPECTING,
        Stage.CLOSING,
        Stage.CLOSED,
    ]
    assert story.case.ending is Ending.SOLVED
    assert story.case.version == len(story.recorded) == 7
    assert task_of(story.case) is None


def test_the_fold_of_what_was_recorded_is_the_case() -> None:
    story = assigned().signed_by(WANG).handled_by(WANG).failed_by(INSPECTOR).handled_by(WANG)
    case = a_case(case_id=story.case.id).case
    for recorded in story.recorded[1:]:
        case = evolve(case, recorded)
    assert case == story.case


def test_the_rule_files_dispatches_and_closes_by_itself_and_waits_for_people_between() -> None:
    story = a_case()
    assert automatic(story.case, story.now) is Step.FILE
    story.filed()
    assert automatic(story.case, story.now) is Step.DISPATCH
    assert automatic(story.case, story.now, nobody_free=True) is None
    story.assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    assert automatic(story.case, story.now) is None
    story.passed_by(INSPECTOR)
    assert automatic(story.case, story.now) is Step.CLOSE


def test_a_case_that_is_closed_by_hand_waits_for_the_duty_officer() -> None:
    story = a_case(a_matter(a_policy(closing="manual"))).filed().assigned_to(PROPERTY, WANG)
    story.signed_by(WANG).handled_by(WANG).passed_by(INSPECTOR)
    assert automatic(story.case, story.now) is None
    assert story.closed(by=DUTY_OFFICER).case.stage is Stage.CLOSED


def test_verification_is_asked_once_and_a_true_finding_files() -> None:
    story = a_case(a_matter(a_policy(verify="always")))
    assert automatic(story.case, story.now) is Step.ASK_VERIFICATION
    story.verification_asked().by(GRID_WORKER, Verify(true=True, note="门口确有电瓶车"))
    assert story.case.stage is Stage.RECEIVED
    assert automatic(story.case, story.now) is Step.FILE


def test_an_untrue_finding_declines_in_the_same_step() -> None:
    story = a_case().verification_asked().by(GRID_WORKER, Verify(true=False, evidence=(a_photo(),)))
    assert (story.case.stage, story.case.ending) == (Stage.CLOSED, Ending.UNTRUE)


def test_the_acceptor_declines_a_false_alarm_alone() -> None:
    story = a_case().by(ACCEPTOR, Decline(reason="误报"))
    assert (story.case.stage, story.case.ending) == (Stage.CLOSED, Ending.UNTRUE)


def test_a_failed_inspection_is_rework_by_the_same_person_and_is_counted() -> None:
    story = assigned().signed_by(WANG).handled_by(WANG).failed_by(INSPECTOR)
    assert (story.case.stage, story.case.reworks, story.case.outcome) == (Stage.HANDLING, 1, None)
    assert story.case.person == WANG.ref


def test_what_the_duty_officer_sends_back_is_rework() -> None:
    story = assigned().signed_by(WANG).handled_by(WANG).passed_by(INSPECTOR)
    story.by(DUTY_OFFICER, SendBack(reason="照片与地点不符"))
    assert (story.case.stage, story.case.reworks, story.case.passed) == (Stage.HANDLING, 1, False)


def test_a_liaison_signs_for_the_person_and_hands_it_to_another() -> None:
    story = assigned().signed_by(ZHAO)
    assert (story.case.signed_by, story.case.person) == (ZHAO.ref, WANG.ref)
    story.arrived(WANG).handed_to(LI)
    assert (story.case.stage, story.case.person, story.case.arrived) == (Stage.HANDLING, LI.ref, False)


def test_what_a_liaison_signs_for_nobody_waits_to_be_handed_on() -> None:
    story = a_case().filed().assigned_to(PROPERTY).signed_by(ZHAO)
    task = task_of(story.case)
    assert task is not None
    assert (task.kind, task.unit) == ("hand_to", PROPERTY)


def test_of_a_racing_team_the_first_who_signs_does_the_work() -> None:
    story = a_case().filed().assigned_to(PROPERTY).signed_by(LI)
    assert (story.case.stage, story.case.person) == (Stage.HANDLING, LI.ref)


def test_the_second_of_a_racing_team_hears_who_signed() -> None:
    story = a_case().filed().assigned_to(PROPERTY).signed_by(LI)
    with pytest.raises(Refused) as refused:
        story.signed_by(WANG)
    assert (refused.value.code, refused.value.params) == ("already-signed", {"by": LI.name})


def test_a_reassigned_case_must_be_signed_again() -> None:
    story = (
        assigned().signed_by(WANG).by(DISPATCHER, Reassign(unit=PROPERTY, person=UUID(LI.id), reason="王师傅休假"), LI)
    )
    assert (story.case.stage, story.case.person, story.case.signed_by) == (Stage.ASSIGNED, LI.ref, None)


def test_an_emergency_is_handled_before_it_is_signed() -> None:
    story = a_case(FIRE).filed().assigned_to(FIRE_STATION, LEI).handled_by(LEI)
    assert story.case.stage is Stage.INSPECTING


def test_one_in_five_of_a_sampled_category_is_inspected() -> None:
    matter = a_matter(a_policy(inspection="sampled"))
    stages = [
        a_case(matter, case_id=UUID(int=serial))
        .filed()
        .assigned_to(PROPERTY, WANG)
        .signed_by(WANG)
        .handled_by(WANG)
        .case.stage
        for serial in range(10)
    ]
    assert stages.count(Stage.INSPECTING) == 2
    assert set(stages) == {Stage.INSPECTING, Stage.CLOSING}


@pytest.mark.parametrize("worked", [0, 1, 2, 3])
def test_a_second_sensor_calls_the_fire_station_however_far_the_property_is(worked: int) -> None:
    story = a_second_sensor()
    steps: tuple[Callable[[], Story], ...] = (
        lambda: story.signed_by(WANG),
        lambda: story.handled_by(WANG, "true"),
        lambda: story.passed_by(INSPECTOR),
    )
    for step in steps[:worked]:
        step()
    story.worsened(FIRE)
    assert (story.case.stage, story.case.handler) == (Stage.DISPATCHING, "fire-station")
    assert (story.case.priority, story.case.tier) == (Priority.URGENT, Tier.GRID)
    assert automatic(story.case, story.now) is Step.DISPATCH


def test_what_was_settled_on_the_spot_and_got_worse_is_not_closed_before_somebody_looked_at_the_new_work() -> None:
    found = a_policy(filing="desk", inspection="never", evidence=())
    story = a_case(a_matter(found)).settled_by(COMMITTEE)
    assert automatic(story.case, story.now) is Step.CLOSE
    story.worsened(a_matter(found, priority=Priority.HIGH, handler="fire-station"))
    assert (story.case.outcome, story.case.on_the_spot) == (None, False)
    story.assigned_to(FIRE_STATION, LEI).signed_by(LEI).handled_by(LEI)
    assert (story.case.stage, automatic(story.case, story.now)) == (Stage.CLOSING, None)


def test_the_same_matter_again_is_counted_and_changes_nothing_else() -> None:
    story = assigned()
    before = story.case
    story.worsened(a_matter())
    assert story.case.seen == 2
    assert (story.case.stage, story.case.stage_since) == (before.stage, before.stage_since)


def test_a_worse_matter_for_the_same_unit_stays_with_it() -> None:
    story = assigned().signed_by(WANG).worsened(a_matter(priority=Priority.HIGH))
    assert (story.case.stage, story.case.priority, story.case.person) == (Stage.HANDLING, Priority.HIGH, WANG.ref)


def test_a_door_that_closes_closes_its_case_while_nobody_works_on_it() -> None:
    door = a_matter(a_policy(closing="auto_when_cleared", evidence=()))
    untouched = a_case(door).filed().assigned_to(PROPERTY, WANG).cleared("open")
    assert (untouched.case.stage, untouched.case.ending) == (Stage.CLOSED, Ending.SOLVED)
    worked_on = a_case(door).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).cleared("open")
    assert (worked_on.case.stage, worked_on.case.cleared) == (Stage.HANDLING, True)


def test_an_end_that_the_ruleset_does_not_count_is_only_noted_once() -> None:
    story = assigned().cleared().cleared()
    assert story.case.stage is Stage.ASSIGNED
    assert [recorded.event.type for recorded in story.recorded].count("cleared") == 1


def test_a_comment_is_possible_after_closing() -> None:
    story = assigned().signed_by(WANG).handled_by(WANG).passed_by(INSPECTOR).closed()
    story.by(WANG, Comment(text="已通知车主"))
    assert story.case.stage is Stage.CLOSED


def test_a_case_needs_only_what_its_category_demands() -> None:
    noted = a_case(a_matter(a_policy(evidence=(Evidence.NOTE,)))).filed().assigned_to(PROPERTY, WANG)
    assert noted.signed_by(WANG).handled_by(WANG).case.stage is Stage.INSPECTING


def test_the_system_stands_to_no_step_of_people() -> None:
    with pytest.raises(Refused, match="not-permitted"):
        assigned().signed_by(BY_RULE)


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [("solved", Ending.SOLVED), ("true", Ending.SOLVED), ("false", Ending.UNTRUE), ("test", Ending.EXPLAINED)],
)
def test_what_the_handler_found_says_how_the_rule_closes_a_case(outcome: str, ending: Ending) -> None:
    case = a_case().filed().case.model_copy(update={"outcome": outcome})

    assert ending_by_rule(case) is ending


@pytest.mark.parametrize("ending", ["voided", "linked", "declined"])
def test_nobody_closes_a_case_past_the_approval_of_its_ending(ending: str) -> None:
    with pytest.raises(ValidationError):
        Close.model_validate({"ending": ending})
