"""`signals`, `perceive` and `facts` as they run."""

from datetime import timedelta
from hashlib import sha256

from domain.canonical import canonical_json
from rules import conditions
from rules.compiled import Listened, Perceived, Window
from rules.compiling.sheet import BUILT_IN, Sheet
from rules.conditions import NEVER, AnyOf, Comparison, Condition, Op, Type
from rules.evaluate import compiled_to_closure
from rules.problems import nearest
from rules.reading import Path
from rules.schema import DetectionForm, SignalForm
from rules.views import as_micros


def signals_of(sheet: Sheet) -> dict[str, Listened]:
    of_signal: dict[str, list[Perceived]] = {name: [] for name in sheet.form.signals}
    for name, declared in sheet.form.perceive.items():
        signal, perceived = _perceived(sheet, name, declared)
        if signal is not None:
            of_signal[signal].append(perceived)
    return {name: _listened(sheet, name, sheet.form.signals[name], tuple(of)) for name, of in of_signal.items()}


def windows_of(sheet: Sheet) -> tuple[Window, ...]:
    """The facts that count episodes; a count of what no detection is called is complained of."""
    found = []
    for name, fact in sheet.form.facts.items():
        if fact.of is None or fact.within is None or fact.by is None:
            continue
        if fact.of not in sheet.form.perceive:
            kind = "count" if fact.count else "distinct"
            reason, fix = f"unknown detection {fact.of!r}", nearest(fact.of, sheet.form.perceive)
            sheet.complain(("facts", name, kind), reason, fix, "unknown-name")
        found.append(Window(name, fact.of, fact.distinct is not None, as_micros(fact.within), fact.by))
    return tuple(found)


def _listened(sheet: Sheet, name: str, declared: SignalForm, detections: tuple[Perceived, ...]) -> Listened:
    value = sheet.document.value
    spelt = {d.name: value["perceive"][d.name] for d in detections}
    return Listened(
        name=name,
        type=declared.type,
        key=declared.key,
        late_us=as_micros(declared.late),
        labels={field: given.label or field for field, given in declared.fields.items()},
        types=BUILT_IN | {field: Type(given.type) for field, given in declared.fields.items()},
        detections=tuple(d for d in detections if not d.once),
        moments=tuple(d for d in detections if d.once),
        fingerprint=sha256(canonical_json([value["signals"][name], spelt]).encode()).hexdigest()[:12],
    )


def _perceived(sheet: Sheet, name: str, declared: DetectionForm) -> tuple[str | None, Perceived]:
    path: Path = ("perceive", name)
    types = sheet.field_types
    enter = conditions.parse(declared.enter, (*path, "enter"), types, sheet.complain)
    exit_, silent = _exit(sheet, declared, (*path, "exit"), types | dict.fromkeys(sheet.form.signals, Type.SIGNAL))
    read = [*conditions.comparisons_of(enter), *conditions.comparisons_of(exit_), *silent]
    signals = {comparison.ref.partition(".")[0] for comparison in read}
    if len(signals) > 1:
        sheet.complain(path, f"reads several signals: {', '.join(sorted(signals))}", "one detection per signal")
    return (signals.pop() if len(signals) == 1 else None), Perceived(
        name=name,
        label=declared.label or name,
        enter=enter,
        exit=exit_,
        enters=compiled_to_closure(enter, types),
        refuses=compiled_to_closure(enter, types, negated=True),
        exits=compiled_to_closure(exit_, types),
        for_us=as_micros(declared.for_),
        silent_us=as_micros(silent[0].value) if silent and isinstance(silent[0].value, timedelta) else None,
        once=declared.once,
    )


def _exit(
    sheet: Sheet, declared: DetectionForm, path: Path, types: dict[str, Type]
) -> tuple[Condition, list[Comparison]]:
    if declared.exit is None:
        return NEVER, []
    return _silence(sheet, conditions.parse(declared.exit, path, types, sheet.complain), path)


def _silence(sheet: Sheet, condition: Condition, path: Path) -> tuple[Condition, list[Comparison]]:
    """Silence is a matter of the clock: it is taken out of the condition that signals are judged by."""
    parts = condition.parts if isinstance(condition, AnyOf) else (condition,)
    silent = [part for part in parts if isinstance(part, Comparison) and part.op is Op.SILENT]
    rest = tuple(part for part in parts if part not in silent)
    if len(silent) > 1 or any(c.op is Op.SILENT for part in rest for c in conditions.comparisons_of(part)):
        sheet.complain(path, "silent may stand once, alone or in the outermost any", "")
    if not silent:
        return condition, []
    return (rest[0] if len(rest) == 1 else AnyOf(rest)) if rest else NEVER, silent
