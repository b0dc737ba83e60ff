"""A ruleset's text made ready to run: checked against its own names and the catalogue, hashed."""

import json
from datetime import timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from jinja2 import Template, TemplateSyntaxError
from pydantic import ValidationError

from domain.canonical import canonical_json
from domain.matters import Verify
from rules import conditions, policy, titles
from rules.catalogue import Catalogue
from rules.compiled import Compiled, Listened, Opening, Perceived, Rule, Window
from rules.conditions import ALWAYS, NEVER, AnyOf, Comparison, Condition, Op, Type
from rules.engine.translate import limits_exceeded, translate
from rules.evaluate import compiled_to_closure
from rules.faults import schema_faults
from rules.problems import Problem, RulesetInvalid, nearest
from rules.reading import Document, Path
from rules.schema import DetectionForm, RuleForm, RulesetForm, SignalForm, ThenForm
from rules.views import as_micros

SHANGHAI = ZoneInfo("Asia/Shanghai")
BUILT_IN = {"phase": Type.STRING}


def compile_ruleset(document: Document, template: str, catalogue: Catalogue, zone: ZoneInfo = SHANGHAI) -> Compiled:
    """Raises RulesetInvalid with everything that keeps it from running."""
    try:
        form = RulesetForm.model_validate_json(json.dumps(document.value))
    except ValidationError as error:
        raise RulesetInvalid(schema_faults(document, error)) from None
    compiler = _Compiler(document, form, catalogue)
    signals = compiler.signals()
    rules = compiler.rules()
    parsed = compiler.template(template)
    pairs = [(rule.id, rule.condition) for rule in rules if rule.condition is not None]
    compiler.problems += [document.problem(("classify",), fault) for fault in limits_exceeded(pairs)]
    if compiler.problems or parsed is None:
        raise RulesetInvalid(compiler.problems)
    digest = sha256(canonical_json({"ruleset": document.value, "template": template}).encode()).hexdigest()
    routes: dict[str, tuple[Listened, ...]] = {}
    for listened in signals.values():
        routes[listened.type] = (*routes.get(listened.type, ()), listened)
    return Compiled(
        id=form.ruleset,
        title=form.title,
        hash=digest,
        zone=zone,
        form=form,
        document=document,
        routes=routes,
        signals=signals,
        moments=frozenset(name for name, declared in form.perceive.items() if declared.once),
        windows=compiler.windows(),
        hours=tuple(name for name, fact in form.facts.items() if fact.hour),
        late_us=max(listened.late_us for listened in signals.values()),
        types=compiler.classify_types,
        labels=compiler.labels(),
        rules=rules,
        template=parsed,
        template_text=template,
        engine=translate(digest, pairs),
    )


class _Compiler:
    """Walks the form once and gathers what is wrong with it."""

    def __init__(self, document: Document, form: RulesetForm, catalogue: Catalogue) -> None:
        self.document = document
        self.form = form
        self.catalogue = catalogue
        self.problems: list[Problem] = []
        self.field_types: dict[str, Type] = {
            f"{signal}.{field}": kind
            for signal, declared in form.signals.items()
            for field, kind in (BUILT_IN | {name: Type(given.type) for name, given in declared.fields.items()}).items()
        }
        self.classify_types = (
            self.field_types | dict.fromkeys(form.perceive, Type.DETECTION) | dict.fromkeys(form.facts, Type.NUMBER)
        )

    def complain(self, path: Path, reason: str, fix: str = "") -> None:
        self.problems.append(self.document.problem(path, reason, fix))

    def signals(self) -> dict[str, Listened]:
        of_signal: dict[str, list[Perceived]] = {name: [] for name in self.form.signals}
        for name, declared in self.form.perceive.items():
            signal, perceived = self._perceived(name, declared)
            if signal is not None:
                of_signal[signal].append(perceived)
        return {name: self._listened(name, self.form.signals[name], tuple(of)) for name, of in of_signal.items()}

    def _listened(self, name: str, declared: SignalForm, detections: tuple[Perceived, ...]) -> Listened:
        spelt = {d.name: self.document.value["perceive"][d.name] for d in detections}
        return Listened(
            name=name,
            type=declared.type,
            key=declared.key,
            late_us=as_micros(declared.late),
            labels={field: given.label or field for field, given in declared.fields.items()},
            types=BUILT_IN | {field: Type(given.type) for field, given in declared.fields.items()},
            detections=tuple(d for d in detections if not d.once),
            moments=tuple(d for d in detections if d.once),
            fingerprint=sha256(canonical_json([self.document.value["signals"][name], spelt]).encode()).hexdigest()[:12],
        )

    def _perceived(self, name: str, declared: DetectionForm) -> tuple[str | None, Perceived]:
        path: Path = ("perceive", name)
        types = self.field_types | dict.fromkeys(self.form.signals, Type.SIGNAL)
        enter = conditions.parse(declared.enter, (*path, "enter"), self.field_types, self.complain)
        exit_, silent = self._exit(declared, (*path, "exit"), types)
        read = [*conditions.comparisons_of(enter), *conditions.comparisons_of(exit_), *silent]
        signals = {comparison.ref.partition(".")[0] for comparison in read}
        if len(signals) > 1:
            self.complain(path, f"reads several signals: {', '.join(sorted(signals))}", "one detection per signal")
        return (signals.pop() if len(signals) == 1 else None), Perceived(
            name=name,
            label=declared.label or name,
            enter=enter,
            exit=exit_,
            enters=compiled_to_closure(enter, self.field_types),
            refuses=compiled_to_closure(enter, self.field_types, negated=True),
            exits=compiled_to_closure(exit_, self.field_types),
            for_us=as_micros(declared.for_),
            silent_us=as_micros(silent[0].value) if silent and isinstance(silent[0].value, timedelta) else None,
            once=declared.once,
        )

    def _exit(self, declared: DetectionForm, path: Path, types: dict[str, Type]) -> tuple[Condition, list[Comparison]]:
        if declared.exit is None:
            return NEVER, []
        return self._silence(conditions.parse(declared.exit, path, types, self.complain), path)

    def _silence(self, condition: Condition, path: Path) -> tuple[Condition, list[Comparison]]:
        """Silence is a matter of the clock: it is taken out of the condition that signals are judged by."""
        parts = condition.parts if isinstance(condition, AnyOf) else (condition,)
        silent = [part for part in parts if isinstance(part, Comparison) and part.op is Op.SILENT]
        rest = tuple(part for part in parts if part not in silent)
        if len(silent) > 1 or any(c.op is Op.SILENT for part in rest for c in conditions.comparisons_of(part)):
            self.complain(path, "silent may stand once, alone or in the outermost any", "")
        if not silent:
            return condition, []
        return (rest[0] if len(rest) == 1 else AnyOf(rest)) if rest else NEVER, silent

    def windows(self) -> tuple[Window, ...]:
        return tuple(
            Window(name, fact.of, fact.distinct is not None, as_micros(fact.within), fact.by)
            for name, fact in self.form.facts.items()
            if fact.of is not None and fact.within is not None and fact.by is not None
        )

    def labels(self) -> dict[str, str]:
        found = {f"{s}.{f}": given.label for s, of in self.form.signals.items() for f, given in of.fields.items()}
        found |= {name: given.label for name, given in self.form.perceive.items()}
        found |= {name: given.label for name, given in self.form.facts.items()}
        return {name: label for name, label in found.items() if label}

    def rules(self) -> tuple[Rule, ...]:
        for name, fact in self.form.facts.items():
            if fact.of is not None and fact.of not in self.form.perceive:
                kind = "count" if fact.count else "distinct"
                fix = nearest(fact.of, self.form.perceive)
                self.complain(("facts", name, kind), f"unknown detection {fact.of!r}", fix)
        return tuple(self._rule(index, rule) for index, rule in enumerate(self.form.classify))

    def _rule(self, index: int, rule: RuleForm) -> Rule:
        path: Path = ("classify", index)
        condition = None
        if rule.if_ is not None:
            condition = conditions.parse(rule.if_, (*path, "if"), self.classify_types, self.complain)
        opens = None if isinstance(rule.then, str) else self._opening((*path, "then"), rule.then)
        return Rule(rule.id, rule.label or rule.id, None if condition == ALWAYS else condition, opens)

    def _opening(self, path: Path, then: ThenForm) -> Opening | None:
        category = self.catalogue.get(then.category)
        if category is None:
            fix = nearest(then.category, self.catalogue)
            self.complain((*path, "category"), f"unknown category {then.category!r}", fix)
            return None
        form = policy.merged(self.form.case, then)
        for field, reason, fix in policy.faults(form, category):
            here = (*path, *field.split("."))
            self.complain(here if here in self.document.lines else ("case", *field.split(".")), reason, fix)
        return Opening(
            category=category.code,
            category_label=category.label_zh,
            matter=then.matter,
            dedupe=form.dedupe or "place",
            priority=then.priority,
            tier=then.tier,
            lead=then.lead or self.form.lead,
            handler=then.handler,
            skills=then.skills,
            inform=form.inform or (),
            of_report=form.report is not None,
            policy=policy.policy_of(form, category),
            verify=form.verify or Verify.NEVER,
            verify_below=form.verify_below,
        )

    def template(self, text: str) -> Template | None:
        file = "template.zh.j2"
        try:
            for line, name, reason in titles.faults(text, self._template_names()):
                known = titles.PLAIN | self._template_names().keys() | self._dotted()
                self.problems.append(Problem(file, line, name, reason, nearest(name, known), "template"))
            return titles.read_template(text)
        except TemplateSyntaxError as error:
            self.problems.append(Problem(file, error.lineno, "-", f"not a template: {error.message}", "", "template"))
            return None

    def _template_names(self) -> dict[str, frozenset[str]]:
        fields = {name: frozenset(BUILT_IN | given.fields.keys()) for name, given in self.form.signals.items()}
        return {"facts": frozenset(self.form.facts), **fields}

    def _dotted(self) -> set[str]:
        return {f"{base}.{name}" for base, names in self._template_names().items() for name in names}
