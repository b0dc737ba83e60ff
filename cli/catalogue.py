"""`linli catalogue export | diff | import`: the categories, with their triples, as a table."""

import typer

from cli import exchanging
from store.exchanged import CATALOGUE


def register(app: typer.Typer) -> None:
    exchanging.add_group(app, "catalogue", CATALOGUE)
