"""Which cases of two versions are one, which others cover, and how long each stays open."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from feeds import RULESETS, SECOND, START, a_signal

from domain.matters import STORM
from rules.backtest import Change, Player, RealCase, WouldBe, cases_of, difference
from rules.backtest.cases import by_key
from rules.catalogue import load_catalogue
from rules.compile import SHANGHAI
from rules.compiled import Compiled
from rules.load import from_texts
from rules.views import as_micros, moment

FOLDER = Path(__file__).parents[2] / "rulesets"
SMOKE = RULESETS["corridor-smoke"]
BUILDING = "/310110/kj/c07/n021/b03/"
HOUR = 3_600


def dedupe_by(grouping: str, *, unless: str = "") -> Compiled:
    """Smoke in a corridor, one case per `grouping`; `unless`: what may cover it, as the author writes it."""
    folder = FOLDER / "corridor-smoke"
    text = (folder / "ruleset.yaml").read_text(encoding="utf-8")
    written = text.replace("case:\n  dedupe: place.unit", f"case:\n{unless}  dedupe: {grouping}")
    assert written != text or (grouping, unless) == ("place.unit", "")
    template = (folder / "template.zh.j2").read_text(encoding="utf-8")
    return from_texts("corridor-smoke", written, template, load_catalogue(FOLDER / "catalogue.csv"))


def alarms(
    compiled: Compiled, *seconds: int, real: Sequence[RealCase] = (), others: Sequence[RealCase] = ()
) -> list[WouldBe]:
    """The cases of alarms in one corridor, so many seconds after the start."""
    player = Player(compiled)
    for at in seconds:
        arrived = START + at * SECOND
        player.hear(a_signal("smoke.alarm", {"alarm": True}, "d1", arrived, UUID(int=2 * at)), moment(arrived))
        over = arrived + 20 * SECOND
        player.hear(a_signal("smoke.alarm", {"alarm": False}, "d1", over, UUID(int=2 * at + 1)), moment(over))
    return cases_of(compiled, player.wishes, by_key(real), moment(0), others=others)


def an_outage(place: str, matter: str = "main", closed: int = 900) -> RealCase:
    key = f"power-outage/{matter}{place}"
    since, until = (moment(START + at * SECOND) for at in (-600, closed))
    return RealCase(UUID(int=1), "KJ-1", key, place, since, until, alarm=True)


def test_one_signal_raises_one_case_however_the_two_versions_name_it() -> None:
    found = difference(alarms(dedupe_by("place.building"), 0, 20_000), alarms(SMOKE, 0, 20_000), (), SHANGHAI)

    assert [item.change for item in found.items] == [Change.SAME, Change.SAME]
    assert {(item.case is None, item.before is None) for item in found.items} == {(False, False)}


@pytest.mark.parametrize(
    ("place", "covers"),
    [
        ("/310110/kj/c07/n021/", True),  # all of the community
        (BUILDING, True),
        (f"{BUILDING}u2/", True),  # another stairway of the same building
        ("/310110/kj/c07/n021/b04/", False),
    ],
)
def test_a_case_covers_what_lies_in_its_place_and_in_the_same_building(place: str, covers: bool) -> None:
    muted = dedupe_by("place.unit", unless="  correlate: [{with: power-outage, by: place.building, as: mute}]\n")

    assert len(alarms(muted, 0, others=[an_outage(place)])) == (0 if covers else 1)


def test_a_summary_of_a_storm_covers_nothing_and_what_is_closed_covers_no_longer() -> None:
    muted = dedupe_by("place.unit", unless="  correlate: [{with: power-outage, by: place.building, as: mute}]\n")

    assert alarms(muted, 0, others=[an_outage(BUILDING, STORM)])
    assert alarms(muted, 0, others=[an_outage(BUILDING, closed=0)])
    assert not alarms(muted, 0, others=[an_outage(BUILDING, closed=1)])


def test_a_working_day_of_a_limit_is_a_day_on_the_wall() -> None:
    (opening,) = {rule.opens for rule in SMOKE.rules if rule.opens and rule.id == "single"}
    limits = opening.policy.limits.model_copy(update={"overall": timedelta(hours=16)})
    ends = []
    for calendar in ("24x7", "working-days"):
        policy = opening.policy.model_copy(update={"limits": limits, "calendar": calendar})
        slow = tuple(replace(r, opens=replace(r.opens, policy=policy)) if r.opens else r for r in SMOKE.rules)
        (case,) = alarms(replace(SMOKE, rules=slow), 0)
        assert case.ends_at is not None
        ends.append(case.ends_at - case.opened_at)

    assert ends == [as_micros(timedelta(hours=16)), as_micros(timedelta(days=2))]


@pytest.mark.parametrize(("third", "rule"), [(HOUR - 1, STORM), (HOUR, "single")])
def test_what_is_an_hour_old_makes_no_storm_any_more(third: int, rule: str) -> None:
    guarded = replace(dedupe_by("device"), guard=replace(SMOKE.guard, per_hour=2))
    player = Player(guarded)
    for device, at in (("d1", 0), ("d2", HOUR // 2), ("d3", third)):
        arrived = START + at * SECOND
        player.hear(a_signal("smoke.alarm", {"alarm": True}, device, arrived, UUID(int=at)), moment(arrived))

    assert [case.rule for case in cases_of(guarded, player.wishes, {}, moment(0))] == ["single", "single", rule]


def test_a_case_of_the_first_moment_of_the_period_is_of_the_period() -> None:
    player = Player(SMOKE)
    player.hear(a_signal("smoke.alarm", {"alarm": True}, "d1", START, UUID(int=1)), moment(START))

    assert len(cases_of(SMOKE, player.wishes, {}, moment(START))) == 1
    assert not cases_of(SMOKE, player.wishes, {}, moment(START + 1))


def test_a_case_there_was_that_began_later_is_heard_of_by_ours_but_is_not_what_ours_began_as() -> None:
    key = "corridor-smoke/main/310110/kj/c07/n021/b03/u1/"
    there = RealCase(UUID(int=7), "KJ-7", key, f"{BUILDING}u1/", moment(START + 500 * SECOND), None, alarm=True)

    (case,) = alarms(SMOKE, 0, 600, real=[there])

    assert (case.real, case.touched) == (None, {there.id})
