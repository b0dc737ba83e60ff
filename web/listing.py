"""The filters of a list of cases, from an address: the same for the desk and the API."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query

from domain.cases import Stage
from store.case_pages import Filter
from web.problems import Problem
from web.security import Viewer


@dataclass
class Wanted:
    """`stage`: its code; `mine`: 1 for cases with the viewer or their unit; `area`: a prefix; `q`: number or title."""

    stage: Annotated[str, Query(max_length=20)] = ""
    mine: Annotated[str, Query(max_length=1)] = ""
    area: Annotated[str, Query(max_length=200)] = ""
    q: Annotated[str, Query(max_length=100)] = ""
    cursor: Annotated[str, Query(max_length=200)] = ""

    def filter(self, viewer: Viewer) -> Filter:
        if self.stage and self.stage not in {stage.value for stage in Stage}:
            raise Problem(422, "field-invalid", field="stage", reason=self.stage)
        by_unit = self.mine == "1" and viewer.actor.unit is not None
        return Filter(
            stage=Stage(self.stage) if self.stage else None,
            area=self.area or None,
            person=UUID(viewer.actor.id) if self.mine == "1" and not by_unit else None,
            unit=viewer.actor.unit if by_unit else None,
            text=self.q.strip(),
        )

    @property
    def query(self) -> dict[str, str]:
        return {"stage": self.stage, "mine": self.mine, "area": self.area, "q": self.q}
