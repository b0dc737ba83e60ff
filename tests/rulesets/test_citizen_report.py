"""What residents tap and write, and which matter it becomes."""

from pathlib import Path
from uuid import uuid4

import pytest

from domain.matters import Closing, Priority, Verify
from rules.classify import classify, plain_hits
from rules.load import load_folder
from rules.perceiver import Perceiver
from rules.views import micros, moment, view_row
from web.public.report.chips import CHIPS, PLACE_KINDS, Chip

REPORTS = load_folder(Path(__file__).parents[2] / "rulesets" / "citizen-report")
NOON = 1_795_233_600_000_000  # 2026-11-21 12:00 in Shanghai


def category_of(text: str, kind: str) -> str | None:
    signal = view_row(
        id=str(uuid4()),
        type="report",
        phase="none",
        device_id=f"citizen-report/public/{uuid4()}",
        place="/310110/kj/c07/n021/b03/u2/",
        event_time=NOON,
        fields={"text": text, "place_kind": kind},
    )
    decisions = [
        classify(REPORTS, d, plain_hits(REPORTS, d.facts)) for d in Perceiver([REPORTS]).see(signal, moment(NOON))
    ]
    return next((d.matter.category for d in decisions if d.matter), None)


@pytest.mark.parametrize("kind", ["", *PLACE_KINDS])
@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.code)
def test_the_sentence_of_a_tap_becomes_the_matter_it_hints_at(chip: Chip, kind: str) -> None:
    assert category_of(chip.sentence, kind) == chip.code


def test_it_is_noon() -> None:
    assert moment(NOON).astimezone(REPORTS.zone).hour == 12
    assert micros(moment(NOON)) == NOON


def test_every_report_is_closed_by_a_person_and_may_be_reopened_for_a_week_at_least() -> None:
    for rule in REPORTS.rules:
        if rule.opens is not None:
            policy = rule.opens.policy
            assert policy.closing is Closing.MANUAL, rule.id
            assert policy.reopen_within.days >= 7, rule.id
            assert policy.outcomes == ("solved", "explained"), rule.id


def test_danger_runs_round_the_clock_and_is_never_verified_first() -> None:
    urgent = [rule.opens for rule in REPORTS.rules if rule.opens and rule.opens.priority is Priority.URGENT]
    assert len(urgent) == 5
    assert {opens.policy.calendar for opens in urgent} == {"24x7"}
    assert {opens.verify for opens in urgent} == {Verify.NEVER}
