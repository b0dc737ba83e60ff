"""Residents' reports: keywords, what happens once, and what is told of people's words."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from feeds import PLACES, RULESETS, SECOND, START

from domain.matters import Filing, Matter
from domain.places import UNPLACED
from rules.classify import Decision, classify, plain_hits
from rules.conditions import AllOf, Comparison, Not, Op
from rules.detections import Change, Detection
from rules.engine.compiled import EngineInside
from rules.evaluate import truth, verdict
from rules.explain import explain_signal
from rules.perceiver import Perceiver
from rules.views import SignalView, moment, view_row

REPORTS = RULESETS["citizen-report"]
LATE_NOISE = "楼下唱歌很吵"  # at 21:55 it is not night yet
DAY = 86_400


def report(text: str, *, seconds: int = 0, place: str = PLACES["d1"], **fields: Any) -> SignalView:
    number = uuid4()
    return view_row(
        id=str(number),
        type="report",
        phase="none",
        device_id=f"citizen-report/public/{number}",
        place=place,
        event_time=START + seconds * SECOND,
        fields={"text": text, **fields},
        transport="public",
    )


def heard(perceiver: Perceiver, signal: SignalView) -> list[Detection]:
    """What is told of a report that arrives as it is sent."""
    return list(perceiver.see(signal, moment(signal.event_time)))


def decided(detection: Detection) -> Decision:
    return classify(REPORTS, detection, plain_hits(REPORTS, detection.facts))


def matter_of(signal: SignalView, perceiver: Perceiver | None = None) -> Matter:
    (matter,) = [m for d in heard(perceiver or Perceiver([REPORTS]), signal) if (m := decided(d).matter)]
    return matter


@pytest.mark.parametrize("text", ["电 瓶 车", "电　瓶　车", "电瓶\n车"])
def test_a_keyword_is_found_however_it_is_spaced(text: str) -> None:
    assert verdict(Comparison("t", Op.CONTAINS_ANY, ("电瓶车",)), {"t": text}) is True


def test_a_keyword_is_found_in_full_width_and_any_case() -> None:
    asked = Comparison("t", Op.CONTAINS_ALL, ("wifi", "5g"))
    assert verdict(asked, {"t": "ＷｉＦｉ 和 ５Ｇ 都没有"}) is True
    assert verdict(asked, {"t": "只有wifi"}) is False


def test_a_text_that_was_not_given_proves_nothing() -> None:
    asked = Comparison("t", Op.CONTAINS_ANY, ("漏水",))
    assert verdict(asked, {}) is None
    assert verdict(Not(asked), {}) is None
    assert verdict(Not(asked), {"t": ""}) is True


def test_the_keyword_that_was_found_is_said() -> None:
    seen = truth(Comparison("t", Op.CONTAINS_ANY, ("漏水", "渗水", "滴水")), {"t": "天花板渗水，一直滴水"})
    assert (seen.value, seen.holds) == ("渗水、滴水", True)


def test_a_decision_keeps_the_keywords_and_not_the_words() -> None:
    signal = report("我是王阿姨，电话13800000001，楼下漏水")
    matter = matter_of(signal)
    assert matter.category == "water-leak"
    assert "report.text" not in matter.why.facts
    assert "王阿姨" not in matter.why.model_dump_json()
    assert {
        "rule": "leak",
        "condition": "诉求内容 含有任一 漏水、渗水、滴水、积水、堵塞、返水、下水道、管道堵、没水、停水",
        "field": "report.text",
        "value": "漏水",
        "holds": True,
    } in list(matter.why.conditions)


def test_the_middle_of_a_telephone_number_is_left_out_of_the_case() -> None:
    text = matter_of(report("请联系138 0000 0001，3号楼502室漏水")).text
    assert "138****01" in text
    assert "0000" not in text
    assert "3号楼502室漏水" in text


def test_the_explanation_names_the_keyword() -> None:
    noise = next(e for e in explain_signal([REPORTS], report("隔壁装修噪音太大")) if e.detection == "noise_heard")
    assert [line.words for line in noise.enter] == ["诉求内容 含有 噪音 成立"]


def test_a_case_goes_by_its_report() -> None:
    signal = report("门禁坏了")
    matter = matter_of(signal)
    assert matter.report == UUID(signal.device_id.rpartition("/")[2])
    assert matter.dedupe_key == f"citizen-report/main/device:{signal.device_id}"


def test_what_is_clear_is_filed_by_rule_and_the_rest_at_the_desk() -> None:
    assert matter_of(report("电梯里有人被困")).policy.filing is Filing.BY_RULE
    assert matter_of(report("想反映一件事")).policy.filing is Filing.AT_DESK


def test_a_report_without_a_place_says_so_in_its_title() -> None:
    assert matter_of(report("有人偷倒渣土", place=UNPLACED)).title == "（地点待核实）偷倒垃圾"


def test_who_is_told_besides_the_handler() -> None:
    assert matter_of(report("楼道里有煤气味")).inform == ("committee", "property")


def test_a_report_leaves_nothing_behind_for_itself_and_no_words() -> None:
    perceiver = Perceiver([REPORTS])
    heard(perceiver, report(LATE_NOISE))
    while due := perceiver.next_due():
        assert perceiver.tick(due) == ()
    left = {key: row.state for key, row in perceiver.drain().items() if row}
    assert {key.split("/")[1] for key in left} == {"around"}
    assert LATE_NOISE not in str(left)


def test_what_happened_once_never_ends() -> None:
    perceiver = Perceiver([REPORTS])
    told = heard(perceiver, report("有事"))
    told += perceiver.tick(moment(START) + timedelta(days=400))
    assert [d.change for d in told] == [Change.BEGAN]


def test_the_third_report_of_noise_in_a_month_weighs_more() -> None:
    perceiver = Perceiver([REPORTS])
    rules = [
        matter_of(report(f"昨晚{LATE_NOISE}", seconds=days * DAY), perceiver).why.rule for days in (0, 10, 29, 59, 60)
    ]
    assert rules == ["night-noise", "night-noise", "night-noise-again", "night-noise", "night-noise"]


def test_an_older_report_that_comes_later_makes_the_third() -> None:
    perceiver = Perceiver([REPORTS])
    for seconds in (0, 10):
        heard(perceiver, report(f"昨晚{LATE_NOISE}", seconds=seconds))
    older = report(f"昨晚{LATE_NOISE}", seconds=5)
    told = perceiver.see(older, moment(START + 11 * SECOND))
    again = [d for d in told if d.change is Change.RECLASSIFIED and d.name == "reported"]
    assert [decided(d).rule for d in again] == ["night-noise-again"]
    assert again[0].at == moment(START + 10 * SECOND)


def test_reports_without_a_place_are_not_neighbours() -> None:
    perceiver = Perceiver([REPORTS])
    rules = [
        matter_of(report(f"昨晚{LATE_NOISE}", seconds=day * DAY, place=UNPLACED), perceiver).why.rule
        for day in range(3)
    ]
    assert rules == ["night-noise"] * 3


def test_the_night_is_that_of_the_report() -> None:
    assert matter_of(report(LATE_NOISE)).why.rule == "noise"  # 21:55
    assert matter_of(report(LATE_NOISE, seconds=300)).why.rule == "night-noise"  # 22:00


def test_the_engine_agrees_on_every_example_of_the_ruleset() -> None:
    engine = EngineInside(REPORTS.engine)
    try:
        for example in REPORTS.form.tests:
            for item in example.feed if isinstance(example.feed, tuple) else example.feed.of:
                for fields in (item.model_extra or {}).values():
                    for detection in heard(Perceiver([REPORTS]), report(**fields)):
                        hits = engine.hits(detection.facts)
                        assert set(hits) == set(plain_hits(REPORTS, detection.facts)), fields
    finally:
        engine.close()


def test_not_around_keywords_is_pushed_down_for_the_engine() -> None:
    rules = [("r", Not(AllOf((Comparison("t", Op.CONTAINS_ALL, ("漏", "水")), Comparison("n", Op.GT, 1)))))]
    assert verdict(rules[0][1], {"t": "停水", "n": 5}) is True
    assert verdict(rules[0][1], {"t": "漏水", "n": 5}) is False
