"""代报 on the call centre's screen: the caller's words, name and number, while they are on the line."""

from domain.people import Role
from web.public.report.serving import router_for_helpers

router = router_for_helpers("/console/report", Role.ACCEPTOR, Role.DUTY_OFFICER)
