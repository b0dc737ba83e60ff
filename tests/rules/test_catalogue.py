"""The catalogue and the list of duties: what stands in the shipped files, and every fault named with its place."""

import csv
from pathlib import Path

import pytest

from rules.catalogue import Category, Kind, as_csv, load_catalogue, read_catalogue
from rules.category_codes import load_codes, read_codes
from rules.duties import DUTIES, Part, load_duties, read_duties
from rules.duties import as_csv as duties_as_csv
from rules.findings import load_findings
from rules.load import load_all
from rules.problems import Problem, RulesetInvalid
from settings.model import RULESETS

PATH = RULESETS / "catalogue.csv"
TEXT = PATH.read_text(encoding="utf-8")
HEADER, FIRST = TEXT.splitlines()[:2]
UNITS = Path(__file__).parents[2] / "store" / "seed" / "demo" / "units.csv"
FORMS = load_codes(PATH.with_suffix(".yaml"))


def faults(text: str) -> tuple[Problem, ...]:
    with pytest.raises(RulesetInvalid) as invalid:
        read_catalogue(text, "c.csv", FORMS)
    return invalid.value.problems


def kinds_of_units() -> set[str]:
    with UNITS.open(encoding="utf-8", newline="") as lines:
        return {line["kind"] for line in csv.DictReader(lines)}


def test_there_are_categories_for_what_happens_in_a_sub_district() -> None:
    catalogue = load_catalogue(PATH)
    assert len(catalogue) >= 125
    assert {category.kind for category in catalogue.values()} == set(Kind)
    labels = [category.label_zh for category in catalogue.values()]
    assert len(set(labels)) == len(labels)


def test_a_large_class_is_of_components_or_of_events() -> None:
    kinds: dict[str, set[Kind]] = {}
    for category in load_catalogue(PATH).values():
        kinds.setdefault(category.class_zh, set()).add(category.kind)
    assert {name for name, found in kinds.items() if len(found) > 1} == set()


def test_three_codes_stand_side_by_side_and_keep_their_zeros() -> None:
    manhole = load_catalogue(PATH)["manhole-water"]
    assert manhole.codes["national"] == "0101"
    assert {name: len(code) for name, code in manhole.codes.items()} == {"national": 4, "city": 6, "local": 6}
    assert "national" not in load_catalogue(PATH)["ruleset-storm"].codes


def test_what_is_written_is_what_was_read() -> None:
    assert as_csv(load_catalogue(PATH).values()) == TEXT
    duties = (RULESETS / DUTIES).read_text(encoding="utf-8")
    assert duties_as_csv(read_duties(duties, DUTIES).items) == duties


def test_the_same_table_may_be_written_in_chinese() -> None:
    chinese = (
        "编码,名称,英文名称,种类,大类,国标代码,市级代码,本地代码,立案条件,办结时限,结案条件,处置须提交,核查,退单时限,重办期限,"
        "可自动结案,计时\n"
        "a-thing,一件事,A thing,部件,公用设施,0101,101001,010101,坏了,4h,修好了,情况说明、处置后照片,抽查,1h,1d,"
        "是,工作日\n"
    )
    (found,) = read_catalogue(chinese, "c.csv", FORMS).values()
    assert isinstance(found, Category)
    assert (found.kind, found.inspection, found.close_by_rule, found.calendar) == (
        Kind.COMPONENT,
        "sampled",
        True,
        "working-days",
    )
    assert found.evidence == ("note", "photo_after")


@pytest.mark.parametrize(
    ("column", "wrong", "reason"),
    [
        ("limit", "4 hours", "不是时长"),
        ("close_by_rule", "maybe", "'maybe' 不在可选的词里：yes、no"),
        ("evidence", "note video", "'video' 不在可选的词里：note、photo_before、photo_after"),
        ("kind", "thing", "component、event"),
        ("filing", "", "不能空着"),
        ("national", "101", "'101' 有 3 位，应为 4 位"),
        ("city", "1O1001", "'1O1001' 不符合写法"),
        ("label_zh", "=HYPERLINK(1)", "不能以 = + - @ 开头"),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column(column: str, wrong: str, reason: str) -> None:
    row = dict(zip(HEADER.split(","), FIRST.split(","), strict=True)) | {column: wrong}
    (fault,) = faults(f"{HEADER}\n{','.join(row.values())}\n")
    assert (fault.line, fault.field.split(".")[-1]) == (2, column)
    assert reason in fault.reason


def test_a_code_that_must_be_unique_names_the_line_that_has_it_too() -> None:
    (fault,) = faults(f"{HEADER}\n{FIRST}\n{FIRST.replace('lift-ebike,', 'another,').replace('207001', '207009')}\n")
    assert (fault.line, fault.field, fault.reason) == (3, "another.local", "'020701' 与第 2 行相同")


def test_a_category_that_is_there_twice_and_a_row_with_too_many_cells_are_named() -> None:
    assert [(f.line, f.field) for f in faults(f"{HEADER}\n{FIRST},more\n")] == [(2, "-")]
    assert (3, "code") in [(f.line, f.field) for f in faults(f"{HEADER}\n{FIRST}\n{FIRST}\n")]


def test_a_column_that_is_misspelt_is_named_with_the_nearest() -> None:
    found = faults(TEXT.replace("return_within", "return_withn", 1))
    assert [(fault.line, fault.field) for fault in found] == [(1, "return_withn"), (1, "return_within")]
    assert "return_within" in found[0].fix


@pytest.mark.parametrize("text", ["", "\n\n", '"never closed'])
def test_what_is_no_table_is_refused(text: str) -> None:
    assert faults(text)


def test_the_width_of_a_code_is_data() -> None:
    wider = read_codes(PATH.with_suffix(".yaml").read_text(encoding="utf-8").replace("width: 4", "width: 5"), "c.yaml")
    with pytest.raises(RulesetInvalid, match="应为 5 位"):
        read_catalogue(TEXT, "c.csv", wider)


@pytest.mark.parametrize("pattern", ["(a+)+", "[0-9]+", "[9-0]", ".{99}"])
def test_a_pattern_that_could_take_for_ever_is_refused(pattern: str) -> None:
    text = f'codes:\n  city: {{label: 市级代码, width: 6, pattern: "{pattern}", unique: true, source: -}}\n'
    with pytest.raises(RulesetInvalid, match="pattern"):
        read_codes(text, "c.yaml")


def test_every_category_has_a_lead_and_a_handler_and_every_kind_of_unit_a_duty() -> None:
    catalogue = load_catalogue(PATH)
    duties = load_duties(RULESETS / DUTIES, catalogue, kinds_of_units())
    parts = {(duty.category, duty.part) for duty in duties.items}
    assert {code for code in catalogue for part in (Part.LEAD, Part.HANDLE) if (code, part) not in parts} == set()
    assert kinds_of_units() == {duty.unit_kind for duty in duties.items}


def test_whoever_the_shipped_rulesets_send_has_that_duty() -> None:
    duties = load_duties(RULESETS / DUTIES)
    sent = {(kind.handler, code) for code, kind in load_findings(RULESETS).kinds.items()}
    for compiled in load_all(RULESETS):
        sent |= {(then.handler, then.category) for rule in compiled.rules if (then := rule.opens) is not None}
    assert {pair for pair in sent if duties.lacks(*pair)} == set()
    assert duties.lacks("gas", "lift-ebike")


def test_a_duty_of_an_unknown_unit_or_category_is_named_with_the_nearest() -> None:
    text = "unit_kind,category,part,ground,note\nproprty,lift-ebik,handle,合同,\nproperty,lift-ebike,repair,合同,\n"
    with pytest.raises(RulesetInvalid) as invalid:
        read_duties(text, "d.csv", load_catalogue(PATH), {"property"})
    found = [(fault.line, fault.field) for fault in invalid.value.problems]
    assert found == [(2, "category"), (2, "unit_kind"), (3, "part")]
    assert "lift-ebike" in invalid.value.problems[0].fix
    assert "property" in invalid.value.problems[1].fix
