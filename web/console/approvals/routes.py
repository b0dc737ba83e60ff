"""审批: requests for time, returns for the brain, and what waits to be closed; beside it what has been used already."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from starlette.requests import Request

from domain.calendars import worked
from domain.lifecycle import plan_of
from domain.people import Role
from store.calendars import newest
from store.pool import Connection
from web.casework import CaseView
from web.clocks import span
from web.duty import Desk
from web.dutyroutes import router_of
from web.i18n import N_
from web.reader import reader_of


@dataclass(frozen=True)
class Used:
    """How much of a limit is used, in working time."""

    clock: Literal["stage", "overall"]
    used: str
    limit: str
    share: int


async def beside(request: Request, connection: Connection, view: CaseView) -> dict[str, object]:
    reader = reader_of(request)
    calendars = await newest(connection)
    used = []
    for clock in plan_of(view.case).clocks:
        running = timedelta(0)
        if clock.since is not None and clock.calendar in calendars:
            running = worked(calendars[clock.calendar], clock.since, reader.now)
        so_far = clock.used + running
        share = round(100 * so_far / clock.limit) if clock.limit else 0
        used.append(Used(clock.name, span(so_far, reader.say), span(clock.limit, reader.say), share))
    return {"used": used}


DESK = Desk(
    path="/console/approvals",
    title=N_("审批"),
    lists={"requested": N_("申请"), "returned-thrice": N_("第三次退单"), "closing": N_("待结案")},
    roles=frozenset({Role.DUTY_OFFICER, Role.SUPERVISOR}),
    beside=beside,
    beside_template="parts/duty/used.html",
    empty=(N_("现在没有要审批的"), N_("延期、缓办、挂账和作废申请，第三次退单，以及等您放行答复的案件会出现在这里。")),
    in_bulk={"requested": ("rule_on",), "closing": ("close",)},
)
router = router_of(DESK)
