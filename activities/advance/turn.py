"""A turn of a case: the events that one `advance` adds, decided, folded and planned in memory."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.calendars import Calendars, in_force
from domain.cases import Case, NewCase
from domain.commands import Command
from domain.events import Event, Recorded
from domain.lifecycle import Context, decide, evolve, planned
from domain.people import BY_RULE, Actor


@dataclass(frozen=True)
class Entry:
    """A recorded event with what the row says besides."""

    recorded: Recorded
    actor_name: str
    command_id: UUID | None


@dataclass
class Turn:
    """The case as it moves within one transaction, and what is to be written."""

    case: Case | NewCase
    now: datetime
    calendars: Calendars = field(default_factory=lambda: in_force(()))
    children: tuple[str, ...] = ()  # open ones that were opened with it
    entries: list[Entry] = field(default_factory=list)

    @property
    def version(self) -> int:
        return self.case.version if isinstance(self.case, Case) else 0

    def apply(
        self,
        command: Command,
        context: Context | None = None,
        *,
        transport: str = "rule",
        command_id: UUID | None = None,
    ) -> tuple[Event, ...]:
        """Decide `command` and fold what it says; raises Refused and changes nothing when it may not."""
        context = context or Context(actor=BY_RULE, now=self.now, children=self.children)
        events = decide(self.case, command, context)
        for event in events:
            self._append(event, context.actor, transport, command_id)
        return events

    def _append(self, event: Event, actor: Actor, transport: str, command_id: UUID | None) -> None:
        before = self.case.plan if isinstance(self.case, Case) else None
        recorded = Recorded(version=self.version + 1, at=self.now, by=actor.id, transport=transport, event=event)
        after = evolve(self.case, recorded)
        plan = planned(after, before, self.now, self.calendars)
        if plan != after.plan:
            recorded = recorded.model_copy(update={"plan": plan})
            after = after.model_copy(update={"plan": plan})
        self.case = after
        self.entries.append(Entry(recorded, actor.name, command_id))
