"""Who reads the catalogue, who changes it, and which of its two tables an address means."""

from enum import StrEnum

from domain.people import Role
from store import exchanged
from web.i18n import N_
from web.security import needs

READERS = needs(Role.SYSTEM_ADMIN, Role.RULE_AUTHOR)
IMPORTERS = needs(Role.SYSTEM_ADMIN)


class Table(StrEnum):
    CATALOGUE = "catalogue"
    DUTIES = "duties"


EXCHANGED = {Table.CATALOGUE: exchanged.CATALOGUE, Table.DUTIES: exchanged.DUTIES}
PAGES = {Table.CATALOGUE: "/console/catalogue", Table.DUTIES: "/console/catalogue/duties"}
TITLES = {Table.CATALOGUE: N_("类别目录"), Table.DUTIES: N_("权责清单")}
