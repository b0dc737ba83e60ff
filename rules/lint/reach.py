"""Proofs over `classify`: rules that are never reached, situations that no rule sees to, grave ones that come last."""

from collections.abc import Iterator, Mapping, Sequence

from domain.matters import Priority
from domain.signals import FieldValue
from rules.compiled import Compiled, Opening, Rule
from rules.conditions import KEYWORDS, AllOf, Comparison, Condition, Op, comparisons_of
from rules.evaluate import hits_of
from rules.lint.facts import Possible
from rules.lint.finding import Finding
from rules.lint.words import called, called_rules, in_words
from rules.testing import Outcome


def reach(compiled: Compiled, possible: Possible, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    lost: set[str] = set()
    for finding in _unreachable(compiled, possible):
        if finding.code == "unreachable":
            lost.add(compiled.rules[_index(compiled, finding)].id)
        yield finding
    yield from _overlaps(compiled, possible, outcomes, lost)


def _index(compiled: Compiled, finding: Finding) -> int:
    return next(i for i, rule in enumerate(compiled.rules) if finding.path[: len(rule.path)] == rule.path)


def _unreachable(compiled: Compiled, possible: Possible) -> Iterator[Finding]:
    """Each rule in turn, given that those before it do not hold; in the end, given that none does."""
    left = possible.solver()
    for index, rule in enumerate(compiled.rules):
        formula = possible.holds(rule.condition)
        if possible.never(left, formula):
            yield _hidden(compiled, possible, index)
        left.add(possible.not_(formula))
    facts = possible.example(left)
    if facts is not None and _wins(compiled, facts) is None:
        reason = f"有情况哪条规则都不管，例如：{in_words(compiled, facts)}"
        yield Finding(compiled.rules[-1].path, "gap", reason, "最后加一条没有条件的规则，只记下来、不立案")


def _hidden(compiled: Compiled, possible: Possible, index: int) -> Finding:
    rule, before = compiled.rules[index], compiled.rules[:index]
    name = f"规则{called_rules(rule)}"
    path = rule.path if rule.condition is None else _where(rule)
    alone = possible.solver()
    if possible.never(alone, possible.holds(rule.condition)):
        return Finding(path, "unreachable", f"{name}永远不成立{_why_never(compiled, rule.condition)}", "删掉或改条件")
    alone.add(possible.holds(rule.condition))
    one = next((e for e in before if possible.never(alone, possible.not_(possible.holds(e.condition)))), None)
    if one is None:
        reason = f"{name}成立时，前面的{called_rules(*before)}中总有一条已经成立"
        return Finding(path, "unreachable", reason, "移到前面，或改条件")
    first = called_rules(one)
    fix = f"移到{first}之前，或改条件"
    if one.condition is None:
        return Finding(path, "unreachable", f"{name}写在{first}之后，而{first}总是成立", fix)
    facts = possible.example(alone)
    example = f"，例如：{in_words(compiled, facts, rule.condition)}" if facts else ""
    return Finding(path, "unreachable", f"{name}成立时，前面的{first}已经成立{example}", fix)


def _why_never(compiled: Compiled, condition: Condition | None) -> str:
    parts = condition.parts if isinstance(condition, AllOf) else ()
    began = sorted({part.ref for part in parts if isinstance(part, Comparison) and part.op is Op.IS})
    if len(began) < 2:  # noqa: PLR2004
        return ""
    names = "和".join(called(compiled, name) for name in began)
    return f"：{names}是分开判断的，不会同时开始，请用“任一成立”连接，或把一个改成数它发生了几次"


def _overlaps(compiled: Compiled, possible: Possible, outcomes: Sequence[Outcome], lost: set[str]) -> Iterator[Finding]:
    """Where an earlier rule takes what a later one would have done otherwise, unless a test shows that it is meant."""
    shown = frozenset[tuple[str, str]]().union(*(outcome.beaten for outcome in outcomes))
    for index, later in enumerate(compiled.rules):
        before = [
            (at, earlier)
            for at, earlier in enumerate(compiled.rules[:index])
            if _worth_telling(earlier, later) and (earlier.id, later.id) not in shown and later.id not in lost
        ]
        found = [(earlier, facts) for at, earlier in before if (facts := _both(compiled, possible, at, later))]
        if found:
            first, facts = found[0]
            names = called_rules(*(earlier for earlier, _ in found))
            reason = f"与{names}同时成立时不轮到{called_rules(later)}：{_difference(first, later)}"
            fix = "把要紧的写在前面；本来就该如此，就写一个测试说明"
            example = in_words(compiled, facts, first.condition, later.condition)
            yield Finding(_where(later), "overlap", f"{reason}。例如：{example}", fix)


def _worth_telling(earlier: Rule, later: Rule) -> bool:
    """Two cases worked otherwise. Any text can hold keywords of both: then only where an urgent one comes last."""
    if earlier.opens is None or later.opens is None or earlier.condition is None or later.condition is None:
        return False
    urgency = later.opens.priority.rank
    graver = urgency > earlier.opens.priority.rank
    return (graver and urgency >= Priority.HIGH.rank) or (
        (earlier.opens.handler, earlier.opens.priority) != (later.opens.handler, later.opens.priority)
        and not _searched(earlier) & _searched(later)
    )


def _searched(rule: Rule) -> set[str]:
    tests = comparisons_of(rule.condition) if rule.condition is not None else ()
    return {test.ref for test in tests if test.op in KEYWORDS}


def _both(compiled: Compiled, possible: Possible, at: int, later: Rule) -> Mapping[str, FieldValue] | None:
    """Facts for which the rule at `at` wins and `later` holds too; None where the first is a special case of it."""
    one = compiled.rules[at]
    mine, other = possible.holds(one.condition), possible.holds(later.condition)
    solver = possible.solver()
    solver.add(mine)
    if possible.never(solver, possible.not_(other)):
        return None
    before = [possible.not_(possible.holds(rule.condition)) for rule in compiled.rules[:at]]
    facts = possible.example(solver, other, *before)
    if facts is None or later.condition is None:
        return None
    agreed = _wins(compiled, facts) == one.id and hits_of([(later.id, later.condition)], facts)
    return facts if agreed else None


def _wins(compiled: Compiled, facts: Mapping[str, FieldValue]) -> str | None:
    """The plain evaluator's word on it."""
    return next(
        (r.id for r in compiled.rules if r.condition is None or hits_of([(r.id, r.condition)], facts)),
        None,
    )


def _difference(earlier: Rule, later: Rule) -> str:
    def said(opens: Opening | None) -> str:
        return f"{opens.handler}（{opens.priority.value}）" if opens else ""

    return f"先写的交给 {said(earlier.opens)}，后写的本要交给 {said(later.opens)}"


def _where(rule: Rule) -> tuple[str | int, ...]:
    return (*rule.path, "when" if "rows" in rule.path else "if")
