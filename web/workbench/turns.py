"""Who may ask next: each person one question at a time, and whoever was answered last lets the others go first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

NEWEST_COUNTS = frozenset({"check"})  # of these questions a person wants the answer to the last one only


class Busy(Exception):
    """Others are looked through, and take long."""


class Replaced(Exception):
    """The same person has written something newer, which is looked through instead."""


@dataclass(eq=False)
class Waiting:
    person: str
    task: str
    called: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Turns:
    """At most `places` questions at once."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._asking: set[str] = set()
        self._waiting: list[Waiting] = []
        self._answered: list[str] = []  # who waits, the one answered last at the end; the others not at all

    @asynccontextmanager
    async def turn(self, person: str, task: str, patience: float) -> AsyncIterator[None]:
        """Held while it is this person's turn. Raises Busy after `patience` seconds, Replaced."""
        await self._wait(Waiting(person, task), patience)
        try:
            yield
        finally:
            self._over(person)

    async def _wait(self, one: Waiting, patience: float) -> None:
        if one.task in NEWEST_COUNTS:
            self._replace(one)
        self._waiting.append(one)
        self._call()
        try:
            async with asyncio.timeout(patience):
                await one.called
        except TimeoutError:
            self._give_up(one)
            raise Busy from None
        except BaseException:
            self._give_up(one)
            raise

    def _replace(self, newer: Waiting) -> None:
        for older in self._waiting:
            if (older.person, older.task) == (newer.person, newer.task) and not older.called.done():
                older.called.set_exception(Replaced())

    def _give_up(self, one: Waiting) -> None:
        """It left the queue; a turn that was called in the same moment goes to another."""
        if one in self._waiting:
            self._waiting.remove(one)
        elif one.called.done() and not one.called.cancelled() and one.called.exception() is None:
            self._over(one.person)
        self._forget()

    def _call(self) -> None:
        """Call as many as there are places for, who was answered longest ago first."""
        while len(self._asking) < self._places:
            able = [one for one in self._waiting if one.person not in self._asking and not one.called.done()]
            if not able:
                return
            following = min(able, key=self._since)  # of those alike, who came first
            self._waiting.remove(following)
            self._asking.add(following.person)
            following.called.set_result(None)

    def _since(self, one: Waiting) -> int:
        return self._answered.index(one.person) if one.person in self._answered else -1

    def _over(self, person: str) -> None:
        self._asking.discard(person)
        if person in self._answered:
            self._answered.remove(person)
        self._answered.append(person)
        self._forget()
        self._call()

    def _forget(self) -> None:
        """Only of those who wait it matters when they were answered."""
        waits = {one.person for one in self._waiting} | self._asking
        self._answered = [person for person in self._answered if person in waits]
