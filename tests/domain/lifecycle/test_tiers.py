"""Which tier holds a case, and that the brain watches it."""

from builders import DISPATCHER, PROPERTY, WANG, Story, a_case

from domain.matters import Tier


def assigned() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG)


def test_tiers_go_up_and_down_one_by_one() -> None:
    story = assigned().raised()
    assert story.case.tier is Tier.GRID
    assert story.raised(by=DISPATCHER).case.tier is Tier.BRAIN
    assert story.sent_down().case.tier is Tier.GRID


def test_supervision_and_calls_are_noted_and_move_nothing() -> None:
    story = assigned()
    before = story.case
    story.supervised().contact_logged(reached=False).contact_logged()
    assert story.case.supervised
    assert (story.case.stage, story.case.plan, story.case.version) == (before.stage, before.plan, before.version + 3)
