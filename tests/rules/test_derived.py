"""Numbers made of what was said before: rate, average, highest, what is usual at this hour."""

import pytest
from authors import DAY, HOUR, MINUTE, a_ruleset, said
from feeds import SECOND, START

from rules.compiled import Compiled
from rules.derived import FEWEST_DAYS, SLOTS
from rules.detections import Detection
from rules.perceiver import Perceiver
from rules.problems import RulesetInvalid
from rules.views import moment

RIVER = """
signals:
  river:
    type: level
    late: 10s
    fields: {level: number}
    derive: {rising: {DERIVE}}
perceive:
  high: {enter: {river.rising: {gte: 5}}, exit: {river.rising: {lt: 2}}}
"""
RATE = "rate: level, over: 10m"
AVERAGE = "average: level, over: 10m"
HIGHEST = "highest: level, over: 10m"
USUAL = "baseline: level, days: 14"


def river(derive: str, at_least: float = 5) -> Compiled:
    return a_ruleset(RIVER.replace("DERIVE", derive).replace("gte: 5", f"gte: {at_least}"))


def heard(compiled: Compiled, *levels: tuple[float, float], late: float = 0) -> list[tuple[float, Detection]]:
    """What begins or ends when `levels` are said, each (second, level), arriving `late` seconds after."""
    perceiver = Perceiver([compiled])
    found: list[tuple[float, Detection]] = []
    for second, level in levels:
        at = START + int(second * SECOND)
        found += [
            (second, d) for d in perceiver.see(said("level", {"level": level}, at), moment(at + int(late * SECOND)))
        ]
    while due := perceiver.next_due():
        found += [(-1.0, d) for d in perceiver.tick(due)]
    return found


def numbers(compiled: Compiled, *levels: tuple[float, float]) -> list[float]:
    """What was derived wherever something began."""
    return [float(d.facts["river.rising"]) for _, d in heard(compiled, *levels) if d.facts]


def test_a_rate_is_how_much_it_rose_per_minute() -> None:
    assert numbers(river(RATE), (0, 10), (5 * MINUTE, 60)) == [10.0]


def test_a_rate_may_be_asked_per_hour() -> None:
    assert numbers(river(f"{RATE}, per: 1h"), (0, 10), (10 * MINUTE, 12)) == [12.0]


def test_two_readings_in_a_moment_are_too_little_for_a_rate() -> None:
    assert numbers(river(RATE), (0, 10), (MINUTE, 300)) == []


def test_what_is_older_than_asked_for_no_longer_counts() -> None:
    assert numbers(river(RATE), (0, 0), (10 * MINUTE, 100), (20 * MINUTE + 1, 101)) == [10.0]


def test_an_average_is_over_all_that_was_said_in_time() -> None:
    assert numbers(river(AVERAGE), (0, 2), (5 * MINUTE, 8)) == [5.0]
    assert numbers(river(AVERAGE), (0, 2), (MINUTE, 8)) == []


def test_the_highest_counts_from_the_first_on() -> None:
    assert numbers(river(HIGHEST), (0, 7)) == [7.0]


def test_the_highest_is_forgotten_in_time() -> None:
    changes = [d.change.value for _, d in heard(river(HIGHEST), (0, 7), (MINUTE, 1), (11 * MINUTE, 1))]
    assert changes == ["began", "ended"]


def test_what_is_usual_takes_some_days_to_know() -> None:
    days = [(number * DAY, 10.0) for number in range(FEWEST_DAYS)]
    assert numbers(river(USUAL, at_least=3), *days[:-1], (FEWEST_DAYS * DAY, 40.0)) == []
    assert numbers(river(USUAL, at_least=3), *days, (FEWEST_DAYS * DAY, 40.0)) == [4.0]


def test_each_hour_has_its_own_usual() -> None:
    nights = [(number * DAY, 10.0) for number in range(FEWEST_DAYS)]
    noons = [(number * DAY + 12 * HOUR, 100.0) for number in range(FEWEST_DAYS)]
    last = FEWEST_DAYS * DAY
    assert numbers(river(USUAL, at_least=3), *sorted(nights + noons), (last, 40.0), (last + 12 * HOUR, 120.0)) == [4.0]


def test_what_was_usual_long_ago_is_forgotten() -> None:
    days = [(number * DAY, 10.0) for number in range(FEWEST_DAYS)]
    assert numbers(river(USUAL, at_least=3), *days, ((FEWEST_DAYS + 14) * DAY, 40.0)) == []


def test_it_is_told_after_what_may_still_come() -> None:
    compiled = river(HIGHEST)
    perceiver = Perceiver([compiled])
    assert perceiver.see(said("level", {"level": 7}, START), moment(START)) == ()
    assert perceiver.tick(moment(START + 10 * SECOND)) == ()
    (began,) = perceiver.tick(moment(START + 11 * SECOND))
    assert (began.since, began.received_at) == (moment(START), moment(START))


def test_what_comes_too_late_is_judged_without() -> None:
    assert heard(river(HIGHEST), (0, 7), late=11) == []


def test_a_restart_forgets_nothing() -> None:
    compiled = river(RATE)
    perceiver = Perceiver([compiled])
    rows: dict[str, tuple[object, object]] = {}
    for second, level in ((0, 10), (5 * MINUTE, 60)):
        at = START + second * SECOND
        perceiver.see(said("level", {"level": level}, at), moment(at))
        rows |= {key: (row.state, row.due_at) for key, row in perceiver.drain().items() if row}
        perceiver = Perceiver([compiled], [(key, *row) for key, row in rows.items()])  # type: ignore[misc]
    (began,) = perceiver.tick(moment(START + HOUR * SECOND))
    assert began.facts["river.rising"] == 10.0


def test_what_is_remembered_of_a_chatty_device_is_bounded() -> None:
    perceiver = Perceiver([river(AVERAGE)])
    for second in range(2 * 600):
        at = START + second * SECOND
        perceiver.see(said("level", {"level": second % 7}, at), moment(at))
    (state,) = [row.state for key, row in perceiver.drain().items() if "/-order/" in key and row]
    assert len(state["wait"]) <= 12
    assert all(len(samples) <= SLOTS + 1 for samples in state["series"].values())


def test_a_number_is_made_of_a_number() -> None:
    with pytest.raises(RulesetInvalid, match=r"derive\.rising\.rate: 没有“levle”这个数字字段（是不是要写“level”"):
        river(RATE.replace("level", "levle"))


def test_what_is_derived_is_no_second_field_of_that_name() -> None:
    with pytest.raises(RulesetInvalid, match="已经有字段叫“level”"):
        a_ruleset(RIVER.replace("rising", "level").replace("DERIVE", RATE))


@pytest.mark.parametrize("derive", [AVERAGE, HIGHEST])
def test_an_average_has_the_unit_of_what_it_is_of(derive: str) -> None:
    river = RIVER.replace("DERIVE", derive).replace("level: number", "level: {type: number, unit: cm}")
    assert a_ruleset(river.replace("gte: 5", 'gte: "5 cm"'))
    with pytest.raises(RulesetInvalid, match=r"的单位是 m，river\.rising 的单位是 cm"):
        a_ruleset(river.replace("gte: 5", 'gte: "5 m"'))
