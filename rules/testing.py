"""A ruleset's own tests, run as the real thing runs: signals in, time passing until nothing is due, cases out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from domain.matters import STORM, Matter
from rules.casebook import Book, Placed, WouldBe
from rules.classify import Decision, classify, plain_hits
from rules.compiled import Compiled, Correlation
from rules.detections import Change, Detection
from rules.effects import Effect
from rules.feeding import feed_of, meanwhile_of
from rules.perceiver import Perceiver
from rules.schema import ExampleForm, ExpectForm
from rules.views import SignalView, micros
from rules.wishes import over, wanted


class Difference(NamedTuple):
    """What a test wanted under a name of its `expect`, and what came instead."""

    name: str
    wanted: Any
    found: Any

    def __str__(self) -> str:
        return f"{_WANTED[self.name]}应为 {_said(self.wanted)}，实际为 {_said(self.found)}"


_WANTED = {
    "cases": "立案件数",
    "rule": "判定的规则",
    "handler": "处置单位",
    "priority": "优先级",
    "category": "类别",
    "reopened": "重新打开的次数",
    "muted": "被涵盖而没有立案的次数",
    "joined": "并入别的案的次数",
    "summed": "并进汇总案件的次数",
    "began": "告警开始的次数",
}
_COUNTED = {"reopened": Effect.REOPENED, "muted": Effect.MUTED, "joined": Effect.JOINED, "summed": Effect.STORM}


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "、".join(f"{name} {count}" for name, count in value.items())
    return "无" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test.

    `cases` are those that were opened, as they stand at the end; `hits` the winners of all decisions, in order;
    `beaten` each winner that wanted a case with a rule that held beside it; `effects` what became of what was wanted,
    `covering` the correlations by which other cases took it in.
    """

    name: str
    cases: tuple[Matter, ...]
    hits: tuple[str, ...]
    beaten: frozenset[tuple[str, str]]
    effects: frozenset[Effect]
    covering: frozenset[Correlation]
    problems: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def run_tests(compiled: Compiled) -> tuple[Outcome, ...]:
    return tuple(run_test(compiled, example) for example in compiled.form.tests)


def run_test(compiled: Compiled, example: ExampleForm) -> Outcome:
    trial = _Trial(compiled, example)
    for at, detection in concluded(compiled, feed_of(compiled, example)):
        trial.take(micros(at), detection)
    return trial.outcome()


class _Trial:
    """A test while it runs."""

    def __init__(self, compiled: Compiled, example: ExampleForm) -> None:
        self._compiled = compiled
        self._example = example
        meanwhile = meanwhile_of(compiled, example)
        self._book = Book(compiled, meanwhile.ends, meanwhile.others)
        self._numbers = {rule.id: number for number, rule in reversed(list(enumerate(compiled.rules)))}
        self._matters: dict[int, Matter] = {}  # by the identity of the case, in the order of opening
        self._last: WouldBe | None = None
        self._hits: list[str] = []
        self._beaten: set[tuple[str, str]] = set()
        self._effects: Counter[Effect] = Counter()
        self._covering: set[Correlation] = set()
        self._began: Counter[str] = Counter()

    def take(self, at: int, detection: Detection) -> None:
        if detection.change is Change.ENDED:
            for cleared in over(self._compiled, detection, at):
                self._book.take(cleared)
            return
        self._began[detection.name] += detection.change is Change.BEGAN
        decision = classify(self._compiled, detection, plain_hits(self._compiled, detection.facts))
        if decision.rule is None:
            return
        self._hits.append(decision.rule)
        wish = wanted(self._compiled, detection, at, self._numbers[decision.rule])
        if wish is not None:
            self._beaten |= {(decision.rule, loser) for loser in decision.losers}
            self._note(decision, self._book.take(wish))

    def _note(self, decision: Decision, placed: Placed) -> None:
        self._effects[placed.effect] += 1
        if placed.by is not None:
            self._covering.add(placed.by)
        matters = {matter.dedupe_key: matter for matter in (*decision.children, decision.matter) if matter}
        if placed.case is None or placed.effect is Effect.STORM:
            return
        self._last = placed.case
        for case in (*placed.children, *((placed.case,) if placed.news else ())):
            self._matters[id(case)] = matters[case.key]

    def outcome(self) -> Outcome:
        differences = _differences(self._example.expect, self._found())
        return Outcome(
            name=self._example.name,
            cases=tuple(self._matters.values()),
            hits=tuple(self._hits),
            beaten=frozenset(self._beaten),
            effects=frozenset(self._effects),
            covering=frozenset(self._covering),
            problems=tuple(differences),
        )

    def _found(self) -> dict[str, Any]:
        last, hits = self._last, self._hits
        return {
            "cases": sum(case.matter != STORM for case in self._book.cases),
            "rule": last.rule if last else (hits[-1] if hits else None),
            "handler": last and last.handler,
            "priority": last and last.priority,
            "category": last and last.category,
            **{name: self._effects[effect] for name, effect in _COUNTED.items()},
            "began": {name: self._began[name] for name in self._example.expect.began or ()},
        }


def play(
    compiled: Compiled, feed: Sequence[tuple[SignalView | None, datetime]]
) -> Iterator[tuple[Matter | None, str | None]]:
    """What is decided, one after the other, as the feed arrives and until nothing is due any more."""
    for detection in judged(compiled, feed):
        decision = classify(compiled, detection, plain_hits(compiled, detection.facts))
        yield decision.matter, decision.rule


def judged(compiled: Compiled, feed: Sequence[tuple[SignalView | None, datetime]]) -> Iterator[Detection]:
    """The detections that are classified, in the order they are."""
    return (detection for _, detection in concluded(compiled, feed) if detection.change is not Change.ENDED)


def concluded(
    compiled: Compiled, feed: Sequence[tuple[SignalView | None, datetime]]
) -> Iterator[tuple[datetime, Detection]]:
    """The detections that begin or end, each with the moment when that is known, in their order.

    That nothing is said once the feed is over is no silence: a test of one lets time pass (`{at: 27h}`).
    """
    perceiver = Perceiver([compiled])
    for signal, now in feed:
        for due, found in perceiver.let_pass(now):
            yield from ((due, detection) for detection in found)
        if signal is not None:
            yield from ((now, detection) for detection in perceiver.see(signal, now))
    silences = {silence.name for listened in compiled.signals.values() for silence in listened.silences}
    while last := perceiver.next_due():
        for detection in perceiver.tick(last):
            if detection.name not in silences or detection.at <= feed[-1][1]:
                yield last, detection


def _differences(expect: ExpectForm, found: Mapping[str, Any]) -> Iterator[Difference]:
    for name in ExpectForm.model_fields:
        wanted_ = getattr(expect, name)
        if name in expect.model_fields_set and found[name] != wanted_:
            yield Difference(name, wanted_, found[name])
