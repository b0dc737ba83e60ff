"""Named places where a process can be made to die on purpose (DESIGN §11).

`LINLI_FAILPOINT=after-inbox-commit` ends the process there, once per home; several names are joined by commas.
"""

import os
from functools import cache
from pathlib import Path

import settings

EXIT_CODE = 86


def reached(name: str) -> None:
    """End the process if `name` is the failpoint it was asked to die at, and it never did so in this home."""
    armed, folder = _armed()
    if name not in armed:
        return
    try:
        _mark(folder, name)
    except FileExistsError:
        return
    os._exit(EXIT_CODE)


@cache
def _armed() -> tuple[frozenset[str], Path]:
    given = settings.load()
    names = (name.strip() for name in given.failpoint.split(","))
    return frozenset(filter(None, names)), given.home / "failpoints"


def _mark(folder: Path, name: str) -> None:
    """Leave the marker where a kill of the machine cannot lose it: else the process would die here again."""
    folder.mkdir(parents=True, exist_ok=True)
    marker = os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.fsync(marker)
    os.close(marker)
    entry = os.open(folder, os.O_RDONLY)
    os.fsync(entry)
    os.close(entry)
