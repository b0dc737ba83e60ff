"""`linli rules explain`, as people read it."""

from cli.rules_explain import told

FILED = {
    "case": "KJ-20261122-000038",
    "decisions": [
        {
            "ruleset": "ebike-in-elevator",
            "rule": "blocked",
            "conditions": [
                {"rule": "blocked", "condition": "电瓶车阻门 开始", "value": "began", "holds": True},
                {"rule": "blocked", "condition": "门口 = 是", "value": False, "holds": False},
                {"rule": "repeated", "condition": "电瓶车乘梯 开始", "value": None, "holds": None},
                {"rule": "repeated", "condition": "本楼栋七日内乘梯次数 ≥ 3", "value": 2, "holds": False},
            ],
            "signals": ["9ee684b3-a59f-5574-9266-e61e53288883"],
        }
    ],
}
NOTHING = {
    "detections": [
        {"ruleset": "door-left-open", "detection": "opened", "words": "楼道门未关 · 开门：结束条件成立"},
        {"ruleset": "door-left-open", "detection": "flapping", "words": "楼道门未关 · 反复开合：门开着 否 = 是 不成立"},
    ],
    "conditions": [
        {"ruleset": "door-left-open", "detection": "opened", "part": "enter", "words": "门开着 否 = 是 不成立"},
        {"ruleset": "door-left-open", "detection": "opened", "part": "exit", "words": "门开着 否 = 否 成立"},
    ],
    "decisions": [],
}


def test_of_a_case_each_condition_is_a_sentence_with_what_was_seen_and_the_signal_behind_it_is_named() -> None:
    assert list(told(FILED)) == [
        "ebike-in-elevator：规则 blocked",
        "  blocked：电瓶车阻门 开始 成立",
        "  blocked：门口 = 是 不成立，实际 否",
        "  repeated：电瓶车乘梯 开始 未提供",
        "  repeated：本楼栋七日内乘梯次数 ≥ 3 不成立，实际 2",
        "  起因：linli rules explain --signal 9ee684b3-a59f-5574-9266-e61e53288883",
    ]


def test_of_a_signal_that_raised_nothing_every_condition_stands_under_its_detection() -> None:
    assert list(told(NOTHING)) == [
        "楼道门未关 · 开门：结束条件成立",
        "  开始条件：门开着 否 = 是 不成立",
        "  结束条件：门开着 否 = 否 成立",
        "楼道门未关 · 反复开合：门开着 否 = 是 不成立",
    ]
