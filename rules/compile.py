"""A ruleset's text made ready to run: checked against its own names and the catalogue, hashed."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from domain.calendars import MIDNIGHT, Calendar
from domain.canonical import canonical_json
from rules.catalogue import Catalogue
from rules.compiled import Compiled, Listened, Rule
from rules.compiling.deciding import guard_of, rules_of
from rules.compiling.examples import check_examples
from rules.compiling.perceiving import latest_of, signals_of, windows_of
from rules.compiling.sheet import Sheet
from rules.compiling.template import template_of
from rules.conditions import Condition
from rules.engine.translate import split, too_large
from rules.faults import schema_faults
from rules.problems import RulesetInvalid
from rules.reading import Document
from rules.schema import RulesetForm

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKENDS_ONLY = Calendar(name="weekends", version="1", zone="UTC", hours=((MIDNIGHT, MIDNIGHT),))


def compile_ruleset(
    document: Document,
    template: str,
    catalogue: Catalogue,
    zone: ZoneInfo = SHANGHAI,
    calendar: Calendar = WEEKENDS_ONLY,
) -> Compiled:
    """`calendar` says which days people work on. Raises RulesetInvalid with everything that keeps it from running."""
    try:
        form = RulesetForm.model_validate_json(json.dumps(document.value))
    except ValidationError as error:
        raise RulesetInvalid(schema_faults(document, error)) from None
    sheet = Sheet(document, form, catalogue, zone, calendar)
    latest = latest_of(sheet)
    signals = signals_of(sheet, latest)
    windows = windows_of(sheet)
    rules = rules_of(sheet)
    guard = guard_of(sheet)
    parsed = template_of(sheet, template)
    check_examples(sheet)
    asked = [(rule.id, rule.condition) for rule in rules if rule.condition is not None]
    _check_size(sheet, rules, asked)
    if sheet.problems or parsed is None or guard is None:
        raise RulesetInvalid(sheet.problems)
    digest = sha256(canonical_json({"ruleset": document.value, "template": template}).encode()).hexdigest()
    return Compiled(
        id=form.ruleset,
        state_id=form.ruleset,
        title=form.title,
        hash=digest,
        zone=zone,
        form=form,
        document=document,
        routes=_by_type(signals.values()),
        signals=signals,
        moments=frozenset(name for name, declared in form.perceive.items() if declared.once),
        windows=windows,
        latest=latest,
        hours=tuple(name for name, fact in form.facts.items() if fact.hour),
        times_of_day=sheet.hours,
        late_us=max(listened.late_us for listened in signals.values()),
        types=sheet.classify_types,
        labels=sheet.labels(),
        rules=rules,
        guard=guard,
        template=parsed,
        template_text=template,
        engine=split(digest, asked),
    )


def _check_size(sheet: Sheet, rules: Sequence[Rule], asked: Sequence[tuple[str, Condition]]) -> None:
    """Complains of each rule that the engine cannot hold."""
    paths = {rule.id: (*rule.path, "if") for rule in rules}
    for rule, count, limit in too_large(asked):
        reason = f"规则 {rule} 有 {count} 个比较（in 的每个值算一个），引擎只能装 {limit} 个"
        sheet.complain(paths[rule], reason, "拆成两条规则", "engine-limit")


def _by_type(signals: Iterable[Listened]) -> dict[str, tuple[Listened, ...]]:
    found: dict[str, tuple[Listened, ...]] = {}
    for listened in signals:
        found[listened.type] = (*found.get(listened.type, ()), listened)
    return found
