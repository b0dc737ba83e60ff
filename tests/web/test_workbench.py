"""Texts that nobody has approved are looked through apart: what is hostile is ended, and nobody else waits for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest

from rules.calendars import load_calendar
from rules.catalogue import as_csv, load_catalogue
from settings.model import RULESETS
from web.workbench import TooSlow, Workbench

XU = "rules.xu"
FOLDER = RULESETS / "ebike-in-elevator"


@pytest.fixture
async def bench() -> AsyncIterator[Workbench]:
    made = Workbench()
    yield made
    await made.aclose()


def texts(**changed: str) -> dict[str, str]:
    return {
        "name": "ebike-in-elevator",
        "yaml": (FOLDER / "ruleset.yaml").read_text(encoding="utf-8"),
        "template": (FOLDER / "template.zh.j2").read_text(encoding="utf-8"),
        "catalogue": as_csv(load_catalogue(RULESETS / "catalogue.csv").values()),
        **changed,
    }


async def test_a_sound_ruleset_is_said_to_be(bench: Workbench) -> None:
    found = await bench.ask(XU, "check", texts=texts(), zone="Asia/Shanghai")
    assert (found["sound"], found["problems"], found["missed"]) == (True, [], [])
    assert all(one["passed"] for one in found["tests"])


async def test_an_endless_question_is_ended_and_the_next_one_is_answered(bench: Workbench) -> None:
    with pytest.raises(TooSlow):
        await bench.ask(XU, "filled", 2.0, definition="a: 1\n", template="", rename=["(a+)+$", "x"], puts=endless())
    await test_a_sound_ruleset_is_said_to_be(bench)


def endless() -> list[tuple[str, object]]:
    """More changes than anybody waits for."""
    return [(f"k{n}", {"x": n}) for n in range(20_000)]


async def test_several_are_looked_through_at_once_and_the_loop_goes_on(bench: Workbench) -> None:
    asking = [asyncio.create_task(bench.ask(who, "check", texts=texts(), zone="Asia/Shanghai")) for who in "abcd"]
    turns = 0
    while not all(one.done() for one in asking):
        await asyncio.sleep(0)
        turns += 1
    assert turns > 50
    assert all([(await one)["sound"] for one in asking])


async def test_working_days_are_those_that_are_sent_along(bench: Workbench) -> None:
    shipped = load_calendar(RULESETS / "calendars" / "cn-working-days.yaml")
    free = shipped.model_copy(update={"holidays": shipped.holidays | {date(2026, 3, 2)}})
    given = texts(name="loud", yaml=LOUD, template=TEMPLATE)

    for calendar, cases in ((shipped, 1), (free, 0)):
        sent = {**given, "calendar": calendar.model_dump_json()}
        found = await bench.ask(XU, "check", texts=sent, zone="Asia/Shanghai")
        assert [len(one["cases"]) for one in found["tests"]] == [cases]


TEMPLATE = "{% block title %}{{ place }}{{ ruleset }}{% endblock %}{% block text %}{{ since|local }}{% endblock %}"
LOUD = """
ruleset: loud
title: 工作日噪声
lead: committee
hours: {office: {from: "09:00", to: "17:00", days: working}}
signals: {noise: {type: noise, fields: {level: number}}}
perceive: {loud: {enter: {all: [{noise.level: {gte: 60}}, {hours.office: {eq: true}}]}, exit: {noise.level: {lt: 55}}}}
classify: [{id: loud, then: {category: noise-exceedance, priority: normal, tier: committee, handler: committee}}]
case: {dedupe: place}
tests: [{name: on a Monday, feed: [{at: 0s, noise: {level: 70}}], expect: {cases: 1}}]
"""
