"""A version of a ruleset as it runs: what it listens to, what it counts, what it decides; made by `rules.compile`."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from jinja2 import Template

from domain.matters import Policy, Priority, Tier, Verify
from rules.conditions import Condition, Type
from rules.engine.translate import EngineRules
from rules.evaluate import Holds
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

    `detections` are those that hold for a while and are remembered by key; `moments` those that happen once.
    """

    name: str
    type: str
    key: str
    late_us: int
    labels: Mapping[str, str]
    types: Mapping[str, Type]
    detections: tuple[Perceived, ...]
    moments: tuple[Perceived, ...]
    fingerprint: str

    @property
    def all_detections(self) -> tuple[Perceived, ...]:
        return self.detections + self.moments


@dataclass(frozen=True, slots=True)
class Window:
    """A fact counted over the episodes of a detection: times, or distinct keys, within (t - within, t]."""

    name: str
    of: str
    distinct: bool
    within_us: int
    by: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The case that a rule wants. `of_report`: the device it is about is a resident's report."""

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
    hours: tuple[str, ...]
    late_us: int
    types: Mapping[str, Type]
    labels: Mapping[str, str]
    rules: tuple[Rule, ...]
    template: Template
    template_text: str
    engine: EngineRules

    @property
    def groupings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(window.by for window in self.windows))
