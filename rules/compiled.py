"""A version of a ruleset as it runs: what it listens to, what it counts, what it decides; made by `rules.compile`."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from jinja2 import Template

from domain.matters import AfterClose, Policy, Priority, Tier, Verify
from rules.ambient import Latest
from rules.conditions import Condition, Type
from rules.derived import Derived
from rules.engine.translate import EngineRules
from rules.evaluate import Holds
from rules.hours import Hours
from rules.reading import Document, Path
from rules.schema import RulesetForm

ENTERS, EXITS, REFUSES = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Perceived:
    """One detection: what begins it, proves it not (yet) so, ends it; `once`: nothing does. Times in microseconds."""

    name: str
    label: str
    enter: Condition
    exit: Condition
    enters: Holds
    refuses: Holds
    exits: Holds
    for_us: int
    silent_us: int | None
    once: bool

    def bits(self, fields: Mapping[str, object]) -> int:
        if self.exits(fields):  # type: ignore[arg-type]
            return EXITS
        if self.enters(fields):  # type: ignore[arg-type]
            return ENTERS
        return REFUSES if self.for_us and self.refuses(fields) else 0  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Listened:
    """One kind of signal that the ruleset listens to, with the detections it feeds.

    `detections` are those that hold for a while and are remembered by key; `moments` those that happen once;
    `silences` those that begin when nothing is said (`silent_us`). `hours` are the times of day that they read,
    `derived` what is made of what was said before, `ambient` the facts that remember what it says.
    """

    name: str
    type: str
    key: str
    late_us: int
    labels: Mapping[str, str]
    types: Mapping[str, Type]
    units: Mapping[str, str]  # of the fields that have one: what comes in another is not read
    detections: tuple[Perceived, ...]
    moments: tuple[Perceived, ...]
    silences: tuple[Perceived, ...]
    derived: tuple[Derived, ...]
    hours: tuple[Hours, ...]
    ambient: tuple[Latest, ...]
    is_plain: bool  # none of the four before: judged at once, by itself
    fingerprint: str

    @property
    def all_detections(self) -> tuple[Perceived, ...]:
        return self.detections + self.moments + self.silences


@dataclass(frozen=True, slots=True)
class Window:
    """A fact counted over the episodes of a detection: times, or distinct keys, within (t - within, t]."""

    name: str
    of: str
    distinct: bool
    within_us: int
    by: str


@dataclass(frozen=True, slots=True)
class Correlation:
    """An open case of `ruleset` (and `matter`, where one is named) around there takes the matter in.

    `joins`: it hears of it; else it only mutes it.
    """

    ruleset: str
    matter: str | None
    by: str
    joins: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """What more than `per_hour` cases of a ruleset within an hour go into: one summary case."""

    ruleset: str
    title: str
    lead: str
    per_hour: int
    category: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class Opening:
    """The case that a rule wants. `of_report`: the device it is about is a resident's report.

    `parties`: kinds of units that act beside the handler. `children`: further cases of the same event.
    """

    category: str
    category_label: str
    matter: str
    dedupe: str
    priority: Priority
    tier: Tier
    lead: str
    handler: str
    skills: tuple[str, ...]
    inform: tuple[str, ...]
    of_report: bool
    policy: Policy
    verify: Verify
    verify_below: float | None
    parties: tuple[str, ...]
    correlate: tuple[Correlation, ...]
    children: tuple["Opening", ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """`condition` None: it always matches. `opens` None: what it finds is counted, no case.

    `path` is where its author wrote it.
    """

    id: str
    label: str
    condition: Condition | None
    opens: Opening | None
    path: Path

    @property
    def reopens(self) -> bool:
        """Whether its case, closed, is taken up again."""
        return self.opens is not None and self.opens.policy.after_close is AfterClose.REOPEN


@dataclass(frozen=True, slots=True)
class Compiled:
    """A version of a ruleset, ready to run; immutable, known by its hash.

    `state_id` begins the keys of its perception state: the id, so that the next version goes on with it, unless it
    runs beside another version.
    """

    id: str
    state_id: str
    title: str
    hash: str
    zone: ZoneInfo
    form: RulesetForm
    document: Document
    routes: Mapping[str, tuple[Listened, ...]]
    signals: Mapping[str, Listened]
    moments: frozenset[str]  # names of the detections that happen once
    windows: tuple[Window, ...]
    latest: tuple[Latest, ...]
    hours: tuple[str, ...]  # the facts that say the hour of the day
    times_of_day: Mapping[str, Hours]  # by their reference: `hours.night`
    late_us: int
    types: Mapping[str, Type]
    labels: Mapping[str, str]
    rules: tuple[Rule, ...]
    guard: Guard
    template: Template
    template_text: str
    engine: tuple[EngineRules, ...]

    @property
    def groupings(self) -> tuple[str, ...]:
        """By what the episodes around a detection are remembered."""
        return tuple(dict.fromkeys([*(window.by for window in self.windows), *(latest.by for latest in self.latest)]))
