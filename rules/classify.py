"""What a detection means: the first rule that hits decides whether there is a case, and which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import JsonValue

from domain.matters import Matter, Verify, Why
from domain.places import UNPLACED
from domain.signals import FieldValue
from rules import titles
from rules.compiled import Compiled, Correlation, Guard, Opening, Rule
from rules.conditions import KEYWORDS, Comparison, comparisons_of, in_author_words
from rules.detections import Detection
from rules.engine.translate import EngineRules
from rules.evaluate import hits_of, truth
from rules.places import group_of

NOWHERE = "（地点待核实）"  # before what happened, in a title


class Question(NamedTuple):
    """What the engine is asked: which of these rules' conditions hold for these facts."""

    rules: tuple[EngineRules, ...]
    facts: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Decision:
    """`rule` is the winner (None: none matched), `losers` the other rules that matched, `matter` the case it wants.

    `children` come with that case, `correlate` may keep it from being opened, `guard` holds a storm of them.
    """

    ruleset: str
    hash: str
    detection: str
    rule: str | None
    losers: tuple[str, ...]
    facts: Mapping[str, FieldValue]
    conditions: tuple[JsonValue, ...]
    matter: Matter | None
    children: tuple[Matter, ...]
    correlate: tuple[Correlation, ...]
    guard: Guard


def question(compiled: Compiled, detection: Detection) -> Question:
    return Question(compiled.engine, detection.facts)


def plain_hits(compiled: Compiled, facts: Mapping[str, FieldValue]) -> tuple[str, ...]:
    """The engine's answer without the engine."""
    return hits_of(((rule.id, rule.condition) for rule in compiled.rules if rule.condition is not None), facts)


def classify(
    compiled: Compiled, detection: Detection, hits: Sequence[str], place_name: Callable[[str], str] = str
) -> Decision:
    """Decides on a detection that began or must be judged anew; `hits` are the rules whose conditions hold."""
    matching = [rule for rule in compiled.rules if rule.condition is None or rule.id in hits]
    winner = matching[0] if matching else None
    losers = tuple(rule.id for rule in matching[1:])
    conditions = tuple(_truths(compiled, detection))
    searched = _searched(compiled)  # a resident's words stay with the report
    facts = {name: value for name, value in detection.facts.items() if name not in searched}
    opens = winner.opens if winner else None
    matters: tuple[Matter, ...] = ()
    if winner is not None and opens is not None:
        why = Why(
            ruleset=compiled.id,
            hash=compiled.hash,
            rule=winner.id,
            facts={**facts},
            conditions=conditions,
            losers=losers,
            signals=(UUID(detection.signal_id),),
        )
        wanted = (opens, *opens.children)
        matters = tuple(_matter(compiled, detection, winner, each, why, place_name) for each in wanted)
    return Decision(
        ruleset=compiled.id,
        hash=compiled.hash,
        detection=detection.name,
        rule=winner.id if winner else None,
        losers=losers,
        facts=facts,
        conditions=conditions,
        matter=matters[0] if matters else None,
        children=matters[1:],
        correlate=opens.correlate if opens else (),
        guard=compiled.guard,
    )


def _searched(compiled: Compiled) -> frozenset[str]:
    """The texts in which its rules look for keywords."""
    conditions = (rule.condition for rule in compiled.rules if rule.condition is not None)
    return frozenset(c.ref for condition in conditions for c in comparisons_of(condition) if c.op in KEYWORDS)


def cleared_keys(compiled: Compiled, detection: Detection) -> tuple[str, ...]:
    """The dedupe keys of the cases that rules may have opened for a detection that ended."""
    keys = []
    for rule in compiled.rules:
        read = () if rule.condition is None else comparisons_of(rule.condition)
        if rule.opens is not None and (rule.condition is None or any(c.ref == detection.name for c in read)):
            openings = (rule.opens, *rule.opens.children)
            keys += [dedupe_key(compiled, each, detection.place, detection.device_id) for each in openings]
    return tuple(dict.fromkeys(keys))


def spoken(compiled: Compiled, comparison: Comparison, facts: Mapping[str, FieldValue]) -> dict[str, JsonValue]:
    """A comparison in its author's words, with what it saw and whether it held."""
    seen = truth(comparison, facts)
    words = in_author_words(comparison, compiled.labels.get(comparison.ref))
    return {"condition": words, "field": comparison.ref, "value": seen.value, "holds": seen.holds}


def _truths(compiled: Compiled, detection: Detection) -> list[JsonValue]:
    return [
        {"rule": rule.id, **spoken(compiled, comparison, detection.facts)}
        for rule in compiled.rules
        if rule.condition is not None
        for comparison in comparisons_of(rule.condition)
    ]


def dedupe_key(compiled: Compiled, opening: Opening, place: str | None, device_id: str) -> str:
    group = group_of(opening.dedupe, place, device_id)
    return f"{compiled.id}/{opening.matter}/{group.removeprefix('/')}"


def _matter(
    compiled: Compiled, detection: Detection, rule: Rule, opening: Opening, why: Why, place_name: Callable[[str], str]
) -> Matter:
    place = detection.place or UNPLACED
    where = NOWHERE if place == UNPLACED else place_name(place)
    title, text = titles.render(compiled.template, _variables(compiled, detection, rule, opening, where))
    return Matter(
        ruleset=compiled.id,
        matter=opening.matter,
        dedupe_key=dedupe_key(compiled, opening, place, detection.device_id),
        title=title,
        text=text,
        category=opening.category,
        priority=opening.priority,
        tier=opening.tier,
        place=place,
        lead=opening.lead,
        handler=opening.handler,
        skills=opening.skills,
        inform=opening.inform,
        parties=opening.parties,
        report=_report(detection) if opening.of_report else None,
        policy=opening.policy.model_copy(update={"verify": _verify(opening, detection)}),
        why=why,
    )


def _report(detection: Detection) -> UUID | None:
    """The report that a signal is, by its device: `citizen-report/<report id>`."""
    try:
        return UUID(detection.device_id.rpartition("/")[2])
    except ValueError:
        return None


def _verify(opening: Opening, detection: Detection) -> Verify:
    """`below_confidence` as it turns out for this detection; a device that gives no confidence is verified."""
    if opening.verify is not Verify.BELOW_CONFIDENCE or opening.verify_below is None:
        return opening.verify
    confidence = detection.fields.get("confidence")
    sure = isinstance(confidence, int | float) and confidence >= opening.verify_below
    return Verify.NEVER if sure else Verify.ALWAYS


def _variables(compiled: Compiled, detection: Detection, rule: Rule, opening: Opening, place: str) -> dict[str, Any]:
    signals: dict[str, dict[str, FieldValue]] = {name: {} for name in ("hours", *compiled.signals)}
    for ref, value in detection.facts.items():
        signal, dot, field = ref.partition(".")
        if dot:
            signals[signal][field] = value
    return {
        "ruleset": compiled.title,
        "rule": rule.id,
        "matter": opening.matter,
        "category": opening.category_label,
        "place": place,
        "at": detection.at.astimezone(compiled.zone),
        "since": detection.since.astimezone(compiled.zone),
        "facts": {name: value for name, value in detection.facts.items() if "." not in name},
        **signals,
    }
