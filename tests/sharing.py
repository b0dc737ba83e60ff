"""How the tests of a run are shared out to its workers."""

from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

FIRST = ("stories", "browser", "servers")  # what takes long, so that a run ends with what is short


class ByPackage(LoadFileScheduling):
    """A file goes to one worker as a whole, and so does a folder with an `__init__.py`: its tests share servers."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(super()._split_scope(nodeid))
        package = self.config.rootpath / file.parent / "__init__.py"
        return str(file.parent if package.exists() else file)


def turn(item: pytest.Item) -> tuple[int, ...]:
    """What sorts it among the others: packages before files, then by the most that it waits for."""
    alone = item.getparent(pytest.Package) is None
    marks = {mark.name for mark in item.iter_markers()} | set(item.path.parts)
    return alone, next((place for place, name in enumerate(FIRST) if name in marks), len(FIRST))
