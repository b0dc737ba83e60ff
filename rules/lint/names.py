"""Names that are given twice, and those that nothing reads."""

from collections.abc import Iterator

from rules.compiled import Compiled
from rules.conditions import comparisons_of
from rules.lint.finding import Finding
from rules.lint.words import called
from rules.problems import nearest


def names(compiled: Compiled) -> Iterator[Finding]:
    for index, rule in enumerate(compiled.rules):
        if any(rule.id == earlier.id for earlier in compiled.rules[:index]):
            yield Finding((*rule.path, "id"), "twice", f"规则编号 {rule.id} 用了两次", "换一个编号")
    yield from _expected(compiled)
    yield from _unused(compiled)


def _expected(compiled: Compiled) -> Iterator[Finding]:
    """What tests expect of rules and detections that there are not."""
    rules = [rule.id for rule in compiled.rules]
    for index, example in enumerate(compiled.form.tests):
        expect = example.expect
        path = ("tests", index, "expect")
        if expect.rule is not None and expect.rule not in rules:
            reason = f"没有规则 {expect.rule!r}"
            yield Finding((*path, "rule"), "unknown-name", reason, nearest(expect.rule, rules))
        for name in expect.began or ():
            if name not in compiled.form.perceive:
                fix = nearest(name, compiled.form.perceive)
                yield Finding((*path, "began", name), "unknown-name", f"没有告警 {name!r}", fix)


def _unused(compiled: Compiled) -> Iterator[Finding]:
    form, shown = compiled.form, compiled.template_text
    conditions = [rule.condition for rule in compiled.rules if rule.condition is not None]
    read = {test.ref for condition in conditions for test in comparisons_of(condition)}
    for name in form.facts:
        if name not in read and f"facts.{name}" not in shown:
            yield Finding(("facts", name), "unused", f"没有规则用到{called(compiled, name)}", "删掉，或用在规则里")
    latest = {fact.latest.partition(".")[0] for fact in form.facts.values() if fact.latest}
    for listened in compiled.signals.values():
        if not listened.all_detections and listened.name not in latest:
            reason = f"还没有用到{called(compiled, listened.name)}"
            yield Finding(("signals", listened.name), "unused", reason, "删掉，或加一种看它的情况")
    counted = {window.of for window in compiled.windows if window.name in read}
    if all(rule.condition is not None for rule in compiled.rules[:-1]) and compiled.rules[-1].opens is None:
        for name in form.perceive:
            if name not in read | counted:
                yield Finding(
                    ("perceive", name), "unused", f"没有规则用到{called(compiled, name)}", "删掉，或用在规则里"
                )
    yield from _unread(compiled, read)


def _unread(compiled: Compiled, read: set[str]) -> Iterator[Finding]:
    """Derived numbers and named hours that neither `perceive` nor `classify` nor the template asks for."""
    perceived = [of for listened in compiled.signals.values() for of in listened.all_detections]
    known = read | {test.ref for of in perceived for each in (of.enter, of.exit) for test in comparisons_of(each)}
    for signal, declared in compiled.form.signals.items():
        for name in declared.derive:
            ref = f"{signal}.{name}"
            if ref not in known and ref not in compiled.template_text:
                yield Finding(
                    ("signals", signal, "derive", name),
                    "unused",
                    f"没有条件用到{called(compiled, ref)}",
                    "删掉，或用上",
                )
    for name in compiled.form.hours:
        if f"hours.{name}" not in known:
            yield Finding(("hours", name), "unused", f"没有条件用到{called(compiled, f'hours.{name}')}", "删掉，或用上")
