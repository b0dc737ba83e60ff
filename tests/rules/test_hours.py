"""Times of day in conditions: by the ruleset's zone, and by the days that people work on."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from authors import FOLDER, HOUR, TEMPLATE, WORKING_DAYS, a_ruleset, said, written

from rules.classify import classify, plain_hits
from rules.compile import SHANGHAI
from rules.compiled import Compiled
from rules.load import load_folder
from rules.perceiver import Perceiver
from rules.problems import RulesetInvalid
from rules.views import micros, moment

NOISE = """
hours:
  night: {from: "22:00", to: "06:00", label: 夜间}
  school: {from: "08:00", to: "16:00", days: working}
  rest: {from: "09:00", to: "12:00", days: rest}
  weeknight: {from: "22:00", to: "06:00", days: working}
signals:
  noise: {type: noise, fields: {level: number}}
perceive:
  loud:
    enter: {all: [{noise.level: {gte: 60}}, {hours.NAME: {eq: true}}]}
    exit: {any: [{noise.level: {lt: 55}}, {hours.NAME: {eq: false}}]}
"""


def at(local: str) -> int:
    return micros(datetime.fromisoformat(local).replace(tzinfo=SHANGHAI))


def begins(name: str, local: str) -> bool:
    compiled = a_ruleset(NOISE.replace("NAME", name), calendar=WORKING_DAYS)
    return bool(Perceiver([compiled]).see(said("noise", {"level": 70}, at(local)), moment(at(local))))


@pytest.mark.parametrize(
    ("local", "held"),
    [("2026-03-02 21:59", False), ("2026-03-02 22:00", True), ("2026-03-03 05:59", True), ("2026-03-03 06:00", False)],
)
def test_night_goes_past_midnight(local: str, held: bool) -> None:
    assert begins("night", local) is held


@pytest.mark.parametrize(
    ("local", "held"),
    [
        ("2026-03-02 09:00", True),  # a Monday
        ("2026-03-07 09:00", False),  # a Saturday
        ("2026-05-01 09:00", False),  # a holiday, on a Friday
        ("2026-05-09 09:00", True),  # a Saturday that makes up for it
        ("2026-03-02 16:00", False),
    ],
)
def test_working_days_are_those_of_the_calendar(local: str, held: bool) -> None:
    assert begins("school", local) is held


def test_days_of_rest_are_the_others() -> None:
    assert begins("rest", "2026-03-07 09:00")
    assert not begins("rest", "2026-03-02 09:00")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    assert begins("weeknight", "2026-03-07 01:00")  # Friday's night
    assert not begins("weeknight", "2026-03-09 01:00")  # Sunday's


def test_what_goes_on_ends_with_the_hours_at_the_next_signal() -> None:
    perceiver = Perceiver([a_ruleset(NOISE.replace("NAME", "night"))])
    changes = []
    for hour in (0, 4, 8, 9):
        now = at("2026-03-02 22:00") + hour * HOUR * 1_000_000
        changes += [d.change.value for d in perceiver.see(said("noise", {"level": 70}, now), moment(now))]
    assert changes == ["began", "ended"]


def decided(compiled: Compiled, local: str) -> str | None:
    (began,) = Perceiver([compiled]).see(said("noise", {"level": 70}, at(local)), moment(at(local)))
    decision = classify(compiled, began, plain_hits(compiled, began.facts))
    return decision.matter.title if decision.matter else decision.rule


def test_rules_and_templates_read_the_hours_too() -> None:
    compiled = a_ruleset(
        NOISE.replace("{hours.NAME: {eq: true}}", "{noise.level: {lt: 99}}").replace(
            "{hours.NAME: {eq: false}}", "{noise.level: {lt: 10}}"
        ),
        classify="[{id: quiet, if: {hours.night: {eq: true}}, then: {category: lift-ebike, priority: normal, "
        "tier: committee, handler: property}}, {id: day, then: none}]",
        template="{% block title %}{% if hours.night %}夜间{% endif %}{{ ruleset }}{% endblock %}"
        "{% block text %}{% endblock %}",
    )
    assert decided(compiled, "2026-03-02 23:00") == "夜间试验"
    assert decided(compiled, "2026-03-02 12:00") == "day"


def test_a_time_of_day_that_has_no_name_is_named_with_the_nearest() -> None:
    with pytest.raises(RulesetInvalid, match=r"hours\.nigt.*是不是要写“hours\.night”"):
        a_ruleset(NOISE.replace("NAME", "nigt"))


def test_a_time_of_day_alone_says_nothing() -> None:
    alone = NOISE.replace("{all: [{noise.level: {gte: 60}}, {hours.NAME: {eq: true}}]}", "{hours.night: {eq: true}}")
    with pytest.raises(RulesetInvalid, match="没有读任何信息"):
        a_ruleset(alone.replace("exit: {any: [{noise.level: {lt: 55}}, {hours.NAME: {eq: false}}]}", "once: true"))


def test_a_folder_that_was_copied_alone_finds_catalogue_and_calendar(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "corridor-smoke", tmp_path / "corridor-smoke")
    assert load_folder(tmp_path / "corridor-smoke").hash == load_folder(FOLDER / "corridor-smoke").hash


def test_the_calendar_beside_a_ruleset_goes_before_ours(tmp_path: Path) -> None:
    folder = tmp_path / "written"
    folder.mkdir()
    (folder / "ruleset.yaml").write_text(written(NOISE.replace("NAME", "school")), encoding="utf-8")
    (folder / "template.zh.j2").write_text(TEMPLATE, encoding="utf-8")
    assert load_folder(folder).times_of_day["hours.school"].holds(at("2026-03-02 09:00"))
    (tmp_path / "calendars").mkdir()
    own = (FOLDER / "calendars" / "cn-working-days.yaml").read_text(encoding="utf-8")
    given = own.replace("- 2026-01-01/2026-01-03", "- 2026-03-02")
    (tmp_path / "calendars" / "own.yaml").write_text(given, encoding="utf-8")
    assert not load_folder(folder).times_of_day["hours.school"].holds(at("2026-03-02 09:00"))
