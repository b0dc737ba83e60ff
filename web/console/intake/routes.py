"""受理: what residents and grid workers reported, beside what is near and what was told before."""

from starlette.requests import Request

from domain.people import Role
from store import around
from store.beside import told_again
from store.pool import Connection
from web.casework import CaseView
from web.duty import Desk
from web.dutyroutes import router_of
from web.i18n import N_


async def beside(_: Request, connection: Connection, view: CaseView) -> dict[str, object]:
    near = await around.linkable(connection, view.case)
    return {"again": await told_again(connection, view.case), "near": near}


DESK = Desk(
    path="/console/intake",
    title=N_("受理"),
    lists={"intake": N_("待受理"), "intake-verifying": N_("核实中")},
    roles=frozenset({Role.ACCEPTOR, Role.DUTY_OFFICER}),
    beside=beside,
    beside_template="parts/duty/again.html",
    empty=(
        N_("现在没有要受理的诉求"),
        N_("居民诉求和网格员上报会出现在这里，旁边列出附近的和重复的，看完再立案、关联或不予立案。"),
    ),
    in_bulk={"intake": ("file",)},
    way=("/console/report", N_("有人来电，替他反映")),
)
router = router_of(DESK)
