"""What an author is told: file, line, field, reason, and the nearest name that exists."""

from pathlib import Path

import pytest

from rules.catalogue import load_catalogue
from rules.compiled import Compiled
from rules.lint import lint
from rules.load import from_texts
from rules.problems import Problem, RulesetInvalid

FOLDER = Path(__file__).parents[2] / "rulesets"
CATALOGUE = load_catalogue(FOLDER / "catalogue.csv")
YAML = (FOLDER / "ebike-in-elevator" / "ruleset.yaml").read_text()
TEMPLATE = (FOLDER / "ebike-in-elevator" / "template.zh.j2").read_text()


def with_(old: str, new: str, template: str = TEMPLATE) -> Compiled:
    assert old in YAML
    return from_texts("ebike-in-elevator", YAML.replace(old, new, 1), template, CATALOGUE)


def refused(old: str, new: str, template: str = TEMPLATE) -> Problem:
    with pytest.raises(RulesetInvalid) as caught:
        with_(old, new, template)
    return caught.value.problems[0]


def found(old: str, new: str) -> set[str]:
    return {problem.code for problem in lint(with_(old, new))}


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(YAML.splitlines(), 1) if text in line)


def test_what_ships_is_clean() -> None:
    assert lint(with_("ruleset:", "ruleset:")) == ()


def test_a_misspelt_field_is_named_with_file_line_and_the_nearest_name() -> None:
    problem = refused("enter: {ebike.confidence", "enter: {ebike.confidnce")
    assert problem.file == "ebike-in-elevator/ruleset.yaml"
    assert problem.line == line_of("enter: {ebike.confidence")
    assert problem.field == "perceive.riding.enter.ebike.confidnce"
    assert "“ebike.confidence”" in problem.fix


@pytest.mark.parametrize(
    ("old", "new", "field", "said"),
    [
        ("  verify: never", "  verifi: never", "case.verifi", "“verify”"),
        ("rides_7d: {gte: 3}", "rides_7: {gte: 3}", "classify.1.if.all.1.rides_7", "“rides_7d”"),
        ("{gte: 3}", "{gte: three}", "classify.1.if.all.1.rides_7d.gte", "应为数字"),
        ("{gte: 3}", "{gte: null}", "classify.1.if.all.1.rides_7d.gte", "应为数字"),
        ("{gte: 3}", "{gtx: 3}", "classify.1.if.all.1.rides_7d.gtx", "“gt”"),
        ("category: lift-ebike,", "category: lift-ebik,", "classify.0.then.category", "“lift-ebike”"),
        ("count: riding", "count: ridding", "facts.rides_7d.count", "“riding”"),
        ("late: 10s", "late: ten", "signals.ebike.late", "15m"),
        ("priority: normal, tier", "priority: norml, tier", "classify.0.then.priority", "“normal”"),
        ("at: 80%", "at: 80", "case.escalate.0.at", "80%"),
    ],
)
def test_each_fault_names_its_field_and_what_was_expected(old: str, new: str, field: str, said: str) -> None:
    problem = refused(old, new)
    assert problem.field == field
    assert said in problem.reason + problem.fix


def test_a_ruleset_may_not_ask_less_than_its_category() -> None:
    assert refused("evidence: {handle: [photo_after]}", "evidence: {handle: [note]}").field == "case.evidence.handle"
    assert refused("sla: {overall: 4h", "sla: {overall: 5h").field == "case.sla.overall"
    assert refused("  reopen_within: 3d\n", "  reopen_within: 1d\n").field == "case.reopen_within"


def test_a_stage_may_not_take_longer_than_the_whole() -> None:
    assert refused("handle: 2h", "handle: 6h").field == "case.sla.handle"


def test_a_limit_of_no_time_is_no_limit() -> None:
    assert refused("handle: 2h", "handle: 0s").field == "case.sla.handle"
    assert refused("sla: {overall: 4h", "sla: {overall: 0s").field == "case.sla.overall"


def test_an_unknown_variable_of_the_template_is_found() -> None:
    problem = refused("ruleset:", "ruleset:", TEMPLATE.replace("facts.rides_7d }}", "facts.rides_7days }}"))
    assert (problem.file, problem.field) == ("template.zh.j2", "facts.rides_7days")
    assert "“facts.rides_7d”" in problem.fix


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("  - {id: counted, label: 仅计数, then: none}\n", "", "gap"),
        ("  - id: blocked\n", "  - {id: always, then: none}\n  - id: blocked\n", "unreachable"),
        ("by: place.building", "by: place.committee", "key-too-wide"),
        ("key: device", "key: place.district", "key-too-wide"),
        ("for: 60s", "for: 5s", "too-short"),
        ("{blocking: {is: began}}", "{all: [{blocking: {is: began}}, {riding: {is: began}}]}", "unreachable"),
        (
            "expect: {cases: 1, rule: blocked, handler: property",
            "expect: {cases: 2, rule: blocked, handler: property",
            "test-fails",
        ),
        ("close: auto_when_inspected", "close: auto_when_cleared", "closes-too-much"),
    ],
)
def test_what_can_be_proven_is(old: str, new: str, code: str) -> None:
    assert code in found(old, new)


REPORTS = (FOLDER / "citizen-report" / "ruleset.yaml").read_text()
REPORTS_TEMPLATE = (FOLDER / "citizen-report" / "template.zh.j2").read_text()
GREENING = "{report.text: {contains_any: [绿化, 毁绿, 草坪, 树木, 修剪, 遮光]}}"


def of_reports(old: str, new: str) -> Compiled:
    assert old in REPORTS
    return from_texts("citizen-report", REPORTS.replace(old, new, 1), REPORTS_TEMPLATE, CATALOGUE)


@pytest.mark.parametrize(
    "condition",
    [
        "{report.text: {contains_any: [偷倒, 渣土车]}}",
        "{report.text: {contains_all: [夜里, 乱倒]}}",
        "{all: [{report.text: {contains_any: [乱倒]}}, {report.place_kind: {eq: street}}]}",
    ],
)
def test_a_rule_whose_keywords_all_hit_an_earlier_one_is_never_reached(condition: str) -> None:
    findings = [problem for problem in lint(of_reports(GREENING, condition)) if problem.code == "unreachable"]
    assert len(findings) == 1
    assert findings[0].reason.startswith("规则“绿化”成立时，前面的“偷倒垃圾”已经成立，例如：")


def test_keywords_may_overlap() -> None:
    several = "{report.text: {contains_any: [乱倒, 绿化]}}"
    assert not [problem for problem in lint(of_reports(GREENING, several)) if problem.code == "unreachable"]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("{contains_any: [小广告, 乱张贴, 乱涂, 牛皮癣]}", "{contains_any: 小广告}", "contains_any"),
        ("{contains_any: [小广告, 乱张贴, 乱涂, 牛皮癣]}", "{contains_any: ['  ']}", "contains_any"),
        ("{hour: {gte: 22}}", "{hour: {contains_any: [夜]}}", "contains_any"),
        ("once: true\n    enter: {report.phase", "enter: {report.phase", "reported"),
        ("once: true\n    enter: {report.phase", "once: true\n    for: 1m\n    enter: {report.phase", "reported"),
    ],
)
def test_keywords_and_moments_are_checked(old: str, new: str, field: str) -> None:
    with pytest.raises(RulesetInvalid) as caught:
        of_reports(old, new)
    assert caught.value.problems[0].field.endswith(field)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x 1\nb: *x\n", "引用"),
        ("a: 1\na: 2\n", "两遍"),
        ("a: !!python/object:os.system 1\n", "标签"),
        ("[" * 5000, "嵌套"),
        ("- 1\n", "应为"),
        ("a: [\n", "YAML 的写法不对"),
        ("x" * 300_000, "大于"),
    ],
)
def test_only_plain_data_is_read(text: str, reason: str) -> None:
    with pytest.raises(RulesetInvalid, match=reason):
        from_texts("any", text, TEMPLATE, CATALOGUE)


def test_more_than_the_engine_holds_is_refused() -> None:
    many = "{any: [" + ", ".join(f"{{rides_7d: {{eq: {n}}}}}" for n in range(61)) + "]}"
    assert "引擎只能装" in refused("{blocking: {is: began}}", many).reason


def test_the_hash_is_of_what_is_said_not_of_how_it_is_written() -> None:
    same = with_("late: 10s\n", "late: 10s  # said otherwise\n")
    assert same.hash == with_("ruleset:", "ruleset:").hash
    assert with_("late: 10s", "late: 11s").hash != same.hash
    assert with_("ruleset:", "ruleset:", TEMPLATE + " ").hash != same.hash


def test_a_kind_of_unit_that_there_is_not_is_named_with_the_nearest() -> None:
    compiled = with_("handler: property, skills: [lift]", "handler: proprety, inform: [comittee], skills: [lift]")
    unknown = [p for p in lint(compiled, {"property", "committee", "urban-operations"}) if p.code == "unknown-name"]
    assert [(problem.field, problem.fix) for problem in unknown] == [
        ("classify.0.then.handler", "是不是要写“property”？"),
        ("classify.0.then.inform.0", "是不是要写“committee”？"),
    ]
    assert "unknown-name" not in {problem.code for problem in lint(compiled)}  # where it is not known which there are
