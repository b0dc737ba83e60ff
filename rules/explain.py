"""Why a signal meant what it meant, or nothing: every condition it was held against, in the author's words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.signals import FieldValue
from rules.compiled import Compiled, Listened, Perceived
from rules.conditions import Condition, comparisons_of, in_author_words
from rules.evaluate import Facts, Truth, truth, typed, verdict
from rules.standing import Stored, derived_from, facts_around, length, standing
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
    """One detection held against the signal. `enters`: would begin or hold it; None: the signal says nothing of it.

    `lasts`: for how long that must go on before it counts, in words; empty where it counts at once.

    Known only with the stored state: `standing`, what was going on already; `facts`, what was known around it then;
    `rules`, what kept each rule before the one that applies from applying; `decided`, which one that is.
    """

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
    lasts: str = ""
    standing: str = ""
    facts: tuple[Line, ...] = ()
    rules: tuple[Line, ...] = ()
    decided: str = ""

    @property
    def failed(self) -> tuple[Line, ...]:
        """The conditions that kept it from beginning."""
        return tuple(line for line in self.enter if line.holds is not True)


def explain_signal(
    rulesets: Iterable[Compiled], signal: SignalView, stored: Stored | None = None
) -> tuple[Explained, ...]:
    """Every condition of every ruleset that listens to this type of signal.

    `stored` is the perception state by key (`rules.standing.rows_asked` says which); without it the signal is taken
    alone, and what is derived from what was said before is not known.
    """
    return tuple(
        _explained(compiled, listened, perceived, signal, stored)
        for compiled in rulesets
        for listened in compiled.routes.get(signal.type, ())
        for perceived in listened.all_detections
    )


def _explained(
    compiled: Compiled, listened: Listened, perceived: Perceived, signal: SignalView, stored: Stored | None
) -> Explained:
    signal = signal.in_units(listened.units)
    said = {**signal.fields, **derived_from(compiled, listened, signal, stored)}
    facts: dict[str, FieldValue] = {f"{listened.name}.{f}": value for f, value in typed(said, listened.types).items()}
    facts |= {hours.ref: hours.holds(signal.event_time) for hours in listened.hours}
    by_silence = perceived in listened.silences
    enter = (_of_silence(compiled, listened, perceived),) if by_silence else _lines(compiled, perceived.enter, facts)
    exit_ = _lines(compiled, perceived.exit, facts)
    if perceived.silent_us is not None and not by_silence:
        exit_ += (_end_by_silence(compiled, listened, perceived),)
    enters = False if by_silence else verdict(perceived.enter, facts)
    exits = verdict(perceived.exit, facts) is True
    now = "" if stored is None else standing(compiled, listened, perceived, signal, stored)
    around: Facts = {}
    if stored is not None and enters:
        around = facts_around(compiled, listened, perceived, signal, stored)
    decided, rules = _decided(compiled, around) if around and not exits else ("", ())
    parts = (_conclusion(perceived, enter, enters=enters, exits=exits), now, decided)
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
        words=f"{compiled.title} · {perceived.label}：{'；'.join(part for part in parts if part)}",
        lasts=length(perceived.for_us) if enters and perceived.for_us else "",
        standing=now,
        facts=tuple(_known(compiled, around)),
        rules=rules,
        decided=decided,
    )


def _lines(compiled: Compiled, condition: Condition, facts: Facts) -> tuple[Line, ...]:
    return tuple(_line(compiled, truth(c, facts)) for c in comparisons_of(condition))


def _line(compiled: Compiled, seen: Truth) -> Line:
    return Line(seen.comparison.ref, seen.value, seen.holds, f"{_asked(compiled, seen)} {_says(compiled, seen)}")


def _asked(compiled: Compiled, seen: Truth) -> str:
    ref = seen.comparison.ref
    label = compiled.labels.get(ref)
    if ref in compiled.times_of_day:
        return in_author_words(seen.comparison, f"时段“{label or ref}”")
    shown = round(seen.value, 3) if isinstance(seen.value, float) else seen.value
    return in_author_words(seen.comparison, label, shown)


def _says(compiled: Compiled, seen: Truth) -> str:
    signal, _, field = seen.comparison.ref.partition(".")
    listened = compiled.signals.get(signal)
    if seen.holds is None and listened and any(each.name == field for each in listened.derived):
        return "未提供（要看先前的信息）"
    return _SAYS[seen.holds]


def _name(compiled: Compiled, listened: Listened) -> str:
    return compiled.form.signals[listened.name].label or listened.name


def _of_silence(compiled: Compiled, listened: Listened, perceived: Perceived) -> Line:
    words = f"{_name(compiled, listened)} 静默 {length(perceived.silent_us or 0)} 才开始，有信息就重新计时"
    return Line(listened.name, None, False, words)


def _end_by_silence(compiled: Compiled, listened: Listened, perceived: Perceived) -> Line:
    words = f"{_name(compiled, listened)} 静默 {length(perceived.silent_us or 0)} 也算结束"
    return Line(listened.name, None, None, words)


def _known(compiled: Compiled, around: Facts) -> Iterator[Line]:
    """The facts that the ruleset asks for, as they were."""
    for name in compiled.form.facts if around else ():
        value = around.get(name)
        said = _SAYS[None] if value is None else value
        yield Line(name, value, None, f"{compiled.labels.get(name) or name} {said}")


def _decided(compiled: Compiled, around: Facts) -> tuple[str, tuple[Line, ...]]:
    """The rule that applies, and what kept those before it from applying."""
    missed: list[Line] = []
    for rule in compiled.rules:
        if rule.condition is None or verdict(rule.condition, around) is True:
            return f"判定为“{rule.label}”，{'不立案' if rule.opens is None else '立案'}", tuple(missed)
        missed += [
            Line(line.field, line.value, line.holds, f"“{rule.label}”：{line.words}")
            for line in _failing(compiled, rule.condition, around)
        ]
    return "没有一条规则适用", tuple(missed)


def _failing(compiled: Compiled, condition: Condition, around: Facts) -> Iterator[Line]:
    comparisons = comparisons_of(condition)
    return (_line(compiled, seen) for seen in (truth(c, around) for c in comparisons) if seen.holds is not True)


def _conclusion(perceived: Perceived, enter: tuple[Line, ...], *, enters: bool | None, exits: bool) -> str:
    if exits:
        return "结束条件成立"
    if enters:
        return f"开始条件成立，须持续 {length(perceived.for_us)}" if perceived.for_us else "开始条件成立"
    return "；".join(line.words for line in enter if line.holds is not True) or "开始条件不成立"
