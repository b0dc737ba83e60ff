"""Group commit: messages that come in while a commit is under way share the next one."""

import asyncio
from collections import deque
from collections.abc import Sequence

from domain.intake import Taken, Unreadable
from domain.signals import Signal
from store.intake import Message, StoreIntake

MOST = 500  # signals in one commit


class BatchingIntake:
    """An Intake for many senders at once; each of them waits for the commit that holds its message."""

    def __init__(self, intake: StoreIntake, most: int = MOST) -> None:
        self._intake, self._most = intake, most
        self._waiting: deque[tuple[Message, asyncio.Future[Taken]]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def take(self, signals: Sequence[Signal], unreadable: Sequence[Unreadable] = ()) -> Taken:
        """Store what a device said, once; returns after commit. Raises IntakeUnavailable."""
        taken: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.append((Message(signals, unreadable), taken))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await taken

    async def _work(self) -> None:
        while self._waiting:
            group = self._next_group()
            try:
                answers = await self._intake.take_each([message for message, _ in group])
            except Exception as error:  # noqa: BLE001 - every sender of the group learns of it
                for _, taken in group:
                    if not taken.done():
                        taken.set_exception(error)
                continue
            for (_, taken), answer in zip(group, answers, strict=True):
                if not taken.done():
                    taken.set_result(answer)

    def _next_group(self) -> list[tuple[Message, asyncio.Future[Taken]]]:
        group = [self._waiting.popleft()]
        size = len(group[0][0].signals)
        while self._waiting and size + len(self._waiting[0][0].signals) <= self._most:
            group.append(self._waiting.popleft())
            size += len(group[-1][0].signals)
        return group
