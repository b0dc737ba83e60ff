"""What a version would have made of the past, beside what another would have made of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from feeds import LATE, PLACES, RULESETS, SECOND, START, Said, a_signal, as_it_arrived, feeds
from hypothesis import given
from hypothesis import strategies as st

from rules.backtest import Change, Difference, Player, RealCase, Wish, WouldBe, cases_of, difference
from rules.backtest.cases import alarm_of, by_key
from rules.backtest.reach import reach
from rules.catalogue import load_catalogue
from rules.compile import SHANGHAI
from rules.compiled import Compiled
from rules.load import from_texts
from rules.testing import play
from rules.views import SignalView, moment

FOLDER = Path(__file__).parents[2] / "rulesets"
CATALOGUE = load_catalogue(FOLDER / "catalogue.csv")
SMOKE = RULESETS["corridor-smoke"]
KEY = "corridor-smoke/main/310110/kj/c07/n021/b03/u1/"
LONG_AFTER = moment(START + 100 * 86_400 * SECOND)
Feed = Sequence[tuple[SignalView | None, datetime]]


def changed(ruleset: str, old: str, new: str) -> Compiled:
    """The shipped ruleset with one thing in it written otherwise."""
    text = (FOLDER / ruleset / "ruleset.yaml").read_text(encoding="utf-8")
    assert old in text
    template = (FOLDER / ruleset / "template.zh.j2").read_text(encoding="utf-8")
    return from_texts(ruleset, text.replace(old, new), template, CATALOGUE)


def wishes(compiled: Compiled, feed: Feed) -> list[Wish]:
    player = Player(compiled)
    for signal, at in feed:
        assert signal is not None
        player.hear(signal, at)
    player.rest(LONG_AFTER)
    return player.wishes


def cases(compiled: Compiled, feed: Feed, real: Sequence[RealCase] = ()) -> list[WouldBe]:
    return cases_of(compiled, wishes(compiled, feed), by_key(real), moment(0))


def compared(tried: Compiled, against: Compiled, feed: Feed, real: Sequence[RealCase] = ()) -> Difference:
    return difference(cases(tried, feed, real), cases(against, feed, real), real, SHANGHAI)


def smoke(*said: tuple[int, bool], device: str = "d1") -> list[Said]:
    """Alarms, by seconds after the start."""
    return [
        Said(a_signal("smoke.alarm", {"alarm": on}, device, START + at * SECOND, UUID(int=at * 10 + int(device[1]))), 0)
        for at, on in said
    ]


def a_real_case(opened: int, closed: int | None, alarm: bool | None, number: int = 1, key: str = KEY) -> RealCase:
    """By seconds after the start."""
    ends = None if closed is None else moment(START + closed * SECOND)
    place = "/310110/kj/c07/n021/b03/u1/s1/"
    return RealCase(UUID(int=number), f"KJ-{number}", key, place, moment(START + opened * SECOND), ends, alarm)


def counts(found: Difference) -> dict[str, int]:
    return {change.value: found.count(change) for change in Change if found.count(change)}


@pytest.mark.parametrize("ruleset", sorted(set(RULESETS) & {"ebike-in-elevator", "corridor-smoke", "door-left-open"}))
@given(data=st.data())
def test_a_version_against_itself_changes_nothing(ruleset: str, data: st.DataObject) -> None:
    feed = as_it_arrived(data.draw(feeds(ruleset, longest_delay=2 * LATE)))

    found = compared(RULESETS[ruleset], RULESETS[ruleset], feed)

    assert {item.change for item in found.items} <= {Change.SAME}
    assert found.true_lost == found.false_saved == ()


@pytest.mark.parametrize(
    "ruleset", ["ebike-in-elevator", "corridor-smoke", "door-left-open", "water-leak-burst", "citizen-report"]
)
@given(data=st.data())
def test_it_wants_what_perception_and_classification_want(ruleset: str, data: st.DataObject) -> None:
    compiled = RULESETS[ruleset]
    feed = as_it_arrived(data.draw(feeds(ruleset)))

    wanted = [(wish.key, compiled.rules[wish.rule].id) for wish in wishes(compiled, feed) if wish.rule is not None]

    assert wanted == [(matter.dedupe_key, rule) for matter, rule in play(compiled, feed) if matter is not None]


@given(data=st.data())
def test_a_longer_hold_finds_no_case_where_there_was_none(data: st.DataObject) -> None:
    feed = as_it_arrived(data.draw(feeds("ebike-in-elevator")))
    longer = changed("ebike-in-elevator", "for: 60s", "for: 90s")

    held = {case.key for case in cases(longer, feed)}

    assert held <= {case.key for case in cases(RULESETS["ebike-in-elevator"], feed)}


@given(data=st.data())
def test_a_higher_threshold_finds_no_case_where_there_was_none(data: st.DataObject) -> None:
    feed = as_it_arrived(data.draw(feeds("ebike-in-elevator")))
    stricter = changed("ebike-in-elevator", "gte: 0.80", "gte: 0.95")

    assert not cases(stricter, feed)


def test_it_does_not_matter_in_which_process_a_community_was_played() -> None:
    dice = Random(7)
    said = [
        Said(signal._replace(place=signal.place and signal.place.replace("n021", f"n02{dice.randrange(4)}")), 0)
        for signal in (
            a_signal("smoke.alarm", {"alarm": dice.random() < 0.5}, dice.choice(list(PLACES)), at, UUID(int=at))
            for at in range(START, START + 4_000 * SECOND, 7 * SECOND)
        )
    ]
    parts = [[one for one in said if one.signal.place and one.signal.place[16] in half] for half in ("01", "23")]

    apart = [wish for part in parts for wish in wishes(SMOKE, as_it_arrived(part))]
    apart.sort(key=lambda wish: (wish.at, wish.key))
    together = wishes(SMOKE, as_it_arrived(said))

    assert apart == sorted(together, key=lambda wish: (wish.at, wish.key))
    assert len(apart) > 100


def test_alarms_while_a_case_is_open_are_part_of_it() -> None:
    feed = as_it_arrived(smoke((0, True), (20, False), (600, True), (630, False)))

    (case,) = cases(SMOKE, feed)

    assert case.key == KEY
    assert case.rule == "single"


def test_after_the_limit_of_a_case_a_new_one_begins() -> None:
    feed = as_it_arrived(smoke((0, True), (20, False), (5 * 3600, True)))

    assert len(cases(SMOKE, feed)) == 2


def test_a_case_is_open_as_long_as_the_one_there_was() -> None:
    feed = as_it_arrived(smoke((0, True), (20, False), (600, True)))

    first, second = cases(SMOKE, feed, [a_real_case(0, 300, alarm=False), a_real_case(600, None, None, 2)])

    assert (first.real and first.real.number, second.real and second.real.number) == ("KJ-1", "KJ-2")


def test_a_case_closes_when_it_is_over_where_its_policy_says_so() -> None:
    feed = as_it_arrived(smoke((0, True), (20, False), (600, True)))
    cleared = changed("corridor-smoke", "close: auto_when_inspected", "close: auto_when_cleared")

    assert len(cases(cleared, feed)) == 2


def test_a_second_sensor_makes_more_of_the_case() -> None:
    feed = as_it_arrived(smoke((0, True)) + smoke((30, True), device="d2"))

    (case,) = cases(SMOKE, feed)

    assert (case.rule, case.handler, case.priority) == ("several", "fire-station", "urgent")


def test_a_rule_that_asks_for_another_handler_moves_the_case() -> None:
    feed = as_it_arrived(smoke((0, True)))
    moved = changed(
        "corridor-smoke",
        "then: {category: smoke-alarm, priority: high, tier: grid, handler: property",
        "then: {category: smoke-alarm, priority: high, tier: grid, handler: committee",
    )

    found = compared(moved, SMOKE, feed)

    assert counts(found) == {"moved": 1}
    assert found.items[0].moved == ("handler",)


def test_false_alarms_that_would_not_be_there_are_saved_and_true_ones_lost() -> None:
    held = changed(
        "corridor-smoke",
        "    exit: {smoke.alarm: {eq: false}}",
        "    exit: {smoke.alarm: {eq: false}}\n    for: 60s",
    )
    feed = as_it_arrived(
        smoke((0, True), (20, False), (40_000, True), (40_010, False), (80_000, True), (80_090, False))
    )
    real = [
        a_real_case(0, 900, alarm=False, number=1),
        a_real_case(40_000, 41_000, alarm=True, number=2),
        a_real_case(80_000, 81_000, alarm=True, number=3),
    ]

    found = compared(held, SMOKE, feed, real)

    assert counts(found) == {"gone": 2, "same": 1}
    assert found.false_saved == (UUID(int=1),)
    assert found.true_lost == (UUID(int=2),)


def test_differences_are_counted_by_place_and_local_hour() -> None:
    held = changed(
        "corridor-smoke",
        "    exit: {smoke.alarm: {eq: false}}",
        "    exit: {smoke.alarm: {eq: false}}\n    for: 60s",
    )
    feed = as_it_arrived(smoke((0, True), (20, False)))  # at 21:55

    found = compared(held, SMOKE, feed)

    assert {area: counts[Change.GONE] for area, counts in found.by_area.items()} == {
        "/310110/kj/c07/": 1,
        "/310110/kj/c07/n021/": 1,
    }
    assert [hour for hour, of in enumerate(found.by_hour) if of[Change.GONE]] == [21]


def test_what_came_before_the_period_only_warms_up() -> None:
    ebike = RULESETS["ebike-in-elevator"]
    day = 86_400
    said = [
        Said(a_signal("elevator.ebike", fields, "d1", START + at * SECOND, UUID(int=at + 1)), 0)
        for ride in range(3)
        for at, fields in ((ride * day, {"confidence": 0.9}), (ride * day + 20, {"phase": "end"}))
    ]
    feed = as_it_arrived(said)

    found = cases_of(ebike, wishes(ebike, feed), {}, moment(START + day * SECOND))

    assert [case.rule for case in found] == ["repeated"]
    assert reach(ebike) == timedelta(days=7)


def test_past_the_storm_guard_one_summary_case_is_left() -> None:
    guard = replace(SMOKE.guard, per_hour=2)
    stormy = replace(SMOKE, guard=guard)
    said = [
        Said(
            a_signal("smoke.alarm", {"alarm": True}, "d1", START + n * SECOND, UUID(int=n))._replace(
                place=f"/310110/kj/c07/n021/b{n:02}/u1/s1/", device_id=f"s{n}"
            ),
            0,
        )
        for n in range(1, 10)
    ]

    found = cases(stormy, as_it_arrived(said))

    assert [case.rule for case in found] == ["single", "single", "storm"]


@pytest.mark.parametrize(
    ("ending", "outcome", "alarm"),
    [
        ("solved", "true", True),
        ("solved", "solved", True),
        ("untrue", "false", False),
        ("untrue", None, False),
        ("explained", "test", None),
        ("solved", None, None),
        (None, None, None),
    ],
)
def test_what_people_found_says_whether_an_alarm_was_true(
    ending: str | None, outcome: str | None, alarm: bool | None
) -> None:
    assert alarm_of(ending, outcome) is alarm


def test_a_case_that_covers_ours_keeps_it_from_being_opened() -> None:
    muted = changed(
        "corridor-smoke",
        "case:\n  dedupe: place.unit",
        "case:\n  correlate: [{with: power-outage, by: place.building, as: mute}]\n  dedupe: place.unit",
    )
    feed = as_it_arrived(smoke((0, True), (20, False), (20_000, True)))
    outage = replace(
        a_real_case(-600, 900, alarm=True, key="power-outage/main/310110/kj/c07/n021/b03/"),
        place="/310110/kj/c07/n021/b03/",
    )

    found = cases_of(muted, wishes(muted, feed), {}, moment(0), others=[outage])

    assert [case.opened_at for case in found] == [START + 20_000 * SECOND]
    assert len(cases_of(SMOKE, wishes(SMOKE, feed), {}, moment(0), others=[outage])) == 2


def test_what_falls_due_counts_from_its_own_moment_however_long_nothing_comes() -> None:
    held = [
        Said(
            a_signal(
                "elevator.ebike", {"confidence": 0.9, "in_doorway": True}, "d1", START + at * SECOND, UUID(int=at)
            ),
            0,
        )
        for at in (1, 61, 5 * 3600, 5 * 3600 + 60)
    ]
    ebike = RULESETS["ebike-in-elevator"]

    first, second = (wish for wish in wishes(ebike, as_it_arrived(held)) if wish.rule is not None)

    assert START + 71 * SECOND < first.at < START + 72 * SECOND  # held for a minute, and `late` waited for
    assert second.at > START + 5 * 3600 * SECOND
    assert len(cases(ebike, as_it_arrived(held))) == 2
