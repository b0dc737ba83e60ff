"""Facts in the words of a ruleset's author."""

from collections.abc import Mapping

from domain.signals import FieldValue
from rules.compiled import Compiled, Rule
from rules.conditions import Condition, comparisons_of


def in_words(compiled: Compiled, facts: Mapping[str, FieldValue], *conditions: Condition | None) -> str:
    """`电瓶车乘梯 开始，置信度 = 0.8`; of `conditions`, only what they read (where they read anything)."""
    read = {test.ref for condition in conditions if condition is not None for test in comparisons_of(condition)}
    said = [
        _said(compiled, name, value)
        for name, value in sorted(facts.items(), key=lambda fact: fact[1] != "began")
        if not read or name in read
    ]
    return "，".join(said) or "什么都没有说"


def called(compiled: Compiled, name: str) -> str:
    """A signal, a field, a detection or a fact by the name that its author reads."""
    signal = compiled.form.signals.get(name)
    return f"“{(signal.label if signal else compiled.labels.get(name)) or name}”"


def called_rules(*rules: Rule) -> str:
    return "、".join(f"“{rule.label or rule.id}”" for rule in rules)


def _said(compiled: Compiled, name: str, value: FieldValue) -> str:
    label = compiled.labels.get(name) or name
    if value == "began" and name in compiled.form.perceive:
        return f"{label} 开始"
    if isinstance(value, bool):
        return f"{label} = {'是' if value else '否'}"
    return f"{label}「{value}」" if isinstance(value, str) else f"{label} = {value}"
