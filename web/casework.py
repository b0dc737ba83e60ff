"""A case as its page shows it, the same for desk and phone: what it is, what this person may do, what happened."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request

from domain.cases import Case, EvidenceRef, Light
from domain.events import Received, Worsened
from domain.lifecycle import deadline, light, offered
from domain.matters import Why
from domain.people import Actor
from rules.catalogue import Category
from store.case_pages import CaseRecord, CaseRow, read_case
from store.organisation import Worker, unit_labels, workers_for
from store.people import colleagues
from store.pool import viewed_by
from web.catalogue import category_label, category_of
from web.giving import Answer
from web.problems import Problem
from web.reader import reader_of
from web.security import Viewer
from web.services import services
from web.timeline import Line, lines
from web.words import ROAD

# what a person is here for comes first, what they may do besides after it
FIRST = ("verify", "file", "dispatch", "sign", "arrive", "handle", "inspect", "close")
GIVES_AWAY = frozenset({"dispatch", "reassign"})


@dataclass(frozen=True)
class Card:
    """A case in a list: its light, its clock, and the one thing to do."""

    row: CaseRow
    light: Light
    due: datetime | None
    action: str | None

    @property
    def case(self) -> Case:
        return self.row.case


@dataclass(frozen=True)
class CaseView:
    record: CaseRecord
    light: Light
    due: datetime | None
    offered: tuple[str, ...]
    mine: str | None  # the one step that waits for the viewer
    timeline: list[Line]
    why: tuple[Why, ...]
    category: str
    triple: Category | None  # filing condition, time limit, closing condition
    colleagues: list[tuple[UUID, str]]
    workers: list[Worker]

    @property
    def case(self) -> Case:
        return self.record.case

    @property
    def photos(self) -> list[EvidenceRef]:
        """Everything that was shown of the matter, newest first."""
        return [photo for line in self.timeline for photo in line.photos]

    @property
    def road(self) -> list[tuple[str, str]]:
        """The road's marks, each with where the case is on it: past, here, ahead."""
        here = next(place for place, (_, stages) in enumerate(ROAD) if self.case.stage.value in stages)
        if self.case.settled:
            here = len(ROAD)
        state = ("past", "here", "ahead")
        return [(mark, state[(place > here) - (place < here) + 1]) for place, (mark, _) in enumerate(ROAD)]


def what_to_do(case: Case, actor: Actor) -> tuple[str, ...]:
    """The commands a person may give now, the one they are here for first."""
    allowed = offered(case, actor)
    first = [name for name in FIRST if name in allowed]
    if "handle" in first and "arrive" in first and not case.policy.place_check:
        first.remove("arrive")
        first.insert(first.index("handle") + 1, "arrive")
    return (*first, *(name for name in allowed if name not in first))


def next_step(case: Case, actor: Actor) -> str | None:
    """The one thing this person has to do on the case; None: nothing waits for them."""
    allowed = what_to_do(case, actor)
    if allowed and allowed[0] in FIRST:
        return allowed[0]
    return "hand_to" if "hand_to" in allowed and case.person is None else None


def card(row: CaseRow, actor: Actor, now: datetime) -> Card:
    return Card(row, light(row.case, now), deadline(row.case), next_step(row.case, actor))


async def case_view(request: Request, viewer: Viewer, case_id: UUID) -> CaseView:
    """Raises Problem 404 where the viewer sees no such case."""
    reader = reader_of(request)
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        record = await read_case(connection, case_id)
        if record is None:
            raise Problem(404, "not-found")
        allowed = what_to_do(record.case, viewer.actor)
        units = await unit_labels(connection)
        team = await colleagues(connection, record.case.unit) if "hand_to" in allowed and record.case.unit else []
        workers = []
        if GIVES_AWAY.intersection(allowed):
            workers = await workers_for(connection, record.case.place, record.case.handler)
    return CaseView(
        record=record,
        light=light(record.case, reader.now),
        due=deadline(record.case),
        offered=allowed,
        mine=next_step(record.case, viewer.actor),
        timeline=lines(record.events, reader, units),
        why=_why(record),
        category=category_label(record.case.category, reader.language),
        triple=category_of(record.case.category),
        colleagues=team,
        workers=workers,
    )


def _why(record: CaseRecord) -> tuple[Why, ...]:
    """What the rules saw when the case came in and each time it worsened; newest first."""
    matters = [told.event.matter for told in record.events if isinstance(told.event, Received | Worsened)]
    return tuple(matter.why for matter in reversed(matters))


def shown(view: CaseView, base: str, answer: Answer | None = None, done: str | None = None) -> dict[str, object]:
    """What the templates of a case page are given."""
    refused = None
    if answer is not None and not answer.accepted:
        refused = {
            "command": answer.command,
            "code": answer.code,
            "params": answer.params,
            "values": answer.values,
            "command_id": answer.command_id,
        }
    return {"view": view, "base": f"{base}/{view.case.id}", "refused": refused, "done": done, "login": None}
