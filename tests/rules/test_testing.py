"""What an author's test can say of cases: which are opened, taken up again, covered by others, summed up in a storm."""

from dataclasses import dataclass
from typing import Any

import pytest
from authors import CATALOGUE, TEMPLATE

from rules.compiled import Compiled
from rules.load import from_texts
from rules.problems import RulesetInvalid
from rules.testing import Outcome, run_test

CELLAR = """
ruleset: cellar
title: 地下室积水
lead: property
signals: {{water: {{type: water.level, fields: {{depth: number}}}}}}
perceive: {{flooded: {{enter: {{water.depth: {{gte: 5}}}}, exit: {{water.depth: {{lt: 2}}}}}}}}
classify:
  - id: deep
    if: {{water.depth: {{gte: 50}}}}
    then: {{category: flooding, priority: urgent, tier: grid, handler: fire-station, {deep}}}
  - {{id: wet, then: {{category: flooding, priority: high, tier: committee, handler: property}}}}
case: {{dedupe: place, close: {close}, {case}}}
storm: {{per_hour: {per_hour}}}
tests: [{{name: a test, feed: {feed}, expect: {expect}}}]
"""
WET, DRY, DEEP = "water: {depth: 7}", "water: {depth: 1}", "water: {depth: 60}"
AGAIN = f"{{at: 0s, {WET}}}, {{at: 1h, {DRY}}}, {{at: 1d, closed: cellar}}, {{at: %s, {WET}}}"
MUTE = "correlate: [{with: power-outage, by: place.building, as: mute}]"


@dataclass(frozen=True)
class Cellar:
    """The ruleset of flooded cellars, with a test in it."""

    case: str = ""
    close: str = "manual"
    deep: str = ""
    per_hour: int = 100

    def compiled(self, feed: str, expect: str = "{cases: 1}") -> Compiled:
        text = CELLAR.format(
            deep=self.deep, case=self.case, close=self.close, per_hour=self.per_hour, feed=feed, expect=expect
        )
        return from_texts("cellar", text, TEMPLATE, CATALOGUE)

    def tried(self, feed: str, expect: str) -> list[str]:
        """What came otherwise than expected."""
        return list(map(str, self.outcome(feed, expect).problems))

    def outcome(self, feed: str, expect: str = "{cases: 1}") -> Outcome:
        compiled = self.compiled(feed, expect)
        return run_test(compiled, compiled.form.tests[0])


def test_a_case_is_open_until_the_test_closes_it() -> None:
    assert Cellar().tried(f"[{AGAIN % '3d'}]", "{cases: 2}") == []
    assert Cellar().tried(f"[{AGAIN % '23h'}]", "{cases: 1}") == []


def test_a_case_that_closes_when_it_is_over_is_closed_then() -> None:
    feed = f"[{{at: 0s, {WET}}}, {{at: 1h, {DRY}}}, {{at: 2h, {WET}}}]"
    assert Cellar(close="auto_when_cleared").tried(feed, "{cases: 2}") == []
    assert Cellar().tried(feed, "{cases: 1}") == []


def test_what_happens_again_within_the_time_takes_the_closed_case_up_again() -> None:
    cellar = Cellar("after_close: reopen, reopen_within: 7d")
    assert cellar.tried(f"[{AGAIN % '7d'}]", "{cases: 1, reopened: 1, rule: wet}") == []
    assert cellar.tried(f"[{AGAIN % '9d'}]", "{cases: 2, reopened: 0}") == []


def test_only_the_cases_of_a_place_are_closed_where_one_is_said() -> None:
    feed = f"[{{at: 0s, {WET}}}, {{at: 1h, {DRY}}}, {{at: 2h, closed: cellar, place: %s}}, {{at: 3h, {WET}}}]"
    assert Cellar().tried(feed % "/310110/kj/c07/", "{cases: 2}") == []
    assert Cellar().tried(feed % "/310110/kj/c08/", "{cases: 1}") == []


@pytest.mark.parametrize(("how", "expect"), [("mute", "{cases: 0, muted: 1}"), ("join", "{cases: 0, joined: 1}")])
def test_an_open_case_of_another_ruleset_takes_in_what_happens_in_its_building(how: str, expect: str) -> None:
    cellar = Cellar(MUTE.replace("mute", how))
    before, after = f"[{{at: 0s, opened: power-outage}}, {{at: 1m, {WET}}}]", "closed: power-outage"
    assert cellar.tried(before, expect) == []
    assert cellar.tried(before.replace("}, ", f"}}, {{at: 30s, {after}}}, ", 1), "{cases: 1, muted: 0}") == []
    elsewhere = before.replace("outage}", "outage, place: /310110/kj/c07/n021/b09/}")
    assert cellar.tried(elsewhere, "{cases: 1, muted: 0, joined: 0}") == []


def test_a_matter_of_its_own_may_cover_another() -> None:
    units = ("device: d1, place: /310110/kj/c07/n021/b03/u1/", "device: d2, place: /310110/kj/c07/n021/b03/u2/")
    feed = f"[{{at: 0s, {units[0]}, {DEEP}}}, {{at: 1h, {units[1]}, {WET}}}]"
    one = Cellar("correlate: [{with: cellar/deep, by: place.building, as: mute}]", deep="matter: deep")
    assert one.tried(feed, "{cases: 1, muted: 1, rule: deep}") == []
    assert Cellar(deep="matter: deep").tried(feed, "{cases: 2, muted: 0}") == []


def test_what_goes_on_in_an_open_case_is_not_muted() -> None:
    feed = f"[{{at: 0s, {WET}}}, {{at: 1h, {DRY}}}, {{at: 2h, opened: power-outage}}, {{at: 3h, {DEEP}}}]"
    assert Cellar(MUTE).tried(feed, "{cases: 1, muted: 0, rule: deep, handler: fire-station}") == []


def test_a_case_keeps_what_the_graver_rule_gave_it() -> None:
    feed = f"[{{at: 0s, {DEEP}}}, {{at: 1h, {DRY}}}, {{at: 2h, {WET}}}]"
    assert Cellar().tried(feed, "{cases: 1, rule: deep, priority: urgent}") == []


def test_past_the_storm_guard_everything_goes_into_one_summary_case() -> None:
    feed = f"{{repeat: 5, every: 1m, apart: true, of: [{{at: 0s, {WET}}}]}}"
    assert Cellar(per_hour=3).tried(feed, "{cases: 3, summed: 2}") == []
    assert Cellar(per_hour=5).tried(feed, "{cases: 5, summed: 0}") == []
    assert Cellar(per_hour=3).tried(feed.replace("1m", "21m"), "{cases: 5, summed: 0}") == []


def test_a_case_that_worsens_gets_the_children_of_the_graver_rule_once() -> None:
    pump = "children: [{category: pump-fault, matter: pump, handler: property}]"
    feed = f"[{{at: 0s, {WET}}}, {{at: 1h, {DRY}}}, {{at: 2h, {DEEP}}}, {{at: 3h, {DRY}}}, {{at: 4h, {DEEP}}}]"
    assert [case.matter for case in Cellar(deep=pump).outcome(feed).cases] == ["main", "pump"]


def test_a_muted_case_has_no_children_either() -> None:
    cellar = Cellar(MUTE, deep="children: [{category: pump-fault, matter: pump, handler: property}]")
    assert cellar.tried(f"[{{at: 0s, opened: power-outage}}, {{at: 1m, {DEEP}}}]", "{cases: 0, muted: 1}") == []


def test_an_expectation_that_fails_says_what_came_instead() -> None:
    feed = f"[{{at: 0s, opened: power-outage}}, {{at: 1m, {WET}}}]"
    assert Cellar(MUTE).tried(feed, "{cases: 1, muted: 0}") == [
        "立案件数应为 1，实际为 0",
        "被涵盖而没有立案的次数应为 0，实际为 1",
    ]


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ("opened: power-outtage", ("tests.0.feed.0.opened", "power-outage")),
        ("closed: celar", ("tests.0.feed.0.closed", "cellar")),
        ("opened: cellar", ("tests.0.feed.0.opened", "让设备说一句能立案的话")),
        (f"closed: cellar, {WET}", ("tests.0.feed.0", "拆成 at 相同的几行")),
    ],
)
def test_a_step_that_could_not_do_anything_is_refused(step: str, complaint: tuple[str, str]) -> None:
    with pytest.raises(RulesetInvalid) as invalid:
        Cellar(MUTE).compiled(f"[{{at: 0s, {step}}}]")
    found: list[Any] = [(one.field, one.fix) for one in invalid.value.problems]
    assert len(found) == 1
    assert found[0][0] == complaint[0]
    assert complaint[1] in found[0][1]
