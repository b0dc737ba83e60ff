"""What can be asked about the texts of a ruleset. Everything given and answered is plain data."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from domain.calendars import Calendar
from rules.catalogue import Catalogue, read_catalogue
from rules.compiled import Compiled
from rules.lint import blocking, lint
from rules.load import CATALOGUE, from_texts
from rules.mutate import mutate_compiled
from rules.problems import Problem, RulesetInvalid
from rules.reading import read_yaml
from rules.testing import Outcome, run_tests
from web.console.rulesets.creating.sources import known_by
from web.console.rulesets.editing import applying, form, splice, values

Texts = Mapping[str, str]  # `name`, `yaml`, `template`, `catalogue`; `calendar`: the working days, else the shipped
PLACE, SOME_PLACE = re.compile(r"/\d{6}/[a-z0-9/]*"), "某处"  # a test happens nowhere that has a name
NOT_FOR_AUTHORS = ("test-fails",)  # the panel of tests says it better


def check(texts: Texts, zone: str) -> dict[str, Any]:
    """What lint finds, and what came of each test."""
    try:
        compiled = _compiled(texts, zone)
    except RulesetInvalid as invalid:
        return {
            "sound": False,
            "hash": "",
            "problems": [_problem(one) for one in invalid.problems],
            "tests": [],
            "missed": [],
        }
    outcomes = run_tests(compiled)
    problems = [_problem(one) for one in lint(compiled, outcomes=outcomes) if one.code not in NOT_FOR_AUTHORS]
    hit = {rule for outcome in outcomes for rule in outcome.hits}
    return {
        "sound": not problems and all(outcome.passed for outcome in outcomes),
        "hash": compiled.hash,
        "id": compiled.id,
        "title": compiled.title,
        "problems": problems,
        "names": {**compiled.labels, **{rule.id: rule.label or rule.id for rule in compiled.rules}},
        "tests": [_outcome(outcome) for outcome in outcomes],
        "missed": [{"id": rule.id, "label": rule.label or rule.id} for rule in compiled.rules if rule.id not in hit],
    }


def faults(texts: Texts, zone: str) -> list[dict[str, Any]]:
    """What keeps a version from coming into force."""
    try:
        found = lint(_compiled(texts, zone))
    except RulesetInvalid as invalid:
        found = invalid.problems
    return [_problem(one) for one in blocking(found)]


def compiled(texts: Texts, zone: str) -> dict[str, Any]:
    """Id and title of a ruleset and the hash of its texts, or the `problems` that keep it from running."""
    try:
        found = _compiled(texts, zone)
    except RulesetInvalid as invalid:
        return {"problems": [_problem(one) for one in invalid.problems]}
    return {"id": found.id, "title": found.title, "hash": found.hash, "problems": []}


def _compiled(texts: Texts, zone: str) -> Compiled:
    beside = (_catalogue(texts["catalogue"]), ZoneInfo(zone), _calendar(texts.get("calendar")))
    return from_texts(texts["name"], texts["yaml"], texts["template"], *beside)


@lru_cache(maxsize=2)
def _catalogue(text: str) -> Catalogue:
    return read_catalogue(text, CATALOGUE)


def _calendar(text: str | None) -> Calendar | None:
    return Calendar.model_validate_json(text) if text else None


def _problem(one: Problem) -> dict[str, Any]:
    return {
        "file": one.file.rpartition("/")[2],
        "line": one.line,
        "field": one.field,
        "code": one.code,
        "reason": one.reason,
        "fix": one.fix,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "passed": outcome.passed,
        "problems": list(map(str, outcome.problems)),
        "hits": list(outcome.hits),
        "cases": [
            {
                "rule": matter.why.rule,
                "title": PLACE.sub(SOME_PLACE, matter.title),
                "text": PLACE.sub(SOME_PLACE, matter.text),
                "handler": matter.handler,
                "priority": matter.priority,
                "category": matter.category,
            }
            for matter in outcome.cases
        ],
    }


def mutated(texts: Texts, zone: str) -> list[dict[str, Any]]:
    """The small changes that no test of the ruleset notices."""
    beside = (_catalogue(texts["catalogue"]), _calendar(texts.get("calendar")))
    found = mutate_compiled(_compiled(texts, zone), *beside)
    return [{"line": one.line, "field": one.field, "words": one.words} for one in found.survivors]


def shown(definition: str) -> dict[str, Any]:
    return form.shown(definition)


def changed(definition: str, fields: list[tuple[str, str]], do: str, new: dict[str, Any]) -> dict[str, Any]:
    return applying.changed(definition, fields, do, new)


def filled(definition: str, template: str, rename: list[str], puts: list[tuple[str, Any]]) -> list[str]:
    """A template with an author's answers in it; `rename`: its own name for a field, and theirs."""
    if rename:
        own, theirs = rename
        definition, template = (re.sub(rf"\b{re.escape(own)}\b", theirs, text) for text in (definition, template))
    for place, value in puts:
        definition = splice.put(definition, values.path_of(place), value).text
    return [definition, template]


def sources(definitions: list[str]) -> list[dict[str, Any]]:
    """What rulesets listen to."""
    return [one for text in definitions for one in _sources(text)]


@lru_cache(maxsize=512)
def _sources(text: str) -> list[dict[str, Any]]:
    return known_by(read_yaml(text, "").value)
