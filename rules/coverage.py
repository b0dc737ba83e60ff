"""What a ruleset's own tests reach: rules hit and missed, comparisons seen both true and false, words of cases used."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rules.compiled import Compiled, Correlation, Rule
from rules.conditions import Comparison, comparisons_of, in_author_words
from rules.effects import Effect
from rules.evaluate import Facts, truth, typed
from rules.feeding import feed_of
from rules.reading import Path
from rules.testing import Outcome, judged


@dataclass(frozen=True, slots=True)
class Seen:
    """A comparison as its author wrote it, and whether a test saw it hold, and not hold."""

    path: Path
    line: int
    words: str
    true: bool
    false: bool


@dataclass(frozen=True, slots=True)
class Unreached:
    """A word about cases (`correlate`, `storm`, `after_close`) that mattered in no test."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """`unhit` and `unmissed` are rule ids; `comparisons` those of `classify` and of what a single signal says."""

    unhit: tuple[str, ...]
    unmissed: tuple[str, ...]
    comparisons: tuple[Seen, ...]
    unreached: tuple[Unreached, ...]

    @property
    def one_sided(self) -> tuple[Seen, ...]:
        """Those that no test saw hold, or none saw not hold."""
        return tuple(seen for seen in self.comparisons if not (seen.true and seen.false))


def coverage(compiled: Compiled, outcomes: Sequence[Outcome]) -> Coverage:
    """Of `outcomes`, the tests' results; the comparisons are held against the tests' feeds once more."""
    return Coverage(
        unhit=tuple(rule.id for rule in compiled.rules if not any(rule.id in o.hits for o in outcomes)),
        unmissed=tuple(rule.id for rule in compiled.rules if outcomes and all(rule.id in o.hits for o in outcomes)),
        comparisons=tuple(_seen(compiled)),
        unreached=tuple(_unreached(compiled, outcomes)),
    )


def _unreached(compiled: Compiled, outcomes: Sequence[Outcome]) -> Iterator[Unreached]:
    """Each where its author wrote it: for the whole ruleset, or for the one rule."""
    effects = frozenset[Effect]().union(*(outcome.effects for outcome in outcomes))
    covering = frozenset[Correlation]().union(*(outcome.covering for outcome in outcomes))
    found: dict[Path, str] = {}
    for rule in compiled.rules:
        correlate = rule.opens.correlate if rule.opens else ()
        for number, each in enumerate(correlate):
            if each not in covering:
                found[_written(compiled, rule, "correlate", number)] = f"{_HOW[each.joins]} {each.ruleset}"
        if rule.reopens and Effect.REOPENED not in effects:
            found[_written(compiled, rule, "after_close")] = "after_close reopen"
    if compiled.form.storm is not None and Effect.STORM not in effects:
        found["storm",] = f"storm {compiled.guard.per_hour}"
    for path, words in found.items():
        yield Unreached(compiled.document.line_of(path), words)


_HOW = {False: "mute", True: "join"}


def _written(compiled: Compiled, rule: Rule, *below: str | int) -> Path:
    own: Path = (*rule.path, "then", *below)
    return own if own in compiled.document.lines else ("case", *below)


def _seen(compiled: Compiled) -> Iterator[Seen]:
    judging = [test for rule in compiled.rules if rule.condition is not None for test in comparisons_of(rule.condition)]
    by_signal = {
        listened.name: [
            test
            for perceived in listened.all_detections
            for condition in (perceived.enter, perceived.exit)
            for test in comparisons_of(condition)
            if test.ref.partition(".")[2] in compiled.form.signals[listened.name].fields
        ]
        for listened in compiled.signals.values()
    }
    found: dict[Path, set[bool]] = {test.path: set() for tests in (judging, *by_signal.values()) for test in tests}
    for example in compiled.form.tests:
        feed = feed_of(compiled, example)
        for signal, _ in feed:
            for listened in compiled.routes.get(signal.type, ()) if signal else ():
                said = typed(signal.fields, listened.types) if signal else {}
                facts = {f"{listened.name}.{name}": value for name, value in said.items()}
                _note(found, by_signal[listened.name], facts)
        for detection in judged(compiled, feed):
            _note(found, judging, detection.facts)
    for test in {test.path: test for tests in (*by_signal.values(), judging) for test in tests}.values():
        words = in_author_words(test, compiled.labels.get(test.ref))
        held = found[test.path]
        yield Seen(test.path, compiled.document.line_of(test.path), words, True in held, False in held)


def _note(found: dict[Path, set[bool]], tests: Iterable[Comparison], facts: Facts) -> None:
    """What was not said makes a comparison not hold: it is counted as false where it decides."""
    for test in tests:
        if len(found[test.path]) < len((True, False)):
            found[test.path].add(truth(test, facts).holds is True)
