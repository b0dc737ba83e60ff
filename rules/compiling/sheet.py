"""What every part of the compiler reads, and where it says what is wrong."""

from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from domain.calendars import Calendar
from rules.catalogue import Catalogue
from rules.conditions import Type
from rules.hours import PREFIX, Hours, hours_of
from rules.problems import Problem
from rules.reading import Document, Path
from rules.schema import RulesetForm, SignalForm

BUILT_IN = {"phase": Type.STRING}


def fields_of(signal: SignalForm) -> dict[str, Type]:
    """Everything that may be read of a signal: what comes with any, what it says, what is derived."""
    said = {name: Type(of.type) for name, of in signal.fields.items()}
    return BUILT_IN | said | dict.fromkeys(signal.derive, Type.NUMBER)


@dataclass
class Sheet:
    """One ruleset while it is compiled; faults gather in `problems`."""

    document: Document
    form: RulesetForm
    catalogue: Catalogue
    zone: ZoneInfo
    calendar: Calendar
    problems: list[Problem] = field(default_factory=list)

    def complain(self, path: Path, reason: str, fix: str = "", code: str = "invalid") -> None:
        self.problems.append(self.document.problem(path, reason, fix, code))

    @cached_property
    def field_types(self) -> dict[str, Type]:
        """What is said or derived, as `signal.field`."""
        return {
            f"{signal}.{name}": kind
            for signal, declared in self.form.signals.items()
            for name, kind in fields_of(declared).items()
        }

    @cached_property
    def hours(self) -> dict[str, Hours]:
        """The named times of day, as `hours.night`."""
        declared = self.form.hours.items()
        return {f"{PREFIX}{name}": hours_of(name, of, self.zone, self.calendar) for name, of in declared}

    @cached_property
    def perceive_types(self) -> dict[str, Type]:
        """What conditions of `perceive` may read: fields, times of day."""
        return self.field_types | dict.fromkeys(self.hours, Type.BOOLEAN)

    @cached_property
    def units(self) -> dict[str, str]:
        """The unit of all that has one: fields, the average and the highest of them, the latest of them."""
        found: dict[str, str] = {}
        for signal, declared in self.form.signals.items():
            of_fields = {name: of.unit for name, of in declared.fields.items()}
            same = {name: of_fields.get(of.average or of.highest or "", "") for name, of in declared.derive.items()}
            found |= {f"{signal}.{name}": unit for name, unit in (of_fields | same).items() if unit}
        latest = {name: found.get(of.latest or "", "") for name, of in self.form.facts.items()}
        return found | {name: unit for name, unit in latest.items() if unit}

    @cached_property
    def classify_types(self) -> dict[str, Type]:
        """What conditions of `classify` may read: fields, times of day, detections, facts."""
        detections = dict.fromkeys(self.form.perceive, Type.DETECTION)
        facts = {name: self.field_types.get(of.latest or "", Type.NUMBER) for name, of in self.form.facts.items()}
        return self.perceive_types | detections | facts

    def labels(self) -> dict[str, str]:
        form = self.form
        found = {f"{s}.{f}": given.label for s, of in form.signals.items() for f, given in of.fields.items()}
        found |= {f"{s}.{f}": given.label for s, of in form.signals.items() for f, given in of.derive.items()}
        found |= {f"{PREFIX}{name}": given.label for name, given in form.hours.items()}
        found |= {name: given.label for name, given in form.perceive.items()}
        found |= {name: given.label for name, given in form.facts.items()}
        return {name: label for name, label in found.items() if label}
