"""Why a signal meant what it meant, or nothing: every condition it was held against, in the author's words."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.signals import FieldValue
from rules.compiled import Compiled, Listened, Perceived
from rules.conditions import comparisons_of, in_author_words
from rules.evaluate import Truth, truth, typed, verdict
from rules.views import SignalView

_SAYS = {True: "成立", False: "不成立", None: "未提供"}


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: `field`, what it was (`value`), whether it held (None: not said), and the sentence."""

    field: str
    value: FieldValue | None
    holds: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One detection held against the signal. `enters`: would begin or hold it; None: the signal says nothing of it."""

    ruleset: str
    title: str
    hash: str
    detection: str
    label: str
    enters: bool | None
    exits: bool
    enter: tuple[Line, ...]
    exit: tuple[Line, ...]
    words: str

    @property
    def failed(self) -> tuple[Line, ...]:
        """The conditions that kept it from beginning."""
        return tuple(line for line in self.enter if line.holds is not True)


def explain_signal(rulesets: Iterable[Compiled], signal: SignalView) -> tuple[Explained, ...]:
    """Every condition of every ruleset that listens to this type of signal, for the signal alone."""
    return tuple(
        _explained(compiled, listened, perceived, signal)
        for compiled in rulesets
        for listened in compiled.routes.get(signal.type, ())
        for perceived in listened.all_detections
    )


def _explained(compiled: Compiled, listened: Listened, perceived: Perceived, signal: SignalView) -> Explained:
    facts = {f"{listened.name}.{name}": value for name, value in typed(signal.fields, listened.types).items()}
    enter = tuple(_line(compiled, truth(c, facts)) for c in comparisons_of(perceived.enter))
    exit_ = tuple(_line(compiled, truth(c, facts)) for c in comparisons_of(perceived.exit))
    enters, exits = verdict(perceived.enter, facts), verdict(perceived.exit, facts) is True
    return Explained(
        ruleset=compiled.id,
        title=compiled.title,
        hash=compiled.hash,
        detection=perceived.name,
        label=perceived.label,
        enters=enters,
        exits=exits,
        enter=enter,
        exit=exit_,
        words=f"{compiled.title} · {perceived.label}：{_conclusion(perceived, enter, enters=enters, exits=exits)}",
    )


def _line(compiled: Compiled, seen: Truth) -> Line:
    label = compiled.labels.get(seen.comparison.ref)
    words = in_author_words(seen.comparison, label, seen.value)
    return Line(seen.comparison.ref, seen.value, seen.holds, f"{words} {_SAYS[seen.holds]}")


def _conclusion(perceived: Perceived, enter: tuple[Line, ...], *, enters: bool | None, exits: bool) -> str:
    if exits:
        return "结束条件成立"
    if enters:
        held = perceived.for_us // 1_000_000
        return f"开始条件成立，须持续 {held} 秒" if held else "开始条件成立"
    return "；".join(line.words for line in enter if line.holds is not True) or "开始条件不成立"
