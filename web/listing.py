"""The filters of a list of cases, from an address: the same for the desk and the API."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar, get_args
from uuid import UUID

from fastapi import Query
from starlette.requests import Request

from domain.cases import Light, PauseKind, Stage
from domain.matters import Tier
from store.case_pages import Filter, Happened
from web.problems import Problem
from web.reader import reader_of
from web.security import Viewer

Code = TypeVar("Code", bound=StrEnum)
NARROWING = ("light", "tier", "pause", "today", "open")
HAPPENED: dict[str, Happened] = {word: word for word in get_args(Happened)}


@dataclass
class Wanted:
    """`stage`, `light`, `tier`, `pause`: codes; `today`: what happened to them today; `open`: 1 for open ones only;
    `mine`: 1 for cases with the viewer or their unit; `area`: a prefix; `q`: number or title.
    """

    request: Request
    stage: Annotated[str, Query(max_length=20)] = ""
    mine: Annotated[str, Query(max_length=1)] = ""
    area: Annotated[str, Query(max_length=200)] = ""
    q: Annotated[str, Query(max_length=100)] = ""
    light: Annotated[str, Query(max_length=20)] = ""
    tier: Annotated[str, Query(max_length=20)] = ""
    pause: Annotated[str, Query(max_length=40)] = ""
    today: Annotated[str, Query(max_length=20)] = ""
    open: Annotated[str, Query(max_length=1)] = ""
    cursor: Annotated[str, Query(max_length=200)] = ""

    def filter(self, viewer: Viewer) -> Filter:
        """Raises Problem where a code is none."""
        if self.today and self.today not in HAPPENED:
            raise Problem(422, "field-invalid", field="today", reason=self.today)
        by_unit = self.mine == "1" and viewer.actor.unit is not None
        return Filter(
            stage=_code(Stage, "stage", self.stage),
            area=self.area or None,
            person=UUID(viewer.actor.id) if self.mine == "1" and not by_unit else None,
            unit=viewer.actor.unit if by_unit else None,
            text=self.q.strip(),
            tier=_code(Tier, "tier", self.tier),
            light=_code(Light, "light", self.light),
            pause=_code(PauseKind, "pause", self.pause),
            only_open=self.open == "1",
            happened=HAPPENED.get(self.today),
            since=midnight(self.request) if self.today else None,
        )

    @property
    def query(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in ("stage", "mine", "area", "q", *NARROWING)}

    @property
    def narrowed(self) -> list[str]:
        """Which of the conditions that have no field of their own are set."""
        return [name for name in NARROWING if getattr(self, name)]


def midnight(request: Request) -> datetime:
    """When today began, where the installation is."""
    reader = reader_of(request)
    return reader.now.astimezone(reader.zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _code(codes: type[Code], field: str, given: str) -> Code | None:
    if given and given not in {code.value for code in codes}:
        raise Problem(422, "field-invalid", field=field, reason=given)
    return codes(given) if given else None
