"""What a ruleset's own tests reach: which rules they hit and miss, which comparisons they saw both true and false."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rules.compiled import Compiled
from rules.conditions import Comparison, comparisons_of, in_author_words
from rules.evaluate import Facts, truth, typed
from rules.reading import Path
from rules.testing import Outcome, feed_of, judged


@dataclass(frozen=True, slots=True)
class Seen:
    """A comparison as its author wrote it, and whether a test saw it hold, and not hold."""

    path: Path
    line: int
    words: str
    true: bool
    false: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """`unhit` and `unmissed` are rule ids; `comparisons` those of `classify` and of what a single signal says."""

    unhit: tuple[str, ...]
    unmissed: tuple[str, ...]
    comparisons: tuple[Seen, ...]

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
    )


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
