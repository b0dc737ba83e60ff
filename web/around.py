"""What a case's page shows beside the case itself, as far as the viewer can use it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from domain.calendars import covers
from domain.cases import Case, Light, RequestKind
from domain.lifecycle import plan_of
from domain.lifecycle.waiting import MOST_EXTENSIONS, MOST_SUSPENSIONS
from store import around
from store.around import Neighbour, Precedent, Unit
from store.calendars import newest
from store.pool import Connection
from web.i18n import N_
from web.reader import Reader

GIVES_AWAY = frozenset({"dispatch", "reassign"})
NAMES_UNITS = GIVES_AWAY | {"return", "rule_on_return"}
ASKS_WHOSE = GIVES_AWAY | {"rule_on_return"}


@dataclass(frozen=True)
class Running:
    """A clock that runs; `guessed`: its deadline lies in a year whose holidays are not known yet."""

    name: Literal["stage", "overall"]
    due: datetime
    light: Light
    guessed: bool


@dataclass(frozen=True)
class Around:
    """Cases and units around a case; empty where the viewer can do nothing with them."""

    units: list[Unit] = field(default_factory=list)
    precedents: list[Precedent] = field(default_factory=list)
    linkable: list[Neighbour] = field(default_factory=list)
    main: Neighbour | None = None
    followers: list[Neighbour] = field(default_factory=list)
    parent: Neighbour | None = None
    children: list[Neighbour] = field(default_factory=list)
    same_place: list[Neighbour] = field(default_factory=list)

    def unit(self, named: str | None) -> Unit | None:
        return next((unit for unit in self.units if unit.id == named), None)


async def look_around(connection: Connection, case: Case, allowed: Collection[str]) -> Around:
    """What lies around the case; what only a form needs, where that form is offered."""
    some_unit = (
        bool(NAMES_UNITS.intersection(allowed)) or case.by_phone or any(party.by_phone for party in case.parties)
    )
    main = await around.main_of(connection, case)
    followers = await around.followers_of(connection, case)
    children = await around.children_of(connection, case)
    linked = {case.linked_to, case.parent, *(one.id for one in (*followers, *children))}
    return Around(
        units=await around.units_for(connection, case) if some_unit else [],
        precedents=await around.precedents_for(connection, case) if ASKS_WHOSE.intersection(allowed) else [],
        linkable=await around.linkable(connection, case) if "link" in allowed else [],
        main=main,
        followers=followers,
        parent=await around.parent_of(connection, case),
        children=children,
        same_place=[one for one in await around.same_place(connection, case) if one.id not in linked],
    )


async def clocks_of(connection: Connection, case: Case, reader: Reader) -> list[Running]:
    """The running clocks, the nearer first; one where both say the same."""
    running = sorted(
        ((one, one.due, one.yellow) for one in plan_of(case).clocks if one.due), key=lambda clock: clock[1]
    )
    calendars = await newest(connection) if running else {}
    found: list[Running] = []
    for clock, due, yellow in running:
        if any(other.due == due for other in found):
            continue
        calendar = calendars.get(clock.calendar)
        guessed = calendar is not None and not covers(calendar, due.astimezone(reader.zone).date())
        found.append(Running(clock.name, due, _light(due, yellow, reader.now), guessed))
    return found


def _light(due: datetime, yellow: datetime | None, now: datetime) -> Light:
    if due <= now:
        return Light.OVERDUE
    return Light.DUE_SOON if yellow is not None and yellow <= now else Light.NORMAL


def not_now(case: Case, now: datetime) -> dict[RequestKind, str]:
    """What cannot be asked for as the case stands, and why: shown beside the choice that is turned off."""
    why: dict[RequestKind, str] = {}
    overdue = any(clock.due is not None and clock.due <= now for clock in plan_of(case).clocks)
    if case.pause is not None:
        why = {kind: N_("已暂停") for kind in (RequestKind.EXTENSION, RequestKind.DEFERRAL, RequestKind.SUSPENSION)}
    elif case.extensions >= MOST_EXTENSIONS:
        why[RequestKind.EXTENSION] = N_("已延期 2 次")
    elif overdue:
        why[RequestKind.EXTENSION] = N_("已超期")
    if case.suspensions >= MOST_SUSPENSIONS:
        why[RequestKind.SUSPENSION] = N_("已挂账过")
    return why
