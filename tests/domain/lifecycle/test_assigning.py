"""Units without accounts: the desk signs and answers for them."""

from builders import DISPATCHER, DUTY_OFFICER, GAS, a_case

from domain.cases import Stage
from domain.commands import Handle
from domain.lifecycle import task_of
from domain.people import Role


def test_the_desk_signs_and_answers_for_a_unit_without_accounts() -> None:
    story = a_case().filed().assigned_to(GAS, by_phone=True)
    todo = task_of(story.case)
    assert todo is not None
    assert (todo.kind, todo.role) == ("sign", Role.DISPATCHER)
    story.signed_by(DISPATCHER, "值班李师傅")
    todo = task_of(story.case)
    assert todo is not None
    assert (todo.kind, todo.role, story.case.person) == ("handle", Role.DISPATCHER, None)
    story.by(DUTY_OFFICER, Handle(outcome="solved", note="阀门已关", spoken_to="值班李师傅"))
    assert story.case.stage is Stage.INSPECTING
