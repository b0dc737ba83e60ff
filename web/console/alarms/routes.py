"""告警研判: what devices found and no rule filed, judged by key: a case, a false alarm, part of another case."""

from starlette.requests import Request

from domain.people import Role
from store.beside import said_of, told_again
from store.pool import Connection
from web.casework import CaseView
from web.console.alarms.curve import drawn
from web.duty import Desk
from web.dutyroutes import router_of
from web.i18n import N_
from web.reader import reader_of


async def beside(request: Request, connection: Connection, view: CaseView) -> dict[str, object]:
    said = await said_of(connection, view.why[0].signals) if view.why else None
    curve = drawn(said.curve, reader_of(request)) if said and said.curve else None
    return {"said": said, "curve": curve, "again": await told_again(connection, view.case)}


DESK = Desk(
    path="/console/alarms",
    title=N_("告警研判"),
    lists={"alarms": N_("待研判"), "alarms-verifying": N_("核实中")},
    roles=frozenset({Role.ACCEPTOR, Role.DUTY_OFFICER}),
    beside=beside,
    beside_template="parts/duty/again.html",
    empty=(
        N_("现在没有要研判的告警"),
        N_("设备告警里需要人判断的会出现在这里，先看画面或曲线，再转单、判误报或关联。"),
    ),
    middle="console/alarms/judge.html",
    in_bulk={"alarms": ("file", "decline"), "alarms-verifying": ("decline",)},
)
router = router_of(DESK)
