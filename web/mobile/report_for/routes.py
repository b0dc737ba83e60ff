"""代报: a committee or grid worker reports for somebody who asked them to, at the door or on the telephone."""

from domain.people import Role
from web.public.report.serving import router_for_helpers

router = router_for_helpers("/m/report-for", Role.COMMITTEE, Role.GRID_WORKER, Role.ACCEPTOR)
