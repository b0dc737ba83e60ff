"""What can be found on patrol: each kind within the catalogue's floor, each fault named."""

from pathlib import Path
from uuid import uuid4

import pytest

from domain.matters import Closing, Filing
from rules.catalogue import load_catalogue
from rules.findings import FILE, FOLDER, load_findings, read_findings
from rules.problems import RulesetInvalid

RULESETS = Path(__file__).parents[2] / "rulesets"
CATALOGUE = load_catalogue(RULESETS / "catalogue.csv")
TEXT = (RULESETS / FOLDER / FILE).read_text(encoding="utf-8")


def test_every_finding_waits_for_the_desk_and_closes_by_rule_only_where_its_category_does() -> None:
    for code, kind in load_findings(RULESETS).kinds.items():
        assert kind.policy.filing is Filing.AT_DESK, code
        assert (kind.policy.closing is Closing.WHEN_INSPECTED) == kind.category.close_by_rule, code
        assert (kind.policy.calendar, kind.policy.evidence) == (kind.category.calendar, kind.category.evidence), code


def test_a_matter_says_what_and_where_and_by_which_version() -> None:
    findings, place = load_findings(RULESETS), "/310110/kj/c07/n021/b01/"
    matter = findings.matter("bin-overflow", place, "双阳二村 6 号", "", key=uuid4(), facts={"finder": "方立群"})
    assert matter.title == "双阳二村 6 号垃圾箱房满溢"
    assert (matter.handler, matter.lead, matter.why.hash) == ("sanitation", "grid", findings.hash)
    assert matter.text == "巡查发现：满溢持续十分钟以上"
    noted = findings.matter("bin-overflow", place, "", "三个桶都满了", key=uuid4(), facts={})
    assert noted.text == "三个桶都满了"
    assert noted.dedupe_key != matter.dedupe_key


@pytest.mark.parametrize(
    ("written", "instead", "named"),
    [
        ("  bin-overflow:", "  bin-overfow:", "是不是要写“bin-overflow”？"),
        ("priority: normal, sign: 30m}", "priority: soon, sign: 30m}", "categories.bin-overflow.priority"),
        ("{handler: sanitation, tier: committee,", "{tier: committee,", "categories.bin-overflow.handler: 缺少这一项"),
        ("sign: 30m}", "sign: 9d}", "比全程时限"),
    ],
)
def test_what_is_wrong_in_the_table_is_named(written: str, instead: str, named: str) -> None:
    assert written in TEXT
    with pytest.raises(RulesetInvalid, match=r"categories\.yaml") as refused:
        read_findings(TEXT.replace(written, instead, 1), CATALOGUE)
    assert named in str(refused.value)
