"""The latest of what is heard around, in this partition and in others."""

from typing import Any

import pytest
from authors import HOUR, a_ruleset, said
from feeds import PLACES, SECOND, START

from rules.ambient import AmbientValue
from rules.compiled import Compiled
from rules.detections import Detection
from rules.perceiver import Perceiver
from rules.problems import RulesetInvalid
from rules.views import moment

FLOOD = """
signals:
  water: {type: water, late: 10s, fields: {depth: number}}
  weather: {type: weather, late: 10s, fields: {level: number, kind: string}}
perceive:
  deep: {enter: {water.depth: {gte: 30}}, exit: {water.depth: {lt: 20}}}
facts:
  warned: {latest: weather.level, within: 3h, by: place.district, label: 预警等级}
  kind: {latest: weather.kind, within: 3h, by: place.district}
"""
DISTRICT = "/310110/"
ELSEWHERE = "/310110/kj/c09/n001/"


@pytest.fixture
def flood() -> Compiled:
    return a_ruleset(FLOOD)


def weather(second: float, level: int, place: str = ELSEWHERE) -> Any:
    at = START + int(second * SECOND)
    return said("weather", {"level": level, "kind": "rain"}, at, device="w", place=place)


def deep(perceiver: Perceiver, second: float, arrives: float | None = None) -> list[Detection]:
    now = START + int((second if arrives is None else arrives) * SECOND)
    return list(perceiver.see(said("water", {"depth": 40}, START + int(second * SECOND)), moment(now)))


def arrive(perceiver: Perceiver, signal: Any, second: float) -> list[Detection]:
    return list(perceiver.see(signal, moment(START + int(second * SECOND))))


def test_what_was_last_heard_around_is_a_fact(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    arrive(perceiver, weather(0, 2), 0)
    arrive(perceiver, weather(60, 3), 60)
    (began,) = deep(perceiver, 120)
    assert (began.facts["warned"], began.facts["kind"]) == (3, "rain")


def test_what_was_heard_too_long_ago_is_not_said(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    arrive(perceiver, weather(0, 2), 0)
    (began,) = deep(perceiver, 3 * HOUR)
    assert "warned" not in began.facts


def test_another_district_hears_nothing(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    arrive(perceiver, weather(0, 2, place="/310115/zj/c01/"), 0)
    (began,) = deep(perceiver, 60)
    assert "warned" not in began.facts


def test_what_comes_later_but_happened_before_is_known_after_all(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    deep(perceiver, 60)
    (again,) = [d for d in arrive(perceiver, weather(59, 3), 65) if d.facts["warned"] == 3]
    assert again.change.value == "reclassified"


def test_what_happens_after_changes_nothing(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    deep(perceiver, 60)
    assert arrive(perceiver, weather(61, 3), 61) == []


def test_a_warning_that_comes_later_than_a_ruleset_waits_adds_nothing(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    deep(perceiver, 60)
    assert arrive(perceiver, weather(59, 3), 75) == []


def test_a_partition_knows_what_another_heard(flood: Compiled) -> None:
    here, there = Perceiver([flood]), Perceiver([flood])
    arrive(there, weather(0, 3), 0)
    told = there.drain_ambient()
    assert told[1][:4] == ("weather", "level", DISTRICT, START)
    assert there.drain_ambient() == ()
    here.take_ambient(told)
    here.take_ambient(told)
    (began,) = deep(here, 60)
    assert began.facts["warned"] == 3


def test_the_newer_of_both_is_the_latest(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    arrive(perceiver, weather(30, 2), 30)
    perceiver.take_ambient([AmbientValue("weather", "level", DISTRICT, START + 20 * SECOND, "x", 4)])
    (began,) = deep(perceiver, 60)
    assert began.facts["warned"] == 2


def test_a_value_of_another_type_from_elsewhere_is_not_read(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    perceiver.take_ambient([AmbientValue("weather", "level", DISTRICT, START, "x", "high")])
    (began,) = deep(perceiver, 60)
    assert "warned" not in began.facts


def test_what_stays_within_a_partition_is_not_told_to_others() -> None:
    perceiver = Perceiver([a_ruleset(FLOOD.replace("place.district", "place.building"))])
    arrive(perceiver, weather(0, 3, place=PLACES["d1"]), 0)
    assert not perceiver.heeds_others
    assert perceiver.drain_ambient() == ()
    (began,) = deep(perceiver, 60)
    assert began.facts["warned"] == 3


def test_a_restart_forgets_nothing(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    arrive(perceiver, weather(0, 3), 0)
    rows = [(key, *row) for key, row in perceiver.drain().items() if row]
    (began,) = deep(Perceiver([flood], rows), 60)
    assert began.facts["warned"] == 3


def test_a_fact_of_what_nobody_says_is_named_with_the_nearest() -> None:
    with pytest.raises(RulesetInvalid, match=r"没有“weather\.levle”这个字段（是不是要写“weather\.level”？）"):
        a_ruleset(FLOOD.replace("latest: weather.level", "latest: weather.levle"))


def test_the_fact_has_the_type_of_its_field() -> None:
    rule = "[{id: r, if: {kind: {gte: 3}}, then: none}, {id: rest, then: none}]"
    with pytest.raises(RulesetInvalid, match="文字不能用"):
        a_ruleset(FLOOD, classify=rule)


def test_a_backtest_overhears_what_other_partitions_are_told(flood: Compiled) -> None:
    perceiver = Perceiver([flood])
    perceiver.overhear(weather(0, 3))
    perceiver.overhear(said("water", {"depth": 90}, START))
    (began,) = deep(perceiver, 60)
    assert (began.device_id, began.facts["warned"]) == ("d1", 3)
    assert perceiver.drain_ambient() == ()
