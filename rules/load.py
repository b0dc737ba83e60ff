"""Rulesets from their folders, or from the texts of a stored version."""

from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.calendars import Calendar
from rules.calendars import load_calendars
from rules.catalogue import Catalogue, load_catalogue
from rules.compile import SHANGHAI, compile_ruleset
from rules.compiled import Compiled
from rules.duties import DUTIES, Duties, load_duties
from rules.problems import Problem, RulesetInvalid
from rules.reading import read_file, read_yaml
from settings.model import RULESETS

RULESET, TEMPLATE, CATALOGUE = "ruleset.yaml", "template.zh.j2", "catalogue.csv"
WORKING_DAYS = "working-days"  # the calendar that says what `days: working` means


def load_folder(folder: Path, zone: ZoneInfo = SHANGHAI, calendar: Calendar | None = None) -> Compiled:
    """The ruleset in `folder`, with the catalogue beside it, or ours; raises RulesetInvalid.

    `calendar`: the working days; None: those beside it, or ours.
    """
    return _loaded(folder, catalogue_beside(folder), zone, calendar or calendar_beside(folder))


def load_all(folder: Path, zone: ZoneInfo = SHANGHAI) -> tuple[Compiled, ...]:
    """Every ruleset below `folder`, by id; raises RulesetInvalid with the faults of all."""
    found: list[Compiled] = []
    problems: list[Problem] = []
    paths = [path.parent for path in sorted(folder.glob(f"*/{RULESET}"))]
    catalogue, calendar = catalogue_beside(folder / "any"), calendar_beside(folder / "any")
    for path in paths:
        try:
            found.append(_loaded(path, catalogue, zone, calendar))
        except RulesetInvalid as invalid:
            problems += invalid.problems
    if problems:
        raise RulesetInvalid(problems)
    return tuple(found)


def from_texts(
    name: str,
    yaml_text: str,
    template: str,
    catalogue: Catalogue,
    zone: ZoneInfo = SHANGHAI,
    calendar: Calendar | None = None,
) -> Compiled:
    """A version by its texts; `name` stands in the messages. `calendar`: the working days; None: the shipped ones."""
    document = read_yaml(yaml_text, f"{name}/{RULESET}")
    return compile_ruleset(document, template, catalogue, zone, calendar or _shipped_calendar())


def read_texts(folder: Path) -> tuple[str, str]:
    """Definition and template; raises RulesetInvalid for what is missing, too large, or no text."""
    return read_file(folder / RULESET), read_file(folder / TEMPLATE)


def of_folder(
    name: str, texts: tuple[str, str], catalogue: Catalogue, zone: ZoneInfo, calendar: Calendar | None = None
) -> Compiled:
    """A version by the texts of the folder `name`; raises RulesetInvalid also where its id is another."""
    compiled = from_texts(name, *texts, catalogue, zone, calendar)
    if compiled.id != name:
        problem = compiled.document.problem(("ruleset",), f"编号“{compiled.id}”放在名为“{name}”的文件夹里")
        raise RulesetInvalid([problem])
    return compiled


def catalogue_beside(folder: Path) -> Catalogue:
    """The catalogue beside a ruleset's folder; where it was copied somewhere alone, the shipped one."""
    beside = folder.parent / CATALOGUE
    return load_catalogue(beside if beside.is_file() else RULESETS / CATALOGUE)


def duties_beside(folder: Path) -> Duties:
    """The list of duties beside a ruleset's folder; where it was copied somewhere alone, the shipped one.

    Beside a catalogue without one, nobody has said what there is.
    """
    path = (folder.parent if (folder.parent / CATALOGUE).is_file() else RULESETS) / DUTIES
    return load_duties(path) if path.is_file() else Duties()


def calendar_beside(folder: Path) -> Calendar:
    """The working days beside a ruleset's folder; where there are none, the shipped ones. Raises RulesetInvalid."""
    found = [calendar for calendar in load_calendars(folder.parent) if calendar.name == WORKING_DAYS]
    return max(found, key=lambda calendar: calendar.order) if found else _shipped_calendar()


@cache
def _shipped_calendar() -> Calendar:
    return max(
        (calendar for calendar in load_calendars(RULESETS) if calendar.name == WORKING_DAYS),
        key=lambda calendar: calendar.order,
    )


def _loaded(folder: Path, catalogue: Catalogue, zone: ZoneInfo, calendar: Calendar) -> Compiled:
    return of_folder(folder.name, read_texts(folder), catalogue, zone, calendar)
