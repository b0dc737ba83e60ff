"""`signals`, `perceive` and `facts` as they run."""

from datetime import timedelta
from hashlib import sha256

from domain.canonical import canonical_json
from rules.ambient import Latest
from rules.compiled import Listened, Perceived, Window
from rules.compiling import parsing
from rules.compiling.sheet import BUILT_IN, Sheet, fields_of
from rules.conditions import NEVER, AnyOf, Comparison, Condition, Op, Type, comparisons_of
from rules.derived import Derived, derived_of
from rules.evaluate import compiled_to_closure
from rules.hours import PREFIX
from rules.problems import nearest
from rules.reading import Path
from rules.schema import DetectionForm, SignalForm
from rules.views import as_micros


def signals_of(sheet: Sheet, latest: tuple[Latest, ...]) -> dict[str, Listened]:
    """What is listened to; `latest` are the facts that remember what signals say."""
    of_signal: dict[str, list[Perceived]] = {name: [] for name in sheet.form.signals}
    for name, declared in sheet.form.perceive.items():
        signal, perceived = _perceived(sheet, name, declared)
        if signal is not None:
            of_signal[signal].append(perceived)
    found = {}
    for name, detections in of_signal.items():
        ambient = {(fact.field, fact.by): fact for fact in latest if fact.signal == name}
        found[name] = _listened(sheet, name, sheet.form.signals[name], tuple(detections), tuple(ambient.values()))
    return found


def windows_of(sheet: Sheet) -> tuple[Window, ...]:
    """The facts that count episodes; a count of what no detection is called is complained of."""
    found = []
    for name, fact in sheet.form.facts.items():
        if fact.of is None or fact.within is None or fact.by is None:
            continue
        if fact.of not in sheet.form.perceive:
            kind = "count" if fact.count else "distinct"
            reason, fix = f"没有“{fact.of}”这个告警", nearest(fact.of, sheet.form.perceive)
            sheet.complain(("facts", name, kind), reason, fix, "unknown-name")
        found.append(Window(name, fact.of, fact.distinct is not None, as_micros(fact.within), fact.by))
    return tuple(found)


def latest_of(sheet: Sheet) -> tuple[Latest, ...]:
    """The facts that say what was last heard; one of what nothing says is complained of."""
    found = []
    for name, fact in sheet.form.facts.items():
        if fact.latest is None or fact.within is None or fact.by is None:
            continue
        kind = sheet.field_types.get(fact.latest)
        if kind is None:
            reason, fix = f"没有“{fact.latest}”这个字段", nearest(fact.latest, sheet.field_types)
            sheet.complain(("facts", name, "latest"), reason, fix, "unknown-name")
            continue
        signal, _, field = fact.latest.partition(".")
        declared = sheet.form.signals[signal]
        known_as = f"{sheet.form.ruleset}/{field}" if field in declared.derive else field
        within = as_micros(fact.within)
        found.append(Latest(name, signal, field, declared.type, known_as, kind, within, fact.by))
    return tuple(found)


def _listened(
    sheet: Sheet, name: str, declared: SignalForm, detections: tuple[Perceived, ...], ambient: tuple[Latest, ...]
) -> Listened:
    if f"{name}." == PREFIX:
        sheet.complain(("signals", name), f"“{name}”是时段专用的名字", "换一个名字")
    value = sheet.document.value
    spelt = {d.name: value["perceive"][d.name] for d in detections}
    read = {c.ref for d in detections for part in (d.enter, d.exit) for c in comparisons_of(part)}
    hours = tuple(of for ref, of in sheet.hours.items() if ref in read)
    derived = _derived(sheet, name, declared)
    silences = tuple(d for d in detections if sheet.form.perceive[d.name].by_silence)
    meant = [value["signals"][name], spelt, *([value["hours"]] if hours else [])]
    return Listened(
        name=name,
        type=declared.type,
        key=declared.key,
        late_us=as_micros(declared.late),
        labels={field: given.label or field for field, given in (declared.fields | declared.derive).items()},
        types=fields_of(declared),
        units={field: of.unit for field, of in declared.fields.items() if of.unit},
        detections=tuple(d for d in detections if not d.once and d not in silences),
        moments=tuple(d for d in detections if d.once),
        silences=silences,
        derived=derived,
        hours=hours,
        ambient=ambient,
        is_plain=not (silences or derived or hours or ambient),
        fingerprint=sha256(canonical_json(meant).encode()).hexdigest()[:12],
    )


def _derived(sheet: Sheet, signal: str, declared: SignalForm) -> tuple[Derived, ...]:
    numbers = {name for name, of in declared.fields.items() if Type(of.type) is Type.NUMBER}
    for name, form in declared.derive.items():
        path: Path = ("signals", signal, "derive", name)
        if name in declared.fields.keys() | BUILT_IN.keys():
            sheet.complain(path, f"已经有字段叫“{name}”", "给推算值另起一个名字")
        if form.of not in numbers:
            kind = derived_of(name, form, sheet.zone).kind
            sheet.complain((*path, kind), f"没有“{form.of}”这个数字字段", nearest(form.of, numbers), "unknown-name")
    return tuple(derived_of(name, form, sheet.zone) for name, form in declared.derive.items())


def _perceived(sheet: Sheet, name: str, declared: DetectionForm) -> tuple[str | None, Perceived]:
    path: Path = ("perceive", name)
    types = sheet.perceive_types
    enter, begins_silent = _enter(sheet, declared, (*path, "enter"), types)
    exit_, silent = _exit(sheet, declared, (*path, "exit"), _with_signals(sheet, types))
    read = [*comparisons_of(enter), *comparisons_of(exit_), *silent]
    signals = {ref.partition(".")[0] for ref in (comparison.ref for comparison in read) if ref not in sheet.hours}
    if len(signals) > 1:
        sheet.complain(path, f"一个告警读了几种信息：{'、'.join(sorted(signals))}", "一种信息一个告警")
    if read and not signals:
        sheet.complain(path, "没有读任何信息", "时段只能和信息里的字段一起用")
    waited = [comparison.value for comparison in (*silent, *begins_silent)]
    return (signals.pop() if len(signals) == 1 else None), Perceived(
        name=name,
        label=declared.label or name,
        enter=enter,
        exit=exit_,
        enters=compiled_to_closure(enter, _with_signals(sheet, types)),
        refuses=compiled_to_closure(enter, _with_signals(sheet, types), negated=True),
        exits=compiled_to_closure(exit_, types),
        for_us=as_micros(declared.for_),
        silent_us=as_micros(waited[0]) if waited and isinstance(waited[0], timedelta) else None,
        once=declared.once,
    )


def _with_signals(sheet: Sheet, types: dict[str, Type]) -> dict[str, Type]:
    """Where a signal itself may be asked for: whether it is silent."""
    return types | dict.fromkeys(sheet.form.signals, Type.SIGNAL)


def _enter(
    sheet: Sheet, declared: DetectionForm, path: Path, types: dict[str, Type]
) -> tuple[Condition, list[Comparison]]:
    """What begins it, and the silence that does."""
    enter = parsing.parse(declared.enter, path, _with_signals(sheet, types), sheet.complain, sheet.units)
    silent = [comparison for comparison in comparisons_of(enter) if comparison.op is Op.SILENT]
    if silent and not isinstance(enter, Comparison):
        sheet.complain(silent[0].path, "enter 里的 silent 只能单独写", "另写一个告警")
    return enter, silent


def _exit(
    sheet: Sheet, declared: DetectionForm, path: Path, types: dict[str, Type]
) -> tuple[Condition, list[Comparison]]:
    if declared.exit is None:
        return NEVER, []
    return _silence(sheet, parsing.parse(declared.exit, path, types, sheet.complain, sheet.units), path)


def _silence(sheet: Sheet, condition: Condition, path: Path) -> tuple[Condition, list[Comparison]]:
    """Silence is a matter of the clock: it is taken out of the condition that signals are judged by."""
    parts = condition.parts if isinstance(condition, AnyOf) else (condition,)
    silent = [part for part in parts if isinstance(part, Comparison) and part.op is Op.SILENT]
    rest = tuple(part for part in parts if part not in silent)
    if len(silent) > 1 or any(c.op is Op.SILENT for part in rest for c in comparisons_of(part)):
        sheet.complain(path, "silent 只能写一次：单独写，或写在最外层的 any 里")
        return NEVER, []
    if not silent:
        return condition, []
    return (rest[0] if len(rest) == 1 else AnyOf(rest)) if rest else NEVER, silent
