"""What a case of a shipped ruleset says to whoever gets it: where, since when, and what to do."""

import re
from functools import cache
from itertools import chain, combinations

import pytest
from feeds import RULESETS

from domain.matters import Matter
from rules.testing import run_tests

HEARD_FROM_PEOPLE = "citizen-report"
TO_DO = re.compile(r"请|立即|先")
MOMENT = re.compile(r"\d\d月\d\d日 \d\d:\d\d")
CODE = re.compile(r"[A-Za-z]{3,}")
UNITS = {"NTU"}

each_pack = pytest.mark.parametrize("pack", sorted(RULESETS))


@cache
def opened(pack: str) -> tuple[tuple[Matter, ...], ...]:
    """The cases that each of its own tests opens."""
    return tuple(outcome.cases for outcome in run_tests(RULESETS[pack]))


@each_pack
def test_every_text_says_where_when_and_what_to_do(pack: str) -> None:
    for matter in chain(*opened(pack)):
        assert matter.place in matter.title, matter.why.rule
        assert matter.place in matter.text, matter.why.rule
        assert MOMENT.search(matter.text), matter.text
        assert TO_DO.search(matter.text), matter.text


@pytest.mark.parametrize("pack", sorted(RULESETS.keys() - {HEARD_FROM_PEOPLE}))
def test_no_text_speaks_in_codes(pack: str) -> None:
    for matter in chain(*opened(pack)):
        words = f"{matter.title} {matter.text}".replace(matter.place, "")
        assert set(CODE.findall(words)) <= UNITS, words


@each_pack
def test_the_cases_of_one_event_are_told_apart_by_their_titles(pack: str) -> None:
    for one, other in chain(*(combinations(cases, 2) for cases in opened(pack))):
        if one.why.rule == other.why.rule and one.matter != other.matter:
            assert one.title != other.title
