"""The kinds of units that a ruleset gives work to."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from rules.compiled import Compiled
from rules.lint.finding import Finding
from rules.problems import nearest
from rules.reading import Path
from rules.schema import CaseForm, ChildForm, ThenForm


def units(compiled: Compiled, kinds: AbstractSet[str]) -> Iterator[Finding]:
    """Names that are none of `kinds`; nothing is known where there are none."""
    if not kinds:
        return
    for path, kind in _named(compiled):
        if kind not in kinds:
            yield Finding(path, "unknown-name", f"没有 {kind!r} 这种单位", nearest(kind, kinds))


def _named(compiled: Compiled) -> Iterator[tuple[Path, str]]:
    form = compiled.form
    yield ("lead",), form.lead
    yield from _beside(("case",), form.case)
    for rule, declared in zip(compiled.rules, form.written_rules, strict=True):
        if isinstance(declared.then, ThenForm):
            path: Path = (*rule.path, "then")
            yield from _of_case(path, declared.then)
            for index, child in enumerate(declared.then.children):
                yield from _of_case((*path, "children", index), child)


def _of_case(path: Path, opens: ThenForm | ChildForm) -> Iterator[tuple[Path, str]]:
    yield (*path, "handler"), opens.handler
    if opens.lead:
        yield (*path, "lead"), opens.lead
    yield from _beside(path, opens)


def _beside(path: Path, case: CaseForm) -> Iterator[tuple[Path, str]]:
    for name, kinds in (("inform", case.inform), ("parties", case.parties)):
        for index, kind in enumerate(kinds or ()):
            yield (*path, name, index), kind
