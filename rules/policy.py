"""What a rule's case must keep to: the ruleset's word, never less than the category's floor."""

from collections.abc import Iterator
from datetime import timedelta

from domain.matters import ROUND_THE_CLOCK_NAME, AfterClose, Closing, Filing, Inspection, Limits, Policy, Rung, Verify
from rules.catalogue import Category
from rules.durations import in_words
from rules.schema import CaseForm, SlaForm

Fault = tuple[str, str, str]  # field, reason, fix
WORKING_DAY = timedelta(hours=8)
_STRICTNESS = (Inspection.NEVER, Inspection.SAMPLED, Inspection.ALWAYS)


def merged(case: CaseForm, then: CaseForm) -> CaseForm:
    """`case` with what `then` says again for itself."""
    given = {name: getattr(then, name) for name in CaseForm.model_fields if getattr(then, name) is not None}
    parts = {name: getattr(case.sla, name) for name in SlaForm.model_fields}
    again = {name: length for name in SlaForm.model_fields if (length := getattr(then.sla, name)) is not None}
    return case.model_copy(update={**given, "sla": SlaForm.model_construct(**parts | again)})


def policy_of(form: CaseForm, category: Category) -> Policy:
    """The policy of a case of `category`; call it only where `faults` finds none."""
    return Policy(
        limits=_limits(form.sla, category),
        ladder=tuple(Rung(at=rung.at, after=rung.after, to=rung.to) for rung in form.escalate or ()),
        evidence=form.evidence.handle if form.evidence else category.evidence,
        inspection=form.inspection or category.inspection,
        closing=form.close or Closing.MANUAL,
        after_close=form.after_close or AfterClose.NEW,
        verify=form.verify or Verify.NEVER,
        reopen_within=category.reopen_within if form.reopen_within is None else form.reopen_within,
        return_within=category.return_within if form.return_within is None else form.return_within,
        outcomes=form.outcomes or ("solved",),
        place_check=bool(form.place_check),
        calendar=category.calendar,
        filing=form.filing or Filing.BY_RULE,
    )


def _limits(sla: SlaForm, category: Category) -> Limits:
    """The limits in working time: where working days count, a day that is written is one of them."""
    overall = sla.overall or category.limit
    given = {"overall": overall, "sign": sla.sign, "handle": sla.handle or overall, "inspect": sla.inspect}
    day = timedelta(days=1) if category.calendar == ROUND_THE_CLOCK_NAME else WORKING_DAY
    worked = {
        name: length.days * day + length % timedelta(days=1) for name, length in given.items() if length is not None
    }
    return Limits(**worked)


def faults(form: CaseForm, category: Category) -> Iterator[Fault]:
    """Where `form` says less than the category demands, or contradicts itself."""
    yield from _below_the_floor(form, category)
    for name in SlaForm.model_fields:
        if getattr(form.sla, name) == timedelta(0):
            yield f"sla.{name}", "时限要大于 0", "不写就用类别的时限"
    overall = form.sla.overall or category.limit
    for name in ("sign", "handle", "inspect"):
        part = getattr(form.sla, name)
        if part is not None and part > overall:
            yield f"sla.{name}", f"{in_words(part)} 比全程时限（{in_words(overall)}）还长", ""
    if (form.verify is Verify.BELOW_CONFIDENCE) != (form.verify_below is not None):
        yield "verify_below", "verify: below_confidence 和 verify_below 要一起写", ""


def _below_the_floor(form: CaseForm, category: Category) -> Iterator[Fault]:
    floor = f"类别 {category.code} 要求"
    if form.sla.overall is not None and form.sla.overall > category.limit:
        yield "sla.overall", f"{floor}最长 {in_words(category.limit)}", ""
    if form.evidence is not None and (lacking := set(category.evidence) - set(form.evidence.handle)):
        yield "evidence.handle", f"{floor}还要有 {'、'.join(sorted(lacking))}", ""
    if form.inspection is not None and _STRICTNESS.index(form.inspection) < _STRICTNESS.index(category.inspection):
        yield "inspection", f"{floor} {category.inspection}", ""
    if form.close not in {None, Closing.MANUAL} and not category.close_by_rule:
        yield "close", f"{floor}由人结案", "close: manual"
    if form.reopen_within is not None and form.reopen_within < category.reopen_within:
        yield "reopen_within", f"{floor}至少 {in_words(category.reopen_within)}", ""
    if form.return_within is not None and form.return_within > category.return_within:
        yield "return_within", f"{floor}最长 {in_words(category.return_within)}", ""
