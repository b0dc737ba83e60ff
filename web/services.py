"""What a running web process holds, for its routes."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from activities.giving import Reach
from domain.intake import Intake
from settings import Settings
from store.evidence import EvidenceStore
from store.pool import Pool
from web.live import Hub
from web.workbench import Workbench


@dataclass(frozen=True)
class Services:
    settings: Settings
    pool: Pool  # sees no case until `viewed_by` names the viewer
    reach: Reach
    evidence: EvidenceStore
    intake: Intake
    live: Hub
    workbench: Workbench  # looks through what authors write


def services(request: Request) -> Services:
    return cast("Services", request.app.state.services)
