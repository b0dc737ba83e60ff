"""Small changes of a ruleset: those that no test notices are told, those that change nothing are not."""

from pathlib import Path
from shutil import copytree

import pytest
from authors import CATALOGUE, TEMPLATE

from rules.coverage import coverage
from rules.load import from_texts, load_folder
from rules.mutants import Kind, mutants_of
from rules.mutate import mutate, mutate_compiled
from rules.testing import run_tests

FOLDER = Path(__file__).parents[2] / "rulesets"
SHIPPED = [path.parent.name for path in sorted(FOLDER.glob("*/ruleset.yaml"))]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(copytree(FOLDER / "water-leak-burst", tmp_path / "water-leak-burst"))


def without_test(folder: Path, name: str) -> None:
    path = folder / "ruleset.yaml"
    text = path.read_text(encoding="utf-8")
    begins = text.index(f"  - name: {name}\n")
    ends = text.find("  - name:", begins + 1)
    path.write_text(text[:begins] + (text[ends:] if ends > 0 else ""), encoding="utf-8")


@pytest.mark.parametrize("name", SHIPPED)
def test_no_moved_threshold_of_what_ships_goes_unnoticed(name: str) -> None:
    assert mutate(FOLDER / name, only=Kind.THRESHOLD).survivors == ()


def test_a_moved_threshold_that_no_test_notices_is_told_with_its_line(copied: Path) -> None:
    without_test(copied, "five centimetres are a case")
    line = 1 + (copied / "ruleset.yaml").read_text(encoding="utf-8").splitlines().index(
        "    enter: {water.water_depth: {gte: 5}}"
    )
    assert [survivor.kind for survivor in mutate(copied).survivors if survivor.line == line] == [Kind.OPERATOR]
    without_test(copied, "less than five centimetres are none")
    kinds = [(survivor.kind, survivor.words) for survivor in mutate(copied).survivors]
    assert (Kind.THRESHOLD, "水深 ≥ 5 改成 4") in kinds


def test_several_processes_find_the_same(copied: Path) -> None:
    for name in ("five centimetres are a case", "less than five centimetres are none", "water that rises"):
        without_test(copied, name)
    assert mutate(copied, processes=2) == mutate(copied)


def test_a_change_that_changes_nothing_is_no_survivor() -> None:
    compiled = load_folder(FOLDER / "corridor-smoke")
    needless = [m for m in mutants_of(compiled) if m.kind is Kind.COMPARISON and "烟感报警 开始" in m.words]
    tried = mutate(FOLDER / "corridor-smoke")
    assert tried.equivalent == len(needless) == 2  # there is but one detection: that it began is known
    assert tried.survivors == ()


def test_each_kind_of_change_is_tried() -> None:
    mutants = list(mutants_of(load_folder(FOLDER / "ebike-in-elevator")))
    said = {mutant.words for mutant in mutants}
    assert {mutant.kind for mutant in mutants} == set(Kind)
    assert "置信度 ≥ 0.8 改成 0.81" in said
    assert "置信度 ≥ 0.8 改成 0.64" in said
    assert "置信度 ≥ 0.8 改成 置信度 > 0.8" in said
    assert "本楼栋七日内乘梯次数 ≥ 3 改成 4" in said
    assert "for 60s 改成 48s" in said
    assert "silent 2m 改成 2m24s" in said
    assert "any 改成 all" in said
    assert "去掉「停在轿厢门口 = 是」" in said


def test_what_tests_reach_is_told_by_rule_and_by_comparison(copied: Path) -> None:
    compiled = load_folder(copied)
    whole = coverage(compiled, run_tests(compiled))
    assert (whole.unhit, whole.unmissed, whole.one_sided) == ((), (), ())
    text = (copied / "ruleset.yaml").read_text(encoding="utf-8")
    (copied / "ruleset.yaml").write_text(text[: text.index("  - name: water that rises")], encoding="utf-8")
    compiled = load_folder(copied)
    less = coverage(compiled, run_tests(compiled))
    assert less.unhit == ("deep", "rising", "pump")
    sides = {(seen.words, seen.true, seen.false) for seen in less.one_sided}
    assert {("水深 ≥ 20", False, True), ("水深 < 10", True, False), ("深积水 开始", False, True)} <= sides


CELLAR = """
ruleset: cellar
title: 地下室积水
lead: property
signals: {water: {type: water.level, fields: {depth: number}}}
perceive: {flooded: {enter: {water.depth: {gte: 5}}, exit: {water.depth: {lt: 2}}}}
classify: [{id: wet, then: {category: flooding, priority: high, tier: committee, handler: property}}]
case:
  dedupe: place
  after_close: reopen
  reopen_within: 10d
  correlate: [{with: power-outage, by: place.building, as: mute}]
storm: {per_hour: 3}
tests: []
"""


def test_what_covers_what_is_taken_up_again_and_where_a_storm_begins_is_changed_too() -> None:
    mutants = mutants_of(from_texts("cellar", CELLAR, TEMPLATE, CATALOGUE))
    assert [(m.kind.value, m.words) for m in mutants if m.path[0] in {"case", "storm"}] == [
        ("comparison", "去掉「mute power-outage」"),
        ("operator", "mute power-outage 改成 join"),
        ("operator", "power-outage 的 by place.building 改成 place.unit"),
        ("operator", "power-outage 的 by place.building 改成 place.community"),
        ("duration", "reopen_within 10d 改成 8d"),
        ("duration", "reopen_within 10d 改成 12d"),
        ("operator", "after_close reopen 改成 new"),
        ("threshold", "per_hour 3 改成 2"),
        ("threshold", "per_hour 3 改成 4"),
    ]


def test_where_a_closed_case_is_never_taken_up_again_the_time_for_it_is_left_alone() -> None:
    text = CELLAR.replace("after_close: reopen", "after_close: new")
    mutants = mutants_of(from_texts("cellar", text, TEMPLATE, CATALOGUE))
    assert not [m for m in mutants if m.path[-1] in {"reopen_within", "after_close"}]


def test_a_changed_correlation_or_storm_that_no_test_notices_is_a_survivor() -> None:
    compiled = from_texts("cellar", CELLAR, TEMPLATE, CATALOGUE)
    lines = {survivor.line for survivor in mutate_compiled(compiled, CATALOGUE).survivors}
    assert {CELLAR[: CELLAR.index(word)].count("\n") + 1 for word in ("reopen_within", "correlate", "storm")} <= lines


CORRELATING = [name for name in SHIPPED if "correlate" in (FOLDER / name / "ruleset.yaml").read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", CORRELATING)
def test_no_change_of_what_covers_what_in_what_ships_goes_unnoticed(name: str) -> None:
    assert not [survivor for survivor in mutate(FOLDER / name).survivors if "correlate" in survivor.field]


def test_words_about_cases_that_no_test_uses_are_told_with_their_line() -> None:
    compiled = from_texts("cellar", CELLAR, TEMPLATE, CATALOGUE)
    told = {each.words: each.line for each in coverage(compiled, run_tests(compiled)).unreached}
    assert told == {"mute power-outage": 12, "after_close reopen": 10, "storm 3": 13}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_has_a_test_for_each_word_about_cases(name: str) -> None:
    compiled = load_folder(FOLDER / name)
    assert coverage(compiled, run_tests(compiled)).unreached == ()
