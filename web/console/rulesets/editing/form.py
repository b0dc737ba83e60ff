"""A ruleset's YAML as the form shows it: plain data, each part with its path. Runs at the workbench."""

from typing import Any

from rules.problems import RulesetInvalid
from rules.reading import Document, Path, read_yaml
from web.console.rulesets.editing import deciding, feeding
from web.console.rulesets.editing.conditions import condition
from web.console.rulesets.editing.values import at, get, is_name, keys_of, left, named, only_shown, text

FACT_KINDS = ("count", "distinct", "latest", "hour")
DERIVED = ("rate", "average", "highest", "baseline")
TOP = ("ruleset", "title", "lead", "hours", "signals", "perceive", "facts", "classify", "case", "storm", "tests")
USUAL_CHOICES = 20  # of a list that offers no names
MOST_DRAWN = 500_000  # values, each with the names to choose from; the largest ruleset that is shipped has 60,000
NUMBER_FACT = "number (facts)"


def shown(definition: str) -> dict[str, Any]:
    """The form's parts; what has no field of the form is shown with its line, to be changed in the YAML.

    `readable`: false where the text cannot be read, for the `reason` on that `line`, or is too long for a form (0).
    """
    try:
        document = read_yaml(definition, "ruleset.yaml")
    except RulesetInvalid as invalid:
        first = invalid.problems[0]
        return {"readable": False, "line": first.line, "reason": first.reason}
    value = document.value
    types = types_of(value)
    if len(document.lines) * (len(types) + USUAL_CHOICES) > MOST_DRAWN:
        return {"readable": False, "line": 0, "reason": ""}
    rules, table = deciding.rules(document, types), deciding.table(document, types)
    return {
        "readable": True,
        "id": text(value, "ruleset"),
        "title": text(value, "title"),
        "lead": text(value, "lead"),
        "left": [*left(document, "", TOP), *_nameless(document)],
        "hours": [_hours(document, name, one) for name, one in named(value, "hours")],
        "signals": [_signal(document, name, one) for name, one in named(value, "signals")],
        "perceive": [_detection(document, name, one, types) for name, one in named(value, "perceive")],
        "facts": [_fact(document, name, one) for name, one in named(value, "facts")],
        "rules": rules,
        "table": table,
        "decided": [(one["id"], one["label"] or one["id"]) for one in (table["rows"] if table else rules)],
        "tabular": deciding.is_tabular(value),
        "case": deciding.working(document, "case"),
        "storm": text(get(value, "storm"), "per_hour"),
        "tests": feeding.tests(document),
        "types": types,
        "among": among(value, types),
        "labels": labels_of(value),
    }


def _nameless(document: Document) -> list[dict[str, Any]]:
    """What has a name that the form has no controls for; it is no name of the language."""
    parts: list[Path] = [(part,) for part in ("hours", "signals", "perceive", "facts")]
    parts += [("signals", name, part) for name, _ in named(document.value, "signals") for part in ("fields", "derive")]
    return [
        only_shown(document, (*path, key), f"{path[0]}: {key}")
        for path in parts
        for key in sorted(keys_of(at(document.value, path)))
        if not is_name(key)
    ]


def types_of(value: Any) -> dict[str, str]:
    """What conditions may name: fields of signals, signals (silent), hours, detections, facts; with their types."""
    found: dict[str, str] = {}
    for name, signal in named(value, "signals"):
        for field, given in named(signal, "fields"):
            found[f"{name}.{field}"] = given if isinstance(given, str) else text(given, "type") or "number"
        for field, _ in named(signal, "derive"):
            found[f"{name}.{field}"] = "number"
        found[f"{name}.phase"] = "string"
        found[name] = "signal"
    for name, _ in named(value, "hours"):
        found[f"hours.{name}"] = "boolean"
    latest = {name: found.get(text(fact, "latest"), "") for name, fact in named(value, "facts")}
    for name, _ in named(value, "perceive"):
        found[name] = "detection"
    for name, _ in named(value, "facts"):
        found[name] = f"{latest[name]} (facts)" if latest[name] else NUMBER_FACT
    return found


def among(value: Any, types: dict[str, str]) -> dict[str, Any]:
    """What may be chosen from, in groups: `fields` by signal, `rule` for what decides."""
    fields = [
        (text(signal, "label") or name, [ref for ref in types if ref.startswith(f"{name}.")])
        for name, signal in named(value, "signals")
    ]
    hours = [f"hours.{name}" for name, _ in named(value, "hours")]
    own = [name for part in ("perceive", "facts") for name, _ in named(value, part)]
    return {
        "fields": [*fields, ("", hours)],
        "signals": [(name, text(signal, "label") or name) for name, signal in named(value, "signals")],
        "silent": [name for name, _ in named(value, "signals")],
        "detections": [name for name, _ in named(value, "perceive")],
        "detection_labels": [(name, text(one, "label") or name) for name, one in named(value, "perceive")],
        "rule": [("", own), *fields, ("", hours)],
        "latest": [ref for ref, kind in types.items() if "." in ref and kind in ("number", "boolean", "string")],
    }


def labels_of(value: Any) -> dict[str, str]:
    """What people call each of them: `水位计 · 水深（cm）`."""
    found: dict[str, str] = {}
    for name, signal in named(value, "signals"):
        label = text(signal, "label") or name
        found[name] = label
        found[f"{name}.phase"] = f"{label} · 阶段"
        for field, given in [*named(signal, "fields"), *named(signal, "derive")]:
            unit = text(given, "unit")
            found[f"{name}.{field}"] = f"{label} · {text(given, 'label') or field}" + (f"（{unit}）" if unit else "")
    for part in ("hours", "perceive", "facts"):
        for name, given in named(value, part):
            found[f"hours.{name}" if part == "hours" else name] = text(given, "label") or name
    return found


def _hours(document: Document, name: str, one: Any) -> dict[str, Any]:
    words = {key: text(one, key) for key in ("from", "to", "days", "label")}
    path = f"hours/{name}"
    return {"name": name, "path": path, **words, "left": left(document, path, words)}


def _signal(document: Document, name: str, one: Any) -> dict[str, Any]:
    path = f"signals/{name}"
    words = {key: text(one, key) for key in ("label", "type")}
    fields = [_field(document, f"{path}/fields/{field}", field, given) for field, given in named(one, "fields")]
    derived = [_derived(document, f"{path}/derive/{field}", field, given) for field, given in named(one, "derive")]
    return {
        **words,
        "name": name,
        "path": path,
        "key": text(one, "key") or "device",
        "late": text(one, "late") or "10s",
        "fields": fields,
        "derived": derived,
        "numbers": [(field["name"], field["label"] or field["name"]) for field in fields if field["type"] == "number"],
        "left": left(document, path, (*words, "key", "late", "fields", "derive")),
    }


def _field(document: Document, path: str, name: str, given: Any) -> dict[str, Any]:
    words = {key: text(given, key) for key in ("type", "label", "unit")}
    if isinstance(given, str):
        words["type"] = given
    return {"name": name, "path": path, **words, "left": left(document, path, words)}


def _derived(document: Document, path: str, name: str, given: Any) -> dict[str, Any]:
    words = {key: text(given, key) for key in ("label", "over", "per", "days")}
    how = next((kind for kind in DERIVED if get(given, kind)), "")
    return {
        **words,
        "name": name,
        "path": path,
        "how": how,
        "of": text(given, how),
        "left": left(document, path, (*words, how)),
    }


def _detection(document: Document, name: str, one: Any, types: dict[str, str]) -> dict[str, Any]:
    path = f"perceive/{name}"
    enter, exit_ = get(one, "enter"), get(one, "exit")
    return {
        "name": name,
        "path": path,
        "label": text(one, "label"),
        "for": text(one, "for"),
        "kind": kind_of(one),
        "enter": condition(document, f"{path}/enter", types) if enter is not None else None,
        "exit": condition(document, f"{path}/exit", types) if exit_ is not None else None,
        "left": left(document, path, ("label", "for", "once", "enter", "exit")),
    }


def kind_of(detection: Any) -> str:
    """How it goes on and ends: `span`, `once` or `silence`."""
    enter = get(detection, "enter")
    inner = next(iter(enter.values()), None) if isinstance(enter, dict) else None
    if isinstance(inner, dict) and "silent" in inner:
        return "silence"
    return "once" if get(detection, "once") is True else "span"


def _fact(document: Document, name: str, one: Any) -> dict[str, Any]:
    kind = next((kind for kind in FACT_KINDS if get(one, kind)), "count")
    words = {key: text(one, key) for key in ("label", "within", "by")}
    path = f"facts/{name}"
    return {
        **words,
        "name": name,
        "path": path,
        "kind": kind,
        "of": text(one, kind),
        "left": left(document, path, (*words, kind)),
    }
