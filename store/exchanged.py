"""The two tables that people exchange as files: how each goes out, comes in, and which versions it had."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rules.exchange import (
    CATALOGUE_SHEET,
    DUTIES_SHEET,
    catalogue_csv,
    catalogue_workbook,
    duties_csv,
    duties_workbook,
)
from store.catalogue import InForce, VersionRow, catalogue_versions, duty_versions
from store.catalogue_imports import Proposal, propose_catalogue, propose_duties
from store.pool import Connection


@dataclass(frozen=True)
class Exchanged:
    """`label` is what people call it; `count` its rows."""

    label: str
    csv: Callable[[InForce], bytes]
    workbook: Callable[[InForce], bytes]
    count: Callable[[InForce], int]
    propose: Callable[[Connection, bytes, str, ZoneInfo], Awaitable[Proposal]]
    versions: Callable[[Connection], Awaitable[list[VersionRow]]]


CATALOGUE = Exchanged(
    label=CATALOGUE_SHEET,
    csv=lambda now: catalogue_csv(now.catalogue),
    workbook=lambda now: catalogue_workbook(now.catalogue, now.forms),
    count=lambda now: len(now.catalogue),
    propose=propose_catalogue,
    versions=catalogue_versions,
)
DUTIES = Exchanged(
    label=DUTIES_SHEET,
    csv=lambda now: duties_csv(now.duties),
    workbook=lambda now: duties_workbook(now.duties),
    count=lambda now: len(now.duties.items),
    propose=propose_duties,
    versions=duty_versions,
)
