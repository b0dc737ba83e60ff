"""More time, a pause, a void: asked for, ruled on, and over again."""

from datetime import timedelta

import pytest
from builders import (
    ACCEPTOR,
    COMMITTEE_C07,
    DISPATCHER,
    PROPERTY,
    REPORTER,
    SUPERVISOR,
    WANG,
    ZHAO,
    Story,
    a_case,
    a_matter,
    a_policy,
    a_residents_matter,
)

from domain.cases import Ending, Stage
from domain.commands import Reassign
from domain.lifecycle import Step, automatic, deadline, next_due, offered, overall_due, stage_due
from domain.matters import Priority
from domain.people import BY_RULE


def assigned() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG)


def test_an_extension_lengthens_the_work_and_the_whole() -> None:
    story = assigned().signed_by(WANG)
    before = (stage_due(story.case), overall_due(story.case))
    story.asked_for("extension", hours=3)
    assert (stage_due(story.case), overall_due(story.case)) == before
    story.ruled_on()
    assert (story.case.extensions, story.case.request) == (1, None)
    later = tuple(due + timedelta(hours=3) for due in before if due is not None)
    assert (stage_due(story.case), overall_due(story.case)) == later


def test_what_the_former_unit_asked_for_ends_with_its_turn() -> None:
    reassigned = assigned().signed_by(WANG).asked_for("extension", hours=3)
    reassigned.by(DISPATCHER, Reassign(unit=COMMITTEE_C07, reason="居委更近"))
    returnable = a_case(a_matter(a_policy(return_within=timedelta(hours=2)))).filed().assigned_to(PROPERTY, WANG)
    returned = returnable.asked_for("deferral", days=2).returned_by(ZHAO).ruled_on_return()
    worse = assigned().asked_for("void").worsened(a_matter(priority=Priority.URGENT, handler="fire-station"))
    for story in (reassigned, returned, worse):
        assert story.case.request is None
        assert "rule_on" not in offered(story.case, SUPERVISOR)


def test_a_refused_request_changes_nothing_but_is_answered() -> None:
    story = assigned().signed_by(WANG)
    plan = story.case.plan
    story.asked_for("suspension", days=90).ruled_on(granted=False, note="可以先做临时处理")
    assert (story.case.request, story.case.pause, story.case.suspensions, story.case.plan) == (None, None, 0, plan)


@pytest.mark.parametrize("kind", ["deferral", "suspension"])
def test_a_granted_pause_stops_the_clocks_until_its_day(kind: str) -> None:
    story = assigned().signed_by(WANG).asked_for(kind, days=5)
    until = story.case.request.until if story.case.request else None
    story.ruled_on()
    assert story.case.pause is not None
    assert (story.case.pause.kind, deadline(story.case), next_due(story.case)) == (kind, None, until)
    assert automatic(story.case, story.now) is None
    assert automatic(story.case, story.after(days=5).now) is Step.RESUME
    assert deadline(story.resumed(by=BY_RULE).case) is not None


def test_a_granted_void_closes_the_case_and_tells_the_reporter_why() -> None:
    story = a_case(a_residents_matter()).filed().assigned_to(PROPERTY, WANG).asked_for("void").ruled_on(SUPERVISOR)
    assert (story.case.stage, story.case.ending, story.case.reply) == (Stage.CLOSED, Ending.VOIDED, "要等配件")


def test_waiting_for_the_reporter_ends_with_their_answer() -> None:
    story = a_case(a_residents_matter()).waiting_for("reporter", by=ACCEPTOR, days=2)
    assert "resume" in offered(story.case, REPORTER)
    assert story.resumed(by=REPORTER).case.pause is None
    assert "resume" not in offered(story.case, ACCEPTOR)
    assert "resume" not in offered(story.waiting_for("other", by=ACCEPTOR).case, REPORTER)


def test_a_paused_case_is_not_given_out_by_the_system() -> None:
    story = a_case().filed().waiting_for("other", by=DISPATCHER)
    assert automatic(story.case, story.now) is None


@pytest.mark.parametrize("step", ["signed", "worsened", "handed back"])
def test_a_pause_does_not_outlive_what_it_was_for(step: str) -> None:
    story = assigned()
    match step:
        case "signed":
            story.waiting_for("other").signed_by(WANG)
        case "worsened":
            story.waiting_for("other").worsened(a_matter(priority=Priority.HIGH))
        case _:
            story.signed_by(WANG).waiting_for("other").by(DISPATCHER, Reassign(unit=PROPERTY, reason="换人"))
    assert story.case.pause is None
    assert deadline(story.case) is not None


def test_more_time_is_no_longer_asked_for_once_the_work_is_done_but_a_void_is() -> None:
    done = assigned().signed_by(WANG).asked_for("extension", hours=3).arrived(WANG).handled_by(WANG)
    assert done.case.request is None
    void = assigned().signed_by(WANG).asked_for("void").arrived(WANG).handled_by(WANG)
    assert void.case.request is not None
