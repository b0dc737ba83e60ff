from uuid import uuid4

from feeds import RULESETS, START, a_signal

from rules.explain import explain_signal


def test_a_signal_that_led_to_nothing_is_explained_in_the_authors_words() -> None:
    signal = a_signal("elevator.ebike", {"confidence": 0.41, "in_doorway": True}, "d1", START, uuid4())
    riding, blocking = explain_signal(RULESETS.values(), signal)
    assert riding.words == "电瓶车进电梯 · 电瓶车乘梯：置信度 0.41 ≥ 0.8 不成立"
    assert [line.holds for line in blocking.enter] == [False, True]
    assert blocking.enters is False


def test_what_was_not_said_is_told_apart_from_what_was_false() -> None:
    signal = a_signal("elevator.ebike", {"in_doorway": True}, "d1", START, uuid4())
    riding, _ = explain_signal(RULESETS.values(), signal)
    assert riding.enters is None
    assert riding.words.endswith("置信度 ≥ 0.8 未提供")


def test_nobody_listens_to_an_unknown_type() -> None:
    assert explain_signal(RULESETS.values(), a_signal("water.leak", {}, "d1", START, uuid4())) == ()
