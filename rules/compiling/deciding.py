"""`classify` and `case` as they run."""

from domain.matters import Verify
from rules import conditions, policy
from rules.compiled import Opening, Rule
from rules.compiling.sheet import Sheet
from rules.conditions import ALWAYS
from rules.problems import nearest
from rules.reading import Path
from rules.schema import RuleForm, TableForm, ThenForm


def rules_of(sheet: Sheet) -> tuple[Rule, ...]:
    if isinstance(sheet.form.classify, TableForm):
        raise NotImplementedError
    return tuple(_rule(sheet, ("classify", index), rule) for index, rule in enumerate(sheet.form.classify))


def _rule(sheet: Sheet, path: Path, rule: RuleForm) -> Rule:
    condition = None
    if rule.if_ is not None:
        condition = conditions.parse(rule.if_, (*path, "if"), sheet.classify_types, sheet.complain)
    opens = None if isinstance(rule.then, str) else _opening(sheet, (*path, "then"), rule.then)
    return Rule(rule.id, rule.label or rule.id, None if condition == ALWAYS else condition, opens, path)


def _opening(sheet: Sheet, path: Path, then: ThenForm) -> Opening | None:
    category = sheet.catalogue.get(then.category)
    if category is None:
        reason, fix = f"unknown category {then.category!r}", nearest(then.category, sheet.catalogue)
        sheet.complain((*path, "category"), reason, fix, "unknown-name")
        return None
    form = policy.merged(sheet.form.case, then)
    for field, reason, fix in policy.faults(form, category):
        here = (*path, *field.split("."))
        sheet.complain(here if here in sheet.document.lines else ("case", *field.split(".")), reason, fix)
    return Opening(
        category=category.code,
        category_label=category.label_zh,
        matter=then.matter,
        dedupe=form.dedupe or "place",
        priority=then.priority,
        tier=then.tier,
        lead=then.lead or sheet.form.lead,
        handler=then.handler,
        skills=then.skills,
        inform=form.inform or (),
        of_report=form.report is not None,
        policy=policy.policy_of(form, category),
        verify=form.verify or Verify.NEVER,
        verify_below=form.verify_below,
    )
