"""Who acts: roles, areas, units, and the system itself."""

from enum import StrEnum

from domain.matters import Frozen
from domain.places import UNPLACED, AreaPath, within_any

RULE = "rule"  # the id under which the system acts


class Role(StrEnum):
    """What a person may be; one may be several. Labels are in the glossary."""

    HANDLER = "handler"
    LIAISON = "liaison"
    GRID_WORKER = "grid_worker"
    COMMITTEE = "committee"
    ACCEPTOR = "acceptor"
    DISPATCHER = "dispatcher"
    INSPECTOR = "inspector"
    DUTY_OFFICER = "duty_officer"
    SUPERVISOR = "supervisor"
    RULE_AUTHOR = "rule_author"
    DEVICE_MANAGER = "device_manager"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    REPORTER = "reporter"  # whoever holds the follow link of a report; no account
    RULE = "rule"  # the system acting by itself


CASE_ROLES = frozenset(
    {
        Role.HANDLER,
        Role.LIAISON,
        Role.GRID_WORKER,
        Role.COMMITTEE,
        Role.ACCEPTOR,
        Role.DISPATCHER,
        Role.INSPECTOR,
        Role.DUTY_OFFICER,
        Role.SUPERVISOR,
    }
)
DUTY_DESK = frozenset({Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_OFFICER, Role.SUPERVISOR})


class PersonRef(Frozen):
    """A person as a case remembers one."""

    id: str
    name: str
    unit: str | None = None


class Actor(Frozen):
    """Whoever gives a command: what decides whether they may."""

    id: str
    name: str
    roles: frozenset[Role]
    areas: tuple[AreaPath, ...] = ()
    unit: str | None = None

    @property
    def ref(self) -> PersonRef:
        return PersonRef(id=self.id, name=self.name, unit=self.unit)

    @property
    def sight(self) -> tuple[AreaPath, ...]:
        """The areas whose cases the actor may see; the duty desk also sees what has no place yet."""
        if not self.roles & CASE_ROLES:
            return ()
        return (*self.areas, UNPLACED) if self.roles & DUTY_DESK else self.areas

    def works_at(self, unit: str | None) -> bool:
        return unit is not None and self.unit == unit

    def covers(self, place: str) -> bool:
        return within_any(place, self.sight)


def the_reporter(report: str) -> Actor:
    """Whoever holds the follow link of `report`."""
    return Actor(id=report, name="诉求人", roles=frozenset({Role.REPORTER}))


BY_RULE = Actor(id=RULE, name="系统", roles=frozenset({Role.RULE}), areas=())
