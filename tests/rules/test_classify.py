"""Which case a detection means."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from feeds import RULESETS, SECOND, START, a_signal

from domain.matters import Closing, Evidence, Priority, Verify
from domain.places import UNPLACED
from rules.catalogue import load_catalogue
from rules.classify import Decision, classify, cleared_keys, plain_hits
from rules.detections import Change, Detection
from rules.perceiver import Perceiver
from rules.policy import policy_of
from rules.schema import CaseForm
from rules.views import SignalView, moment

SMOKE = RULESETS["corridor-smoke"]


def heard(*signals: SignalView) -> list[Detection]:
    perceiver = Perceiver([SMOKE])
    return [d for signal in signals for d in perceiver.see(signal, moment(signal.event_time))]


def alarm(device: str, seconds: int = 0, said: bool = True) -> SignalView:
    return a_signal("smoke.alarm", {"alarm": said}, device, START + seconds * SECOND, uuid4())


def decided(detection: Detection) -> Decision:
    return classify(SMOKE, detection, plain_hits(SMOKE, detection.facts), place_name=lambda _: "彰武路12弄3号楼2单元")


def test_the_first_rule_that_hits_wins_and_the_others_are_told() -> None:
    decision = decided(heard(alarm("d1"), alarm("d2", 30))[-1])
    assert (decision.rule, decision.losers) == ("several", ("single",))
    assert decision.matter is not None
    assert decision.matter.priority is Priority.URGENT
    assert decision.matter.policy.closing is Closing.MANUAL


def test_a_case_tells_why() -> None:
    decision = decided(heard(alarm("d1"))[0])
    assert decision.matter is not None
    why = decision.matter.why
    assert (why.ruleset, why.hash, why.rule) == ("corridor-smoke", SMOKE.hash, "single")
    assert why.facts == {"alarming": "began", "sensors_2m": 1, "smoke.alarm": True, "smoke.phase": "none"}
    assert {
        "rule": "several",
        "condition": "两分钟内本单元报警烟感数 ≥ 2",
        "field": "sensors_2m",
        "value": 1,
        "holds": False,
    } in list(why.conditions)


def test_one_key_per_unit() -> None:
    first, second = (decided(d).matter for d in heard(alarm("d1"), alarm("d2", 600)))
    assert first is not None
    assert second is not None
    assert first.dedupe_key == second.dedupe_key == "corridor-smoke/main/310110/kj/c07/n021/b03/u1/"


def test_the_title_names_the_place_in_words() -> None:
    matter = decided(heard(alarm("d1"))[0]).matter
    assert matter is not None
    assert matter.title == "彰武路12弄3号楼2单元烟感报警"
    assert "五分钟内到场" in matter.text


def test_the_category_gives_what_the_ruleset_leaves_open() -> None:
    matter = decided(heard(alarm("d1"))[0]).matter
    assert matter is not None
    assert set(matter.policy.evidence) == {Evidence.NOTE, Evidence.PHOTO_AFTER}
    assert matter.policy.outcomes == ("true", "false", "test", "fault")


def test_an_elder_who_lives_alone_makes_it_urgent_and_the_committee_is_told() -> None:
    signal = a_signal("smoke.alarm", {"alarm": True, "elder_alone": True}, "d1", START, uuid4())
    matter = decided(heard(signal)[0]).matter
    assert matter is not None
    assert (matter.priority, matter.handler, matter.inform) == (Priority.URGENT, "property", ("committee",))


def test_of_a_fire_the_committee_and_the_property_are_told() -> None:
    matter = decided(heard(alarm("d1"), alarm("d2", 30))[-1]).matter
    assert matter is not None
    assert (matter.handler, matter.inform) == ("fire-station", ("committee", "property"))


def test_where_working_days_count_a_day_is_eight_hours() -> None:
    catalogue = load_catalogue(Path(__file__).parents[2] / "rulesets" / "catalogue.csv")
    slow, quick = (policy_of(CaseForm(), catalogue[code]) for code in ("resident-request", "noise-night"))
    assert (slow.calendar, slow.limits.overall) == ("working-days", timedelta(hours=40))
    assert (quick.calendar, quick.limits.overall) == ("24x7", timedelta(days=1))


def test_an_alarm_without_a_place_is_a_case_all_the_same() -> None:
    matter = decided(heard(alarm("d1")._replace(place=None))[0]).matter
    assert matter is not None
    assert matter.place == UNPLACED
    assert matter.dedupe_key == "corridor-smoke/main/device:d1"


def test_what_ended_is_news_for_the_cases_it_may_have_opened() -> None:
    ended = heard(alarm("d1"), alarm("d1", 60, said=False))[-1]
    assert ended.change is Change.ENDED
    assert cleared_keys(SMOKE, ended) == ("corridor-smoke/main/310110/kj/c07/n021/b03/u1/",)


def test_what_ended_is_news_for_the_cases_that_came_with_it() -> None:
    ended = heard(alarm("d1"), alarm("d1", 60, said=False))[-1]
    rules = tuple(
        replace(rule, opens=replace(rule.opens, children=(replace(rule.opens, matter="lift"),))) if rule.opens else rule
        for rule in SMOKE.rules
    )
    with_lift = replace(SMOKE, rules=rules)
    unit = "310110/kj/c07/n021/b03/u1/"
    assert cleared_keys(with_lift, ended) == (f"corridor-smoke/main/{unit}", f"corridor-smoke/lift/{unit}")


def test_what_ended_is_no_news_for_the_cases_of_rules_that_do_not_ask_for_it() -> None:
    ended = heard(alarm("d1"), alarm("d1", 60, said=False))[-1]
    ebike = RULESETS["ebike-in-elevator"]
    blocking, riding = (cleared_keys(ebike, replace(ended, name=name)) for name in ("blocking", "riding"))
    assert blocking == ("ebike-in-elevator/main/310110/kj/c07/n021/b03/u1/",)
    assert riding == ("ebike-in-elevator/talk/310110/kj/c07/n021/b03/",)


@pytest.mark.parametrize(
    ("said", "verify"),
    [({"confidence": 0.79}, Verify.ALWAYS), ({"confidence": 0.8}, Verify.NEVER), ({}, Verify.ALWAYS)],
)
def test_what_a_device_is_not_sure_enough_of_is_looked_at_first(said: dict[str, float], verify: Verify) -> None:
    rules = tuple(
        replace(rule, opens=replace(rule.opens, verify=Verify.BELOW_CONFIDENCE, verify_below=0.8))
        if rule.opens
        else rule
        for rule in SMOKE.rules
    )
    detection = replace(heard(alarm("d1"))[0], fields=said)
    matter = classify(replace(SMOKE, rules=rules), detection, plain_hits(SMOKE, detection.facts)).matter
    assert matter is not None
    assert matter.policy.verify is verify
