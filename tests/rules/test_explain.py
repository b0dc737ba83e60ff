"""Why a signal raised nothing, in the author's words."""

from typing import Any
from uuid import uuid4

from authors import DAY, HOUR, MINUTE, a_ruleset, said
from feeds import RULESETS, SECOND, START, a_signal

from rules.compiled import Compiled
from rules.explain import Explained, explain_signal
from rules.perceiver import Perceiver
from rules.standing import length, rows_asked
from rules.views import SignalView, moment

LIFT = RULESETS["ebike-in-elevator"]
BLOCKS = {"confidence": 0.9, "in_doorway": True}
RIDES = {"confidence": 0.9, "in_doorway": False}


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


def after(compiled: Compiled, signal: SignalView, *feed: SignalView) -> dict[str, Explained]:
    """Each detection held against `signal`, with what is stored once all of `feed` came."""
    perceiver = Perceiver([compiled])
    for one in sorted((*feed, signal), key=lambda one: one.event_time):
        perceiver.see(one, moment(one.event_time))
    perceiver.tick(moment(signal.event_time + compiled.late_us + 1))
    rows = {key: row.state for key, row in perceiver.drain().items() if row}
    asked = {key: rows[key] for key in rows_asked([compiled], signal) if key in rows}
    return {each.detection: each for each in explain_signal([compiled], signal, asked)}


def lift(fields: dict[str, Any], second: int, device: str = "d1") -> SignalView:
    return a_signal("elevator.ebike", fields, device, START + second * SECOND, uuid4())


def test_what_must_last_says_for_how_long() -> None:
    explained = after(LIFT, lift(BLOCKS, 35), lift(BLOCKS, 0))
    assert explained["blocking"].words.startswith(
        "电瓶车进电梯 · 电瓶车阻门：开始条件成立，须持续 60 秒；自 03月02日 21:55:00 起成立，至此持续了 35 秒"
    )
    assert (explained["blocking"].lasts, explained["riding"].lasts) == ("60 秒", "")


def test_what_goes_on_is_not_told_again() -> None:
    explained = after(LIFT, lift(RIDES, 30), lift(RIDES, 0))
    assert explained["riding"].standing == "自 03月02日 21:55:00 起一直在持续，已判定过，不再重复"


def test_a_time_that_is_over_is_named() -> None:
    explained = after(LIFT, lift(RIDES, 20), lift(RIDES, 0), lift({"phase": "end"}, 25))
    assert explained["riding"].standing == "属于 03月02日 21:55:00 至 03月02日 21:55:25 的那一次，已判定过"


def test_the_counts_of_the_moment_and_the_rules_that_they_kept_back_are_said() -> None:
    riding = after(LIFT, lift(RIDES, 2 * HOUR), lift(RIDES, 0))["riding"]
    assert [line.words for line in riding.facts] == ["本楼栋七日内乘梯次数 2"]
    assert "“七日内第三次”：本楼栋七日内乘梯次数 2 ≥ 3 不成立" in [line.words for line in riding.rules]
    assert riding.words.endswith("判定为“仅计数”，不立案")


def test_silence_that_would_end_it_is_named() -> None:
    riding = after(LIFT, lift(RIDES, 0))["riding"]
    assert riding.exit[-1].words == "电梯相机 静默 2 分钟 也算结束"


def test_of_a_silence_it_is_said_since_when() -> None:
    heart = a_ruleset(
        "signals: {heart: {type: heartbeat, label: 心跳, fields: {battery: number}}}\n"
        "perceive: {quiet: {label: 失联, enter: {heart: {silent: 26h}}}}"
    )
    quiet = after(heart, said("heartbeat", {}, START))["quiet"]
    assert quiet.enters is False
    assert quiet.words == ("试验 · 失联：心跳 静默 26 小时 才开始，有信息就重新计时；最近一次上报是 03月02日 21:55:00")


NOISE = """
hours: {night: {from: "22:00", to: "06:00", label: 夜间}}
signals:
  noise:
    type: noise
    fields: {level: {type: number, label: 声级}}
    derive: {rising: {rate: level, over: 10m, label: 上升速度}}
perceive:
  loud:
    enter: {all: [{noise.level: {gte: 60}}, {hours.night: {eq: true}}, {noise.rising: {gte: 2}}]}
    exit: {noise.level: {lt: 50}}
facts:
  wind: {latest: noise.level, within: 1h, by: place.community, label: 附近声级}
"""


def noise(level: float, second: int) -> SignalView:
    return said("noise", {"level": level}, START + second * SECOND)


def test_the_hour_and_what_is_derived_are_told_as_any_other() -> None:
    loud = after(a_ruleset(NOISE), noise(70, 0))["loud"]
    assert [line.words for line in loud.enter] == [
        "声级 70 ≥ 60 成立",
        "时段“夜间” = 是 不成立",
        "上升速度 ≥ 2 未提供（要看先前的信息）",
    ]


def test_what_was_derived_is_told_where_it_is_still_known() -> None:
    loud = after(a_ruleset(NOISE), noise(70, 10 * MINUTE), noise(55, 0))["loud"]
    assert [line.words for line in loud.enter][1:] == ["时段“夜间” = 是 成立", "上升速度 1.5 ≥ 2 不成立"]


def test_what_was_heard_around_is_told_with_the_facts() -> None:
    loud = after(a_ruleset(NOISE.replace("{noise.rising: {gte: 2}}", "{noise.level: {lt: 99}}")), noise(70, DAY))[
        "loud"
    ]
    assert loud.enters is False
    loud = after(a_ruleset(NOISE.replace("gte: 2}", "gte: 1}")), noise(70, 10 * MINUTE), noise(55, 0))["loud"]
    assert [line.words for line in loud.facts] == ["附近声级 70"]


def test_a_length_is_said_in_the_unit_that_fits() -> None:
    assert [length(s * SECOND) for s in (5, 60, 90, 120, 7200, 26 * HOUR, 2 * DAY)] == [
        "5 秒",
        "60 秒",
        "90 秒",
        "2 分钟",
        "2 小时",
        "26 小时",
        "2 天",
    ]
