"""What residents are told, in plain words."""

from zoneinfo import ZoneInfo

from builders import NOON, PROPERTY, WANG, a_case

from activities.tell import wording
from domain.cases import Case


def said_to_a_resident(case: Case, reason: str) -> str:
    words = wording.of_report(case, reason, NOON, ZoneInfo("Asia/Shanghai"))
    return f"{words.title}|{words.text}"


def test_a_resident_is_told_why_and_until_when_it_takes_longer() -> None:
    story = a_case().filed().assigned_to(PROPERTY, WANG).asked_for("deferral", days=2).ruled_on()
    assert "要等配件。预计11月23日 12:0" in said_to_a_resident(story.case, "postponed")
    assert said_to_a_resident(story.resumed().case, "postponed").endswith("|打开链接可以看进展。")


def test_who_reported_the_same_is_told_the_answer_or_that_it_is_over() -> None:
    case = a_case().case
    assert "已经合在一起办" in said_to_a_resident(case, "linked")
    assert "同一件事：已经办完。" in said_to_a_resident(case, "followed")
    answered = case.model_copy(update={"reply": "灯已换好。"})
    assert "同一件事：灯已换好。" in said_to_a_resident(answered, "followed")
