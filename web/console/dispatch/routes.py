"""派遣: what waits for a unit, returns to rule on, calls to make; beside it the teams with their load, and the map."""

from starlette.requests import Request

from domain.people import Role
from store.beside import teams_for
from store.pool import Connection
from web.casework import CaseView
from web.duty import Desk
from web.dutyroutes import router_of
from web.i18n import N_


async def beside(_: Request, connection: Connection, view: CaseView) -> dict[str, object]:
    return {"teams": await teams_for(connection, view.case)}


DESK = Desk(
    path="/console/dispatch",
    title=N_("派遣"),
    lists={"dispatching": N_("待派遣"), "returned": N_("退单待裁定"), "calls": N_("待打电话")},
    roles=frozenset({Role.DISPATCHER, Role.DUTY_OFFICER, Role.SUPERVISOR}),
    beside=beside,
    beside_template="parts/duty/teams.html",
    empty=(N_("现在没有要派遣的案件"), N_("系统没能自动派出的、退单待裁定的和要打电话联系的案件会出现在这里。")),
    in_bulk={"dispatching": ("dispatch",)},
    with_map=True,
)
router = router_of(DESK)
