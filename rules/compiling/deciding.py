"""`classify` and `case` as they run."""

from dataclasses import replace

from domain.matters import STORM, Verify
from rules import policy
from rules.catalogue import Category
from rules.compiled import Correlation, Guard, Opening, Rule
from rules.compiling import parsing
from rules.compiling.sheet import Sheet
from rules.conditions import ALWAYS, AllOf, Condition
from rules.problems import nearest
from rules.reading import Path
from rules.schema import CaseForm, ChildForm, CorrelateForm, RowForm, RuleForm, TableForm, ThenForm

STORM_CATEGORY = "ruleset-storm"
STORM_PER_HOUR = 500  # cases, where a ruleset says nothing

PARTS = frozenset({"sla.sign", "sla.handle", "sla.inspect"})  # each at most as long as the whole


def rules_of(sheet: Sheet) -> tuple[Rule, ...]:
    declared = sheet.form.classify
    if isinstance(declared, TableForm):
        return _table(sheet, declared)
    return tuple(_rule(sheet, ("classify", index), rule) for index, rule in enumerate(declared))


def _rule(sheet: Sheet, path: Path, rule: RuleForm) -> Rule:
    condition: Condition = ALWAYS
    if rule.if_ is not None:
        condition = parsing.parse(rule.if_, (*path, "if"), sheet.classify_types, sheet.complain, sheet.units)
    return _decides(sheet, path, rule, condition)


def _table(sheet: Sheet, table: TableForm) -> tuple[Rule, ...]:
    """One rule per row: all of its cells hold. `any` asks nothing of its column."""
    types = sheet.classify_types
    for index, name in enumerate(table.columns):
        if name not in types:
            reason, fix = f"没有“{name}”这个名字", nearest(name, types)
            sheet.complain(("classify", "columns", index), reason, fix, "unknown-name")
    written = sheet.document.value["classify"]["rows"]
    rules = []
    for index, row in enumerate(table.rows):
        path: Path = ("classify", "rows", index)
        cells = (
            parsing.parse_cell(name, cell, (*path, "when", at), types, sheet.complain, sheet.units)
            for at, (name, cell) in enumerate(zip(table.columns, written[index]["when"], strict=True))
            if name in types
        )
        asked = tuple(cell for cell in cells if cell != ALWAYS)
        rules.append(_decides(sheet, path, row, asked[0] if len(asked) == 1 else AllOf(asked)))
    return tuple(rules)


def _decides(sheet: Sheet, path: Path, form: RuleForm | RowForm, condition: Condition) -> Rule:
    opens = None if isinstance(form.then, str) else _opening(sheet, (*path, "then"), form.then)
    return Rule(form.id, form.label or form.id, None if condition == ALWAYS else condition, opens, path)


def guard_of(sheet: Sheet) -> Guard | None:
    """What holds a storm of this ruleset; None, and a complaint, where the catalogue has no category for it."""
    category = sheet.catalogue.get(STORM_CATEGORY)
    if category is None:
        sheet.complain((), f"类别目录里没有“{STORM_CATEGORY}”", "在类别目录里加上它", "unknown-name")
        return None
    form = sheet.form
    per_hour = form.storm.per_hour if form.storm else STORM_PER_HOUR
    return Guard(form.ruleset, form.title, form.lead, per_hour, category.code, policy.policy_of(CaseForm(), category))


def _opening(sheet: Sheet, path: Path, then: ThenForm) -> Opening | None:
    form = policy.merged(sheet.form.case, then)
    category = _category(sheet, path, then.category, form)
    if then.matter == STORM:
        sheet.complain((*path, "matter"), f"“{STORM}”是告警风暴合并案专用的事项名", "换一个词")
    if category is None:
        return None
    children = (_child(sheet, (*path, "children", index), then, child) for index, child in enumerate(then.children))
    return replace(
        _opened_as(sheet, form, then, then, category),
        parties=form.parties or (),
        correlate=tuple(map(_correlation, form.correlate or ())),
        children=tuple(child for child in children if child is not None),
    )


def _child(sheet: Sheet, path: Path, then: ThenForm, child: ChildForm) -> Opening | None:
    """Like the main case where it says nothing else; it comes with the main one, so nothing mutes it."""
    form = policy.merged(sheet.form.case, child)
    category = _category(sheet, path, child.category, form)
    if child.matter in {STORM, then.matter}:
        sheet.complain((*path, "matter"), f"事项要和主案件不同，也不能叫“{STORM}”", "给它一个自己的 matter")
    if category is None:
        return None
    return _opened_as(sheet, form, child, then, category)


def _category(sheet: Sheet, path: Path, name: str, form: CaseForm) -> Category | None:
    """The category, once `form` is held against what it demands."""
    category = sheet.catalogue.get(name)
    if category is None:
        fix = nearest(name, sheet.catalogue)
        sheet.complain((*path, "category"), f"没有“{name}”这个类别", fix, "unknown-name")
        return None
    for field, reason, fix in policy.faults(form, category):
        here = (*path, *field.split("."))
        where = here if here in sheet.document.lines else ("case", *field.split("."))
        sheet.complain(where, reason, fix, "deadline-order" if field in PARTS else "below-category")
    return category


def _correlation(form: CorrelateForm) -> Correlation:
    ruleset, _, matter = form.with_.partition("/")
    return Correlation(ruleset, matter or None, form.by, joins=form.as_ == "join")


def _opened_as(sheet: Sheet, form: CaseForm, then: ThenForm | ChildForm, main: ThenForm, category: Category) -> Opening:
    """What `then` says, by the word of the main case where it is silent."""
    return Opening(
        category=category.code,
        category_label=category.label_zh,
        matter=then.matter,
        dedupe=form.dedupe or "place",
        priority=then.priority or main.priority,
        tier=then.tier or main.tier,
        lead=then.lead or main.lead or sheet.form.lead,
        handler=then.handler,
        skills=then.skills,
        inform=form.inform or (),
        of_report=form.report is not None and then is main,
        policy=policy.policy_of(form, category),
        verify=form.verify or Verify.NEVER,
        verify_below=form.verify_below,
        parties=then.parties or (),
        correlate=(),
        children=(),
    )
