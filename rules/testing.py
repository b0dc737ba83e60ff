"""A ruleset's own tests, run as the real thing runs: signals in, time passing until nothing is due, cases out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from domain.matters import Matter
from rules.classify import classify, plain_hits
from rules.compiled import Compiled
from rules.detections import Change, Detection
from rules.perceiver import Perceiver
from rules.schema import ExampleForm, ExpectForm, FeedItem, RepeatForm
from rules.views import SignalView, view_row

PLACE = "/310110/kj/c07/n021/b03/u2/lift1/"
_SIGNALS = UUID("6f1c3c1e-6a7e-5b0e-9d55-0f6d1f0a7c11")


class Difference(NamedTuple):
    """What a test wanted under a name of its `expect`, and what came instead."""

    name: str
    wanted: Any
    found: Any

    def __str__(self) -> str:
        return f"{_WANTED[self.name]}应为 {_said(self.wanted)}，实际为 {_said(self.found)}"


_WANTED = {
    "cases": "立案件数",
    "hits": "命中次数",
    "rule": "判定的规则",
    "handler": "处置单位",
    "priority": "优先级",
    "category": "类别",
    "began": "告警开始的次数",
}


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "、".join(f"{name} {count}" for name, count in value.items())
    return "无" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test. `hits` are the winners of all decisions, in order."""

    name: str
    cases: dict[str, Matter]
    hits: tuple[str, ...]
    problems: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def run_tests(compiled: Compiled) -> tuple[Outcome, ...]:
    return tuple(run_test(compiled, example) for example in compiled.form.tests)


def run_test(compiled: Compiled, example: ExampleForm) -> Outcome:
    cases: dict[str, Matter] = {}
    hits: list[str] = []
    began: Counter[str] = Counter()
    for detection in judged(compiled, feed_of(compiled, example)):
        began[detection.name] += detection.change is Change.BEGAN
        decision = classify(compiled, detection, plain_hits(compiled, detection.facts))
        if decision.rule is not None:
            hits.append(decision.rule)
        for matter in (*decision.children, *((decision.matter,) if decision.matter else ())):
            cases.pop(matter.dedupe_key, None)  # the last one decided stands last, and a parent after its children
            cases[matter.dedupe_key] = matter
    return Outcome(example.name, cases, tuple(hits), tuple(_differences(example, cases, hits, began)))


def feed_of(compiled: Compiled, example: ExampleForm) -> list[tuple[SignalView | None, datetime]]:
    """What a test says, each with the moment it comes; None: time only passes."""
    hour, minute = map(int, example.start.split(":"))
    start = datetime.combine(date.fromisoformat(example.date), time(hour, minute), tzinfo=compiled.zone)
    return [_view(compiled, *given) for given in enumerate(_feed(example, start))]


def play(
    compiled: Compiled, feed: Sequence[tuple[SignalView | None, datetime]]
) -> Iterator[tuple[Matter | None, str | None]]:
    """What is decided, one after the other, as the feed arrives and until nothing is due any more."""
    for detection in judged(compiled, feed):
        decision = classify(compiled, detection, plain_hits(compiled, detection.facts))
        yield decision.matter, decision.rule


def judged(compiled: Compiled, feed: Sequence[tuple[SignalView | None, datetime]]) -> Iterator[Detection]:
    """The detections that are classified, in the order they are.

    That nothing is said once the feed is over is no silence: a test of one lets time pass (`{at: 27h}`).
    """
    perceiver = Perceiver([compiled])
    for signal, now in feed:
        yield from _open(perceiver.see(signal, now) if signal else perceiver.tick(now))
    silences = {silence.name for listened in compiled.signals.values() for silence in listened.silences}
    while due := perceiver.next_due():
        for detection in _open(perceiver.tick(due)):
            if detection.name not in silences or detection.at <= feed[-1][1]:
                yield detection


def _open(detections: Sequence[Detection]) -> Iterator[Detection]:
    return (detection for detection in detections if detection.change is not Change.ENDED)


def _differences(
    example: ExampleForm, cases: dict[str, Matter], hits: list[str], began: Mapping[str, int]
) -> Iterator[Difference]:
    expect = example.expect
    last = list(cases.values())[-1] if cases else None
    rule = last.why.rule if last else (hits[-1] if hits else None)
    found = {
        "cases": len(cases),
        "hits": len(hits),
        "rule": rule,
        "handler": last and last.handler,
        "priority": last and last.priority,
        "category": last and last.category,
        "began": {name: began.get(name, 0) for name in expect.began or ()},
    }
    for name in ExpectForm.model_fields:
        wanted = getattr(expect, name)
        if name in expect.model_fields_set and found[name] != wanted:
            yield Difference(name, wanted, found[name])


def _feed(example: ExampleForm, start: datetime) -> list[tuple[FeedItem, datetime]]:
    """Everything fed with the moment it comes, in the order of time."""
    parts = (example.feed,) if isinstance(example.feed, RepeatForm) else example.feed
    found: list[tuple[FeedItem, datetime]] = []
    for part in parts:
        if isinstance(part, RepeatForm):
            rounds = (start + part.at + number * part.every for number in range(part.repeat))
            found += [(item, begins + item.at) for begins in rounds for item in part.of]
        else:
            found.append((part, start + part.at))
    return sorted(found, key=lambda given: given[1])


def _view(compiled: Compiled, number: int, given: tuple[FeedItem, datetime]) -> tuple[SignalView | None, datetime]:
    item, now = given
    spoken = item.model_extra or {}
    for name, fields in spoken.items():
        phase = str(fields.get("phase", "none"))
        signal = view_row(
            id=str(uuid5(_SIGNALS, str(number))),
            type=compiled.signals[name].type,
            phase=phase,
            device_id=item.device,
            place=item.place or PLACE,
            event_time=now,
            fields=fields,
            transport="test",
        )
        return signal, now
    return None, now
