"""How a process without a port says that it works: a file the supervisor looks for."""

import os

from settings.model import Settings


def mark_ready(settings: Settings, name: str) -> None:
    """Say that process `name` (as in `linli run NAME`) does its work from now on."""
    path = settings.ready_file(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(os.getpid()), encoding="utf-8")
