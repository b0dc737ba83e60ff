"""A case as its page shows it, the same for desk and phone: what it is, what this person may do, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from starlette.requests import Request

from domain.cases import Case, EvidenceRef, Light, RequestKind
from domain.events import Received, Worsened
from domain.lifecycle import deadline, ending_by_rule, light, offered
from domain.matters import Evidence, Why
from domain.people import Actor
from rules.catalogue import Category
from store import covered, evidence, messages
from store.case_pages import CaseRecord, CaseRow, read_case
from store.messages import Told
from store.organisation import Worker, unit_labels, workers_for
from store.people import colleagues
from store.pool import viewed_by
from web import cursors
from web.around import GIVES_AWAY, Around, Running, clocks_of, look_around, not_now
from web.catalogue import category_label, category_of
from web.giving import Answer
from web.problems import Problem
from web.reader import Reader, reader_of
from web.security import Viewer
from web.services import services
from web.timeline import Line, lines
from web.words import ROAD

# what a person is here for comes first, what they may do besides after it
FIRST = (
    *("rule_on_return", "rule_on", "verify", "file", "settle", "dispatch"),
    *("sign", "arrive", "handle", "inspect", "close", "answer_joint"),
)
END_OF_WORK = time(18)


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
    brought: list[EvidenceRef]  # photos that it came with: of no step yet
    why: tuple[Why, ...]
    category: str
    triple: Category | None  # filing condition, time limit, closing condition
    colleagues: list[tuple[UUID, str]]
    workers: list[Worker]
    messages: list[Told]
    clocks: list[Running]
    around: Around
    units: Mapping[str, str]  # what people call them
    speaks_for_unit: bool  # the viewer would sign and answer for a unit without accounts
    calls_parties: tuple[str, ...]  # parties without accounts that the viewer would answer for
    covered: covered.Page  # what has no case of its own because of this one
    not_now: Mapping[RequestKind, str]  # what cannot be asked for, and why
    tomorrow: str  # the end of tomorrow's work, for a field of date and time
    soonest: str  # now, likewise

    @property
    def case(self) -> Case:
        return self.record.case

    @property
    def photos(self) -> list[EvidenceRef]:
        """Everything that was shown of the matter, newest first."""
        return [*(photo for line in self.timeline for photo in line.photos), *self.brought]

    @property
    def covered_next(self) -> str | None:
        """Where the next page of what it covers begins."""
        return cursors.written(self.covered.next)

    @property
    def ending(self) -> str:
        """What a person who closes it will most likely say."""
        return ending_by_rule(self.case).value

    @property
    def road(self) -> list[tuple[str, str]]:
        """The road's marks, each with where the case is on it: past, here, ahead."""
        here = next(place for place, (_, stages) in enumerate(ROAD) if self.case.stage.value in stages)
        walked: Sequence[tuple[str, tuple[str, ...]]] = ROAD
        if self.case.settled:
            walked = ROAD if self.case.number else (ROAD[0], ROAD[-1])  # never filed: nobody was sent
            here = len(walked)
        state = ("past", "here", "ahead")
        return [(mark, state[(place > here) - (place < here) + 1]) for place, (mark, _) in enumerate(walked)]


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
        allowed = _still(what_to_do(record.case, viewer.actor), record.case, reader.now)
        beside = await look_around(connection, record.case, allowed)
        clocks = await clocks_of(connection, record.case, reader)
        units = await unit_labels(connection)
        kept = await evidence.of_case(connection, case_id)
        await messages.opened(connection, viewer.person.id, case_id=case_id)
        told = await messages.of_case(connection, case_id)
        kept_from = await covered.covered_by(connection, case_id, cursors.read(request.query_params.get("covered")))
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
        brought=_brought(record, kept),
        why=_why(record),
        category=category_label(record.case.category, reader.language),
        triple=category_of(record.case.category),
        colleagues=team,
        workers=workers,
        messages=told,
        clocks=clocks,
        around=beside,
        units=units,
        speaks_for_unit=_speaks_for_unit(record.case, viewer.actor),
        calls_parties=_calls_parties(record.case, viewer.actor),
        covered=kept_from,
        not_now=not_now(record.case, reader.now),
        tomorrow=_field(datetime.combine(reader.now.astimezone(reader.zone) + timedelta(days=1), END_OF_WORK), reader),
        soonest=_field(reader.now, reader),
    )


def _brought(record: CaseRecord, kept: list[evidence.Kept]) -> list[EvidenceRef]:
    """What was kept for the case and no event names, newest first."""
    named = {photo.id for told in record.events for photo in getattr(told.event, "evidence", ())}
    return [EvidenceRef(id=one.id, kind=Evidence(one.kind)) for one in reversed(kept) if one.id not in named]


def _still(allowed: tuple[str, ...], case: Case, now: datetime) -> tuple[str, ...]:
    """A return is no longer shown once its time is over."""
    over = case.return_until is None or now > case.return_until
    return tuple(name for name in allowed if name != "return" or not over)


def _speaks_for_unit(case: Case, actor: Actor) -> bool:
    holds = case.person is not None and case.person.id == actor.id
    return case.by_phone and not holds and not actor.works_at(case.unit)


def _calls_parties(case: Case, actor: Actor) -> tuple[str, ...]:
    """None where their own unit is a party: then they answer for it."""
    own = any(actor.works_at(unit) for unit in case.awaited)
    return () if own else case.awaited_by_phone


def _field(instant: datetime, reader: Reader) -> str:
    """As a field of date and time wants it; its zone is the house's."""
    local = instant.astimezone(reader.zone) if instant.tzinfo else instant
    return f"{local:%Y-%m-%dT%H:%M}"


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
