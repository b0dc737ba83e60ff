"""What lint proves is so: held against the plain evaluator over generated rules."""

from pathlib import Path

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.catalogue import load_catalogue
from rules.compiled import Compiled
from rules.evaluate import hits_of
from rules.lint import lint, lint_folder
from rules.lint.facts import Possible
from rules.load import from_texts, load_folder
from rules.problems import Problem

FOLDER = Path(__file__).parents[3] / "rulesets"
CATALOGUE = load_catalogue(FOLDER / "catalogue.csv")
TEMPLATE = "{% block title %}{{ place }}{% endblock %}{% block text %}{{ report.text }}{% endblock %}"
HEAD = """
ruleset: heard
title: 听到的
lead: property
hours:
  night: {from: "22:00", to: "06:00"}
signals:
  report:
    type: report
    fields: {text: string, kind: string, sure: number, alone: boolean}
  door:
    type: door.contact
    fields: {open: boolean}
perceive:
  told: {once: true, enter: {report.sure: {gte: 0.5}}}
  opened: {enter: {door.open: {eq: true}}, exit: {door.open: {eq: false}}}
facts:
  told_7d: {count: told, within: 7d, by: place}
  hour: {hour: began}
"""
CASE = "case: {dedupe: place}\nstorm: {per_hour: 9}\n"
THEN = "{category: flooding, priority: high, tier: committee, handler: property}"


def heard(*conditions: str, then: str = THEN) -> Compiled:
    rules = "".join(f"  - {{id: r{n}, if: {condition}, then: {then}}}\n" for n, condition in enumerate(conditions))
    return from_texts("heard", f"{HEAD}classify:\n{rules}{CASE}", TEMPLATE, CATALOGUE)


def found(compiled: Compiled, code: str) -> list[Problem]:
    return [problem for problem in lint(compiled) if problem.code == code]


WORDS = ["火", "火灾", "火灾报警", "水", "积水"]
NUMBERS = st.sampled_from([0, 1, 2, 3])
COMPARISONS = st.one_of(
    st.sampled_from(["{told: {is: began}}", "{opened: {is: began}}", "{hours.night: {eq: true}}"]),
    st.builds("{{told_7d: {{{}: {}}}}}".format, st.sampled_from(["gt", "gte", "lt", "lte", "eq", "ne"]), NUMBERS),
    st.builds("{{hour: {{{}: {}}}}}".format, st.sampled_from(["gte", "lt"]), st.sampled_from([0, 6, 12, 22, 23])),
    st.builds("{{report.sure: {{{}: {}}}}}".format, st.sampled_from(["gt", "gte", "lt"]), st.sampled_from([0.3, 0.5])),
    st.builds("{{report.kind: {{{}: {}}}}}".format, st.sampled_from(["eq", "ne"]), st.sampled_from(["lift", "street"])),
    st.builds("{{report.alone: {{eq: {}}}}}".format, st.sampled_from(["true", "false"])),
    st.builds(
        "{{report.text: {{{}: [{}]}}}}".format,
        st.sampled_from(["contains_any", "contains_all"]),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True).map(", ".join),
    ),
)
CONDITIONS = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds("{{not: {}}}".format, inner),
        st.builds(
            "{{{}: [{}]}}".format,
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3).map(", ".join),
        ),
    ),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=5))
def test_a_rule_is_reached_just_where_lint_does_not_say_otherwise(conditions: list[str]) -> None:
    compiled = heard(*conditions)
    problems = lint(compiled)
    lost = {problem.field.split(".")[1] for problem in problems if problem.code == "unreachable"}
    possible = Possible(compiled)
    left = possible.solver()
    for index, rule in enumerate(compiled.rules):
        facts = possible.example(left, possible.holds(rule.condition))
        assert (facts is None) == (str(index) in lost)
        if facts is not None:
            assert hits_of([(r.id, r.condition) for r in compiled.rules if r.condition], facts)[0] == rule.id
        left.add(possible.not_(possible.holds(rule.condition)))
    assert (possible.example(left) is None) != ("gap" in {problem.code for problem in problems})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(CONDITIONS, min_size=2, max_size=4),
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.sampled_from([0.5, 0.6]),
    st.sampled_from([None, "lift", "street", "else"]),
    st.sampled_from([None, True, False]),
    st.integers(1, 4),
    st.integers(0, 23),
)
def test_what_is_said_to_be_unreachable_never_decides(
    conditions: list[str], words: list[str], sure: float, kind: str | None, alone: bool | None, told: int, hour: int
) -> None:
    compiled = heard(*conditions)
    lost = {f"r{problem.field.split('.')[1]}" for problem in found(compiled, "unreachable")}
    said = {"report.text": "。".join(words), "report.sure": sure, "report.kind": kind, "report.alone": alone}
    facts = {name: value for name, value in said.items() if value is not None}
    facts |= {"told": "began", "told_7d": told, "hour": hour, "hours.night": hour >= 22 or hour < 6}
    hits = hits_of([(rule.id, rule.condition) for rule in compiled.rules if rule.condition], facts)
    assert not hits or hits[0] not in lost


@pytest.mark.parametrize(
    "conditions",
    [
        ["{report.text: {contains_any: [火]}}", "{report.text: {contains_all: [火灾, 水]}}"],
        ["{hour: {gte: 22}}", "{hour: {lt: 6}}", "{hours.night: {eq: true}}"],
        ["{told_7d: {gte: 1}}", "{told: {is: began}}"],
        ["{told: {is: began}}", "{report.alone: {eq: true}}"],
        ["{report.sure: {gte: 0.5}}", "{told: {is: began}}"],
        ["{report.kind: {in: [lift, street]}}", "{report.kind: {eq: lift}}"],
        ["{opened: {is: began}}", "{door.open: {eq: true}}"],
        ["{told: {is: began}}", "{opened: {is: began}}", "{told_7d: {gte: 0}}"],
    ],
)
def test_what_is_known_of_facts_is_used(conditions: list[str]) -> None:
    assert [problem.field for problem in found(heard(*conditions), "unreachable")] == [
        f"classify.{len(conditions) - 1}.if"
    ]


@pytest.mark.parametrize(
    "conditions",
    [
        ["{report.text: {contains_any: [火灾]}}", "{report.text: {contains_any: [火]}}"],
        ["{report.text: {contains_any: [火灾]}}", "{report.text: {mentions_any: [火]}}"],
        ["{report.sure: {lt: 0.6}}", "{told: {is: began}}"],
        ["{report.alone: {eq: true}}", "{not: {report.alone: {eq: true}}}", "{told: {is: began}}"],
        ["{told_7d: {gte: 1}}", "{opened: {is: began}}"],
    ],
)
def test_what_can_be_is_not_called_unreachable(conditions: list[str]) -> None:
    assert found(heard(*conditions), "unreachable") == []


def test_a_gap_is_shown_by_an_example_in_the_authors_words() -> None:
    (gap,) = found(heard("{opened: {is: began}}", "{told_7d: {gte: 2}}"), "gap")
    assert "told_7d = 1" in gap.reason


def test_rules_that_see_to_everything_leave_no_gap() -> None:
    assert found(heard("{opened: {is: began}}", "{told_7d: {gte: 2}}", "{told_7d: {lte: 1}}"), "gap") == []


def test_a_row_of_a_table_that_is_never_reached_is_named_by_its_cells() -> None:
    table = f"""classify:
  columns: [told_7d, report.kind]
  rows:
    - {{id: many, when: [{{gte: 2}}, any], then: {THEN}}}
    - {{id: many-in-a-lift, when: [{{gte: 3}}, lift], then: {THEN}}}
    - {{id: rest, when: [any, any], then: none}}
"""
    compiled = from_texts("heard", f"{HEAD}{table}{CASE}", TEMPLATE, CATALOGUE)
    assert [problem.field for problem in found(compiled, "unreachable")] == ["classify.rows.1.when"]


def test_the_longest_ruleset_is_checked_while_one_types(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    check = z3.Solver.check

    def counted(solver: z3.Solver, *formulas: z3.BoolRef) -> z3.CheckSatResult:
        answers.append(check(solver, *formulas))
        return answers[-1]

    monkeypatch.setattr(z3.Solver, "check", counted)
    lint_folder(FOLDER / "citizen-report")
    rules = len(load_folder(FOLDER / "citizen-report").rules)
    assert 0 < len(answers) < 2 * rules, "a question for each pair of rules would keep the author waiting"
    assert z3.unknown not in answers


@pytest.mark.parametrize(
    ("fact", "carried"),
    [
        ("{latest: report.text, within: 3h, by: place.building}", True),
        ("{latest: report.kind, within: 3h, by: place.district}", True),
        ("{latest: report.sure, within: 3h, by: place.building}", False),  # a number is no words
        ("{latest: report.alone, within: 3h, by: place.building}", False),
        ("{latest: door.open, within: 3h, by: place.building}", False),
    ],
)
def test_what_a_resident_wrote_is_not_carried_into_another_case(fact: str, carried: bool) -> None:
    facts = HEAD.replace("  hour: {hour: began}", f"  hour: {{hour: began}}\n  last: {fact}")
    rules = f"  - {{id: r0, then: {THEN}}}\n"
    compiled = from_texts("heard", f"{facts}classify:\n{rules}{CASE}", TEMPLATE, CATALOGUE)
    assert [problem.field for problem in found(compiled, "residents-words")] == ["facts.last.latest"] * carried


def test_a_text_that_is_searched_is_somebodys_words_whoever_sends_it() -> None:
    hotline = HEAD.replace("type: report", "type: hotline.call").replace(
        "{report.sure: {gte: 0.5}}", "{report.text: {contains_any: [火]}}"
    )
    facts = hotline.replace("  hour: {hour: began}", "  last: {latest: report.text, within: 3h, by: place.building}")
    compiled = from_texts("heard", f"{facts}classify:\n  - {{id: r0, then: {THEN}}}\n{CASE}", TEMPLATE, CATALOGUE)
    assert len(found(compiled, "residents-words")) == 1
