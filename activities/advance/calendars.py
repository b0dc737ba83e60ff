"""The calendars that clocks are counted by, kept until another version is stored."""

from domain.calendars import Calendars, in_force
from store.calendars import newest
from store.pool import Connection


class Shelf:
    """Versions never change and are never removed, so their number says whether the kept ones are all there are."""

    def __init__(self) -> None:
        self._calendars: Calendars = in_force(())
        self._versions = 0

    async def of(self, connection: Connection, versions: int) -> Calendars:
        if versions != self._versions:
            self._calendars = await newest(connection)
            self._versions = versions
        return self._calendars
