"""A ruleset's own tests, run as the real thing runs: signals in, time passing until nothing is due, cases out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test. `hits` are the winners of all decisions, in order."""

    name: str
    cases: dict[str, Matter]
    hits: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def run_tests(compiled: Compiled) -> tuple[Outcome, ...]:
    return tuple(run_test(compiled, example) for example in compiled.form.tests)


def run_test(compiled: Compiled, example: ExampleForm) -> Outcome:
    hour, minute = map(int, example.start.split(":"))
    start = datetime.combine(date.fromisoformat(example.date), time(hour, minute), tzinfo=compiled.zone)
    cases: dict[str, Matter] = {}
    hits: list[str] = []
    for matter, rule in play(compiled, [_view(compiled, *given) for given in enumerate(_feed(example, start))]):
        if rule is not None:
            hits.append(rule)
        if matter is not None:
            cases.pop(matter.dedupe_key, None)  # the last one decided stands last
            cases[matter.dedupe_key] = matter
    return Outcome(example.name, cases, tuple(hits), tuple(_differences(example, cases, hits)))


def play(
    compiled: Compiled, feed: Sequence[tuple[SignalView | None, datetime]]
) -> Iterator[tuple[Matter | None, str | None]]:
    """What is decided, one after the other, as the feed arrives and until nothing is due any more."""
    perceiver = Perceiver([compiled])
    for signal, now in feed:
        yield from _decided(compiled, perceiver.see(signal, now) if signal else perceiver.tick(now))
    while due := perceiver.next_due():
        yield from _decided(compiled, perceiver.tick(due))


def _decided(compiled: Compiled, detections: Sequence[Detection]) -> Iterator[tuple[Matter | None, str | None]]:
    for detection in detections:
        if detection.change is not Change.ENDED:
            decision = classify(compiled, detection, plain_hits(compiled, detection.facts))
            yield decision.matter, decision.rule


def _differences(example: ExampleForm, cases: dict[str, Matter], hits: list[str]) -> Iterator[str]:
    expect = example.expect
    last = list(cases.values())[-1] if cases else None
    rule = last.why.rule if last else (hits[-1] if hits else None)
    found = {
        "cases": len(cases),
        "rule": rule,
        "handler": last and last.handler,
        "priority": last and last.priority,
        "category": last and last.category,
    }
    for name in ExpectForm.model_fields:
        wanted = getattr(expect, name)
        if name in expect.model_fields_set and found[name] != wanted:
            yield f"{name}: expected {wanted}, found {found[name]}"


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
