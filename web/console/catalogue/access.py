"""Who reads the catalogue, who changes it, and which of its two tables an address means."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.people import Role
from rules.exchange import catalogue_csv, catalogue_workbook, duties_csv, duties_workbook
from store.catalogue import InForce, VersionRow, catalogue_versions, duty_versions
from store.catalogue_imports import Proposal, propose_catalogue, propose_duties
from store.pool import Connection
from web.i18n import N_
from web.security import needs

READERS = needs(Role.SYSTEM_ADMIN, Role.RULE_AUTHOR)
IMPORTERS = needs(Role.SYSTEM_ADMIN)


class Table(StrEnum):
    CATALOGUE = "catalogue"
    DUTIES = "duties"


@dataclass(frozen=True)
class Exchanged:
    """A table that goes out and comes in as a file."""

    title: str
    page: str
    csv: Callable[[InForce], bytes]
    workbook: Callable[[InForce], bytes]
    propose: Callable[[Connection, bytes, str, ZoneInfo], Awaitable[Proposal]]
    versions: Callable[[Connection], Awaitable[list[VersionRow]]]


EXCHANGED = {
    Table.CATALOGUE: Exchanged(
        title=N_("类别目录"),
        page="/console/catalogue",
        csv=lambda now: catalogue_csv(now.catalogue),
        workbook=lambda now: catalogue_workbook(now.catalogue, now.forms),
        propose=propose_catalogue,
        versions=catalogue_versions,
    ),
    Table.DUTIES: Exchanged(
        title=N_("权责清单"),
        page="/console/catalogue/duties",
        csv=lambda now: duties_csv(now.duties),
        workbook=lambda now: duties_workbook(now.duties),
        propose=propose_duties,
        versions=duty_versions,
    ),
}
