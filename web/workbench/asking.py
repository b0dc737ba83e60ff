"""Asks a process of its own about a ruleset's texts; one that takes too long is ended, and the next asker gets another.

A hostile ruleset (an endless template, a search that explodes) costs its own author the answer and nobody else a thing.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from web.workbench.turns import Turns

MOST = 2  # processes
LONGEST = 10.0  # seconds for an answer
WAITING = 12.0  # seconds for one's turn: longer than any answer but that of mutations takes
STARTING = 30.0  # seconds for its imports
LONGEST_ANSWER = 8 * 1024 * 1024  # bytes


class TooSlow(Exception):
    """The text took longer than it may."""


@dataclass
class Workbench:
    """Started at the first question; `aclose` ends what it started."""

    _idle: list[Process] = field(default_factory=list)
    _turns: Turns = field(default_factory=lambda: Turns(MOST))

    async def ask(self, person: str, task: str, seconds: float = LONGEST, **given: Any) -> Any:
        """What `web.workbench.tasks.<task>` answers to a person, one question of theirs at a time.

        Raises TooSlow, Busy, Replaced.
        """
        async with self._turns.turn(person, task, WAITING):
            return await self._answer(task, seconds, given)

    async def _answer(self, task: str, seconds: float, given: dict[str, Any]) -> Any:
        process = None
        try:
            process = self._idle.pop() if self._idle else await _started()
            answer = await asyncio.wait_for(_exchange(process, task, given), seconds)
            self._idle.append(process)
            process = None
        except (TimeoutError, ValueError, EOFError, ConnectionError) as error:
            raise TooSlow from error
        finally:
            if process is not None:
                await _end(process)
        return answer

    async def aclose(self) -> None:
        for process in self._idle:
            await _end(process)
        self._idle.clear()


async def _started() -> Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "web.workbench.serving"),
        stdin=PIPE,
        stdout=PIPE,
        limit=LONGEST_ANSWER,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("LINLI_")},  # no secrets
    )
    try:
        assert process.stdout is not None  # noqa: S101 - asked for
        if await asyncio.wait_for(process.stdout.readline(), STARTING) != b"ready\n":
            raise RuntimeError("the workbench did not start")  # noqa: TRY301 - the process is ended below
    except BaseException:
        await _end(process)
        raise
    return process


async def _exchange(process: Process, task: str, given: dict[str, Any]) -> Any:
    assert process.stdin is not None  # noqa: S101 - asked for
    assert process.stdout is not None  # noqa: S101 - asked for
    process.stdin.write(json.dumps({"task": task, "given": given}).encode() + b"\n")
    await process.stdin.drain()
    line = await process.stdout.readline()
    if not line:
        raise EOFError("the workbench went away")
    return json.loads(line)


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
