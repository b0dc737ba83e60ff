"""Closing with words to the reporter, and what may come after."""

from builders import (
    DUTY_OFFICER,
    FIRE_STATION,
    INSPECTOR,
    LEI,
    PROPERTY,
    REPORTER,
    SUPERVISOR,
    WANG,
    Story,
    a_case,
    a_matter,
    a_photo,
    a_policy,
    a_residents_matter,
)

from domain.cases import Stage
from domain.commands import AnswerJoint, CallParties, Decline, Handle
from domain.lifecycle import automatic, offered, overall_due, tasks_of
from domain.people import BY_RULE


def closed_for_a_resident() -> Story:
    story = a_case(a_residents_matter()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    return story.passed_by(INSPECTOR).closed(DUTY_OFFICER, "门已修好，感谢反映")


def test_the_duty_officer_releases_what_the_handler_drafted() -> None:
    story = a_case(a_residents_matter()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    story.by(WANG, Handle(outcome="solved", evidence=(a_photo(),), reply="门已修好")).passed_by(INSPECTOR)
    assert story.closed(DUTY_OFFICER).case.reply == "门已修好"


def test_no_rule_closes_a_residents_case_without_words_to_them() -> None:
    by_rule = a_residents_matter(a_policy(closing="auto_when_inspected"))
    story = a_case(by_rule).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG).passed_by(INSPECTOR)
    assert automatic(story.case, story.now) is None
    assert story.closed(DUTY_OFFICER, "门已修好").case.settled


def test_what_is_over_by_itself_is_not_closed_without_words_to_the_resident_who_reported_it() -> None:
    story = a_case(a_residents_matter(a_policy(closing="auto_when_cleared"))).filed().cleared("open")
    assert (story.case.stage, story.case.cleared) == (Stage.DISPATCHING, True)


def test_a_reporter_rates_once_and_rates_anew_after_reopening() -> None:
    story = closed_for_a_resident().rated(2, solved=False)
    assert story.case.rating is not None
    assert (story.case.rating.stars, story.case.rating.solved) == (2, False)
    assert "rate" not in offered(story.case, REPORTER)
    assert story.reopened_by(REPORTER).case.rating is None


def test_a_reopened_case_is_with_the_same_unit_on_a_new_clock_and_needs_new_words() -> None:
    story = closed_for_a_resident().after(days=3).reopened_by(REPORTER)
    assert (story.case.stage, story.case.unit, story.case.reopened) == (Stage.ASSIGNED, PROPERTY, 1)
    assert (story.case.ending, story.case.closed_at, story.case.reply) == (None, None, "")
    assert overall_due(story.case) == story.recorded[-1].at + story.case.policy.limits.overall
    assert "inspect" not in offered(story.signed_by(WANG).handled_by(WANG).case, WANG)


def test_what_never_was_given_out_is_reopened_to_be_looked_at() -> None:
    story = a_case(a_residents_matter()).by(DUTY_OFFICER, Decline(reason="没有这回事")).reopened_by(SUPERVISOR)
    assert (story.case.stage, automatic(story.case, story.now)) == (Stage.RECEIVED, None)
    assert story.filed().case.stage is Stage.DISPATCHING


def test_who_was_called_to_it_still_answers_when_it_is_looked_at_again() -> None:
    story = a_case(a_matter(parties=("fire-station",))).filed().by(BY_RULE, CallParties(units=(FIRE_STATION,)))
    main = a_case(a_matter(dedupe_key="main")).case
    story.linked_to(main).reopened_by(SUPERVISOR)
    assert story.case.stage is Stage.RECEIVED
    assert "answer_joint" in [task.kind for task in tasks_of(story.case)]
    assert "answer_joint" in offered(story.case, LEI)
    assert story.by(LEI, AnswerJoint(note="已到场")).case.awaited == ()


def test_a_call_back_is_logged_after_closing() -> None:
    assert closed_for_a_resident().contact_logged().case.stage is Stage.CLOSED
