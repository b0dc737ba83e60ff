"""What every part of the compiler reads, and where it says what is wrong."""

from dataclasses import dataclass, field
from functools import cached_property

from rules.catalogue import Catalogue
from rules.conditions import Type
from rules.problems import Problem
from rules.reading import Document, Path
from rules.schema import RulesetForm

BUILT_IN = {"phase": Type.STRING}


@dataclass
class Sheet:
    """One ruleset while it is compiled; faults gather in `problems`."""

    document: Document
    form: RulesetForm
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)

    def complain(self, path: Path, reason: str, fix: str = "", code: str = "invalid") -> None:
        self.problems.append(self.document.problem(path, reason, fix, code))

    @cached_property
    def field_types(self) -> dict[str, Type]:
        """What conditions of `perceive` may read, as `signal.field`."""
        return {
            f"{signal}.{name}": kind
            for signal, declared in self.form.signals.items()
            for name, kind in (BUILT_IN | {name: Type(of.type) for name, of in declared.fields.items()}).items()
        }

    @cached_property
    def classify_types(self) -> dict[str, Type]:
        """What conditions of `classify` may read: fields, detections, facts."""
        detections = dict.fromkeys(self.form.perceive, Type.DETECTION)
        return self.field_types | detections | dict.fromkeys(self.form.facts, Type.NUMBER)

    def labels(self) -> dict[str, str]:
        form = self.form
        found = {f"{s}.{f}": given.label for s, of in form.signals.items() for f, given in of.fields.items()}
        found |= {name: given.label for name, given in form.perceive.items()}
        found |= {name: given.label for name, given in form.facts.items()}
        return {name: label for name, label in found.items() if label}
