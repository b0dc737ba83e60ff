"""Does it count? Settled on the spot, declined, part of another matter, or left to the desk."""

from builders import (
    ACCEPTOR,
    COMMITTEE,
    DUTY_OFFICER,
    GRID_WORKER,
    INSPECTOR,
    PROPERTY,
    WANG,
    Story,
    a_case,
    a_matter,
    a_policy,
    a_residents_matter,
)

from domain.cases import Ending, Stage
from domain.commands import Decline, Verify
from domain.lifecycle import Step, automatic, offered


def assigned() -> Story:
    return a_case().filed().assigned_to(PROPERTY, WANG)


def test_what_is_found_and_settled_on_the_spot_is_filed_in_the_same_step() -> None:
    story = a_case(a_matter(a_policy(filing="desk", inspection="never"))).settled_by(COMMITTEE)
    assert [recorded.event.type for recorded in story.recorded] == ["received", "filed", "settled"]
    assert (story.case.stage, story.case.number is not None, story.case.person) == (Stage.CLOSING, True, COMMITTEE.ref)
    assert automatic(story.case, story.now) is Step.CLOSE


def test_what_was_settled_badly_is_done_again_by_who_settled_it() -> None:
    story = a_case(a_matter(a_policy(filing="desk"))).settled_by(GRID_WORKER, "小广告已清除").failed_by(INSPECTOR)
    assert (story.case.stage, story.case.person, story.case.on_the_spot) == (
        Stage.HANDLING,
        GRID_WORKER.ref,
        False,
    )
    assert "handle" in offered(story.case, GRID_WORKER)


def test_a_matter_that_waits_for_the_desk_is_not_filed_by_the_system() -> None:
    story = a_case(a_residents_matter())
    assert automatic(story.case, story.now) is None
    assert {"file", "link"} <= set(offered(story.case, ACCEPTOR))
    assert "decline" not in offered(story.case, ACCEPTOR)
    assert "decline" in offered(story.case, DUTY_OFFICER)


def test_what_a_resident_said_goes_back_to_the_desk_however_it_was_found() -> None:
    story = a_case(a_residents_matter()).verification_asked().by(GRID_WORKER, Verify(true=False, note="没有看到"))
    assert (story.case.stage, story.case.ending) == (Stage.RECEIVED, None)


def test_a_declined_reporter_reads_why() -> None:
    story = a_case(a_residents_matter()).by(DUTY_OFFICER, Decline(reason="属于邻里纠纷，请找居委调解"))
    assert (story.case.ending, story.case.reply) == (Ending.UNTRUE, "属于邻里纠纷，请找居委调解")


def test_a_case_that_is_part_of_another_closes_before_work_began_and_goes_on_after() -> None:
    main = assigned().case
    early = a_case(a_residents_matter()).linked_to(main)
    assert (early.case.stage, early.case.ending, early.case.linked_to) == (Stage.CLOSED, Ending.LINKED, main.id)
    late = assigned().linked_to(main, by=DUTY_OFFICER)
    assert (late.case.stage, late.case.linked_to) == (Stage.ASSIGNED, main.id)
