"""`linli duties export | diff | import`: which kind of unit leads, handles or assists in what."""

import typer

from cli import exchanging
from rules.exchange import duties_csv, duties_workbook
from store.catalogue_imports import propose_duties

DUTIES = exchanging.Exchanged(
    command="duties",
    label="权责清单",
    csv=lambda now: duties_csv(now.duties),
    workbook=lambda now: duties_workbook(now.duties),
    count=lambda now: len(now.duties.items),
    propose=propose_duties,
)


def register(app: typer.Typer) -> None:
    exchanging.add_group(app, DUTIES)
