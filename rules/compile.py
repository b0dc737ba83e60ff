"""A ruleset's text made ready to run: checked against its own names and the catalogue, hashed."""

import json
from hashlib import sha256
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from domain.canonical import canonical_json
from rules.catalogue import Catalogue
from rules.compiled import Compiled, Listened
from rules.compiling.deciding import rules_of
from rules.compiling.perceiving import signals_of, windows_of
from rules.compiling.sheet import Sheet
from rules.compiling.template import template_of
from rules.engine.translate import limits_exceeded, translate
from rules.faults import schema_faults
from rules.problems import RulesetInvalid
from rules.reading import Document
from rules.schema import RulesetForm

SHANGHAI = ZoneInfo("Asia/Shanghai")


def compile_ruleset(document: Document, template: str, catalogue: Catalogue, zone: ZoneInfo = SHANGHAI) -> Compiled:
    """Raises RulesetInvalid with everything that keeps it from running."""
    try:
        form = RulesetForm.model_validate_json(json.dumps(document.value))
    except ValidationError as error:
        raise RulesetInvalid(schema_faults(document, error)) from None
    sheet = Sheet(document, form, catalogue)
    signals = signals_of(sheet)
    windows = windows_of(sheet)
    rules = rules_of(sheet)
    parsed = template_of(sheet, template)
    pairs = [(rule.id, rule.condition) for rule in rules if rule.condition is not None]
    sheet.problems += [document.problem(("classify",), fault) for fault in limits_exceeded(pairs)]
    if sheet.problems or parsed is None:
        raise RulesetInvalid(sheet.problems)
    digest = sha256(canonical_json({"ruleset": document.value, "template": template}).encode()).hexdigest()
    routes: dict[str, tuple[Listened, ...]] = {}
    for listened in signals.values():
        routes[listened.type] = (*routes.get(listened.type, ()), listened)
    return Compiled(
        id=form.ruleset,
        state_id=form.ruleset,
        title=form.title,
        hash=digest,
        zone=zone,
        form=form,
        document=document,
        routes=routes,
        signals=signals,
        moments=frozenset(name for name, declared in form.perceive.items() if declared.once),
        windows=windows,
        hours=tuple(name for name, fact in form.facts.items() if fact.hour),
        late_us=max(listened.late_us for listened in signals.values()),
        types=sheet.classify_types,
        labels=sheet.labels(),
        rules=rules,
        template=parsed,
        template_text=template,
        engine=translate(digest, pairs),
    )
