"""The duty desk's pages: a queue, the case that is open in it, and what to look at beside it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from fastapi import Query
from starlette.requests import Request

from domain.lifecycle import offered
from domain.people import Role
from store import desk as waits
from store.case_pages import cases_where
from store.desk import Key, Wanted
from store.organisation import unit_labels
from store.pool import Connection, viewed_by
from web import cursors
from web.casework import Card, CaseView, card, case_view, shown
from web.console.cases.queries import my_areas
from web.giving import Answer
from web.handlers import came_from
from web.problems import Problem
from web.reader import reader_of
from web.security import Viewer
from web.services import services

Beside = Callable[[Request, Connection, CaseView], Awaitable[dict[str, object]]]


@dataclass(frozen=True)
class Desk:
    """One page of the duty desk.

    `lists`: what waits (store.desk.WAITING), each under its name, the first shown where none is asked for;
    `in_bulk`: the steps that marked rows of a list may be given; `beside`: what its third column shows.
    """

    path: str
    title: str
    lists: Mapping[str, str]
    roles: frozenset[Role]
    beside: Beside
    beside_template: str
    empty: tuple[str, str]
    middle: str = "parts/case.html"
    in_bulk: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    with_map: bool = False
    way: tuple[str, str] | None = None  # a page that this desk begins work on: its address and words

    @property
    def first(self) -> str:
        return next(iter(self.lists))


@dataclass
class Asked:
    """What an address asks of a desk: `list`; `area` and `q` narrow it; `case` is open; `done` was given to `of`."""

    list: Annotated[str, Query(max_length=40)] = ""
    area: Annotated[str, Query(max_length=200)] = ""
    q: Annotated[str, Query(max_length=100)] = ""
    cursor: Annotated[str, Query(max_length=200)] = ""
    case: UUID | None = None
    done: Annotated[str, Query(max_length=40)] = ""
    of: UUID | None = None

    @property
    def query(self) -> dict[str, str]:
        """The list as it is narrowed, without what is open in it."""
        return {"list": self.list, "area": self.area, "q": self.q, "cursor": self.cursor}

    @property
    def wanted(self) -> Wanted:
        return Wanted(area=self.area or None, text=self.q.strip())

    def name(self, desk: Desk) -> str:
        """Raises Problem where the desk has no such list."""
        if self.list and self.list not in desk.lists:
            raise Problem(422, "field-invalid", field="list", reason=self.list)
        return self.list or desk.first


def asked_before(request: Request) -> Asked:
    """What the page asked for that held the form."""
    known = dict(parse_qsl(urlsplit(came_from(request)).query))
    list_name, area, q, cursor = (known.get(name, "")[:200] for name in ("list", "area", "q", "cursor"))
    return Asked(list=list_name, area=area, q=q, cursor=cursor)


async def page_of(request: Request, viewer: Viewer, desk: Desk, asked: Asked) -> dict[str, Any]:
    """A desk's page: its lists with how many wait, the cards of one, and the case that is open."""
    context = await list_of(request, viewer, desk, asked)
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        context["counts"] = await waits.counted(connection, tuple(desk.lists))
    context["areas"] = await my_areas(request, viewer)
    first = context["cards"][0].case.id if context["cards"] else None
    opened = asked.case or first
    return context | await open_of(request, viewer, desk, asked, opened, chosen=asked.case is not None)


async def list_of(request: Request, viewer: Viewer, desk: Desk, asked: Asked) -> dict[str, Any]:
    now, name = reader_of(request).now, asked.name(desk)
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        found = await waits.waiting(connection, name, asked.wanted, cursors.read(asked.cursor))
        units = await unit_labels(connection)
    cards: list[Card] = [card(row, viewer.actor, now) for row in found.rows]
    return {
        "desk": desk,
        "asked": asked,
        "list_name": name,
        "cards": cards,
        "units": units,
        "next": cursors.written(found.next),
        "in_bulk": tuple(step for step in desk.in_bulk.get(name, ()) if not cards or _any_may(step, cards, viewer)),
        "results": None,
    }


def _any_may(step: str, cards: list[Card], viewer: Viewer) -> bool:
    return any(step in offered(card.case, viewer.actor) for card in cards)


async def open_of(
    request: Request,
    viewer: Viewer,
    desk: Desk,
    asked: Asked,
    case_id: UUID | None,
    *,
    chosen: bool = True,
    answer: Answer | None = None,
) -> dict[str, Any]:
    """The case that is open, with what is beside it. Raises Problem 404 where the viewer sees no such case."""
    context: dict[str, Any] = {
        "desk": desk,
        "asked": asked,
        "chosen": chosen,
        "last": await _last(request, viewer, asked),
    }
    if case_id is None:
        return context | {"view": None, "beside": {}, "refused": None, "still_here": False}
    view = await case_view(request, viewer, case_id)
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        beside = await desk.beside(request, connection, view)
        here = await waits.found_in(connection, asked.name(desk), case_id)
    stays = asked.done if asked.of == case_id else None
    base = shown(view, desk.path, answer, done=stays)
    return context | base | {"beside": beside, "still_here": here is not None, "place_scanned": ""}


async def _last(request: Request, viewer: Viewer, asked: Asked) -> dict[str, Any] | None:
    """What was just done to another case than the one that is open."""
    if asked.of is None or asked.of == asked.case:
        return None
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        rows = await cases_where(connection, "AND c.id = %(id)s", {"id": asked.of})
    if not rows:
        return None
    given_back = asked.done == "decline" and bool({Role.DUTY_OFFICER, Role.SUPERVISOR} & viewer.actor.roles)
    return {"case": rows[0].case, "done": asked.done, "may_undo": given_back and rows[0].case.settled}


async def next_open(
    request: Request, viewer: Viewer, desk: Desk, asked: Asked, case_id: UUID, before: tuple[Key, str] | None
) -> UUID | None:
    """Which case is open after a step: the same while it waits as it did, else the next of its list, else the first."""
    name = asked.name(desk)
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        now = await waits.found_in(connection, name, case_id)
        if now is not None and (before is None or now.case.stage.value == before[1]):
            return case_id
        if before is not None:
            behind = await waits.waiting(connection, name, asked.wanted, before[0], limit=1)
            if behind.rows:
                return behind.rows[0].case.id
        first = await waits.waiting(connection, name, asked.wanted, limit=2)
    return next((row.case.id for row in first.rows if row.case.id != case_id), None)


async def standing_in(
    request: Request, viewer: Viewer, desk: Desk, asked: Asked, case_id: UUID
) -> tuple[Key, str] | None:
    """Where the case stands in its list, and at which stage; None: it does not wait there."""
    async with viewed_by(services(request).pool, viewer.sight) as connection:
        row = await waits.found_in(connection, asked.name(desk), case_id)
    return (waits.key_of(row), row.case.stage.value) if row else None
