"""`linli catalogue export | diff | import`: the categories, with their triples, as a table."""

import typer

from cli import exchanging
from rules.exchange import catalogue_csv, catalogue_workbook
from store.catalogue_imports import propose_catalogue

CATALOGUE = exchanging.Exchanged(
    command="catalogue",
    label="类别目录",
    csv=lambda now: catalogue_csv(now.catalogue),
    workbook=lambda now: catalogue_workbook(now.catalogue, now.forms),
    count=lambda now: len(now.catalogue),
    propose=propose_catalogue,
)


def register(app: typer.Typer) -> None:
    exchanging.add_group(app, CATALOGUE)
