"""`linli duties export | diff | import`: which kind of unit leads, handles or assists in what."""

import typer

from cli import exchanging
from store.exchanged import DUTIES


def register(app: typer.Typer) -> None:
    exchanging.add_group(app, "duties", DUTIES)
