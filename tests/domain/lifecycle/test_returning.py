"""Not ours: returns, and who rules on them."""

from datetime import timedelta

from builders import DISPATCHER, ENFORCEMENT, PROPERTY, SUPERVISOR, WANG, ZHAO, Story, a_case, a_matter, a_policy

from domain.cases import Stage
from domain.lifecycle import Step, automatic, deadline, offered
from domain.matters import Tier


def where_returns_are_allowed() -> Story:
    return a_case(a_matter(a_policy(return_within=timedelta(hours=2)))).filed().assigned_to(PROPERTY, WANG)


def test_a_granted_return_goes_to_the_owner_and_leaves_the_first_unit() -> None:
    story = where_returns_are_allowed().returned_by(ZHAO)
    assert (story.case.stage, story.case.unit, story.case.returns) == (Stage.ASSIGNED, PROPERTY, 1)
    story.ruled_on_return()
    assert (story.case.stage, story.case.unit, story.case.person) == (Stage.DISPATCHING, None, None)
    assert story.case.meant_for == ENFORCEMENT
    assert automatic(story.case, story.now) is Step.DISPATCH
    assert story.assigned_to(ENFORCEMENT).case.meant_for is None


def test_an_upheld_assignment_stays_with_the_unit_and_its_clock_went_on() -> None:
    story = where_returns_are_allowed()
    due = deadline(story.case)
    story.returned_by(WANG).ruled_on_return(granted=False)
    assert (story.case.stage, story.case.returned, deadline(story.case)) == (Stage.ASSIGNED, None, due)


def test_the_third_return_is_the_brains() -> None:
    story = where_returns_are_allowed()
    for _ in range(2):
        story.returned_by(WANG).ruled_on_return(granted=False)
    story.returned_by(WANG)
    assert story.case.tier is Tier.BRAIN
    assert "rule_on_return" not in offered(story.case, DISPATCHER)
    assert story.ruled_on_return(SUPERVISOR).case.meant_for == ENFORCEMENT


def test_signing_keeps_a_return_before_its_judge_and_handling_settles_it() -> None:
    story = where_returns_are_allowed().returned_by(ZHAO).signed_by(WANG)
    assert story.case.returned is not None
    assert story.handled_by(WANG).case.returned is None
