"""Whose text is looked through next: one question of a person at a time, and slow ones of one keep nobody waiting."""

import asyncio
from collections.abc import Iterator

import pytest

from web.workbench.turns import Busy, Replaced, Turns

PATIENCE = 5.0  # seconds


class Queue:
    """Questions that are answered when a test says so; `begun` in the order of their turns."""

    def __init__(self) -> None:
        self.turns = Turns(2)
        self.begun: list[str] = []
        self._answers: dict[str, asyncio.Event] = {}

    async def ask(
        self, person: str, name: str, task: str = "changed", patience: float = PATIENCE
    ) -> asyncio.Task[None]:
        self._answers[name] = asyncio.Event()

        async def asking() -> None:
            async with self.turns.turn(person, task, patience):
                self.begun.append(name)
                await self._answers[name].wait()

        asked = asyncio.create_task(asking())
        await settled()
        return asked

    async def answer(self, name: str) -> None:
        self._answers[name].set()
        await settled()

    async def answer_all(self) -> None:
        for name in self._answers:
            await self.answer(name)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def queue() -> Iterator[Queue]:
    return Queue()


async def test_a_person_with_slow_texts_leaves_a_place_for_the_others(queue: Queue) -> None:
    for n in range(5):
        await queue.ask("xu", f"slow {n}")
    await queue.ask("pei", "quick")
    assert queue.begun == ["slow 0", "quick"]
    await queue.answer("quick")
    assert queue.begun == ["slow 0", "quick"]


async def test_who_was_answered_last_lets_the_others_go_first(queue: Queue) -> None:
    for name in ("xu 0", "xu 1"):
        await queue.ask("xu", name)
    await queue.ask("pei", "pei 0")
    for person in ("lin", "gu"):
        await queue.ask(person, person)
    await queue.answer("xu 0")
    await queue.answer("pei 0")
    await queue.answer("lin")
    assert queue.begun == ["xu 0", "pei 0", "lin", "gu", "xu 1"]


async def test_of_texts_that_one_person_writes_the_newest_is_looked_through(queue: Queue) -> None:
    await queue.ask("xu", "first", "check")
    older, newer = [await queue.ask("xu", name, "check") for name in ("older", "newer")]
    with pytest.raises(Replaced):
        await older
    await queue.answer("first")
    assert (queue.begun, newer.done()) == (["first", "newer"], False)


async def test_what_is_saved_is_replaced_by_nothing(queue: Queue) -> None:
    for name in ("first", "second", "third"):
        await queue.ask("xu", name, "changed")
    await queue.ask("xu", "looked at", "check")
    await queue.answer_all()
    assert queue.begun == ["first", "second", "third", "looked at"]


async def test_who_waited_too_long_is_told_and_takes_nobodys_place(queue: Queue) -> None:
    for person in ("xu", "pei"):
        await queue.ask(person, person)
    with pytest.raises(Busy):
        await (await queue.ask("lin", "lin", patience=0.01))
    await queue.ask("gu", "gu")
    await queue.answer("xu")
    assert queue.begun == ["xu", "pei", "gu"]


async def test_who_closes_the_page_gives_the_turn_on(queue: Queue) -> None:
    first, second = [await queue.ask("xu", name) for name in ("first", "second")]
    await queue.ask("xu", "third")
    second.cancel()
    first.cancel()
    await settled()
    assert queue.begun == ["first", "third"]


@pytest.mark.parametrize("moments", range(8))
async def test_a_turn_that_is_called_as_its_page_is_closed_is_given_on(queue: Queue, moments: int) -> None:
    """Whenever the page is closed, before, while or after the turn comes."""
    await queue.ask("xu", "first")
    second = await queue.ask("xu", "second")
    third = await queue.ask("xu", "third")
    closing = asyncio.create_task(queue.answer("first"))
    for _ in range(moments):
        await asyncio.sleep(0)
    second.cancel()
    await closing
    await settled()
    assert (queue.begun[-1], third.done()) == ("third", False)
