"""One supervised process: started, watched, started again when it dies, stopped when it should be."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import structlog

from cli.processes import Process
from settings import Settings
from store.embedded import as_user

FIRST_PAUSE = 0.2  # seconds before a dead process is started again; doubles with each early death
LONGEST_PAUSE = 5.0
STEADY_AFTER = 10.0  # a life of this long forgets the early deaths
STOP_WITHIN = 10.0  # then SIGKILL
READY_WITHIN = 90.0
PROBE_EVERY = 0.05
DEATHS_BEFORE_GIVING_UP = 5  # while waiting for it to become ready
LOG_LIMIT = 20_000_000  # bytes; then the log of a process is put aside once

log = structlog.get_logger()


class NotReady(RuntimeError):
    """A process did not become ready; the message ends with what it said last."""


class Child:
    """A process under supervision. `on_change` is called whenever its pid changes."""

    def __init__(self, process: Process, settings: Settings, on_change: Callable[[], None]) -> None:
        self.process = process
        self.name = process.name
        self._settings = settings
        self._on_change = on_change
        self._running: asyncio.subprocess.Process | None = None
        self._wanted = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._deaths = 0  # in a row, each after a short life

    @property
    def pid(self) -> int | None:
        return self._running.pid if self._running is not None else None

    @property
    def log_file(self) -> Path:
        return self._settings.log_folder / f"{self.name}.log"

    def start(self) -> None:
        """Want it to run from now on."""
        self._deaths = 0
        self._wanted.set()
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End it, and do not start it again until `start`."""
        self._wanted.clear()
        if self._keeper is None:
            return
        if self._running is not None:
            await self._end(self._running)
        self._keeper.cancel()
        with suppress(asyncio.CancelledError):
            await self._keeper
        self._keeper = None

    async def until_ready(self) -> None:
        """Raises NotReady where it keeps dying, or is not ready in time."""
        until = time.monotonic() + READY_WITHIN
        while not (self._running is not None and await asyncio.to_thread(self.process.ready, self._settings)):
            if self._deaths >= DEATHS_BEFORE_GIVING_UP:
                raise NotReady(f"{self.name} 启动后立即退出：\n{self.last_words()}")
            if time.monotonic() > until:
                raise NotReady(f"{self.name} 在 {READY_WITHIN:.0f} 秒内没有就绪：\n{self.last_words()}")
            if self._keeper is not None and self._keeper.done():
                await self._keeper
            await asyncio.sleep(PROBE_EVERY)

    def last_words(self, lines: int = 12) -> str:
        if not self.log_file.exists():
            return ""
        return "\n".join(self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    async def _keep(self) -> None:
        while self._wanted.is_set():
            self._running = await self._spawn()
            began = time.monotonic()
            log.info("started", process=self.name, pid=self._running.pid)
            self._on_change()
            code = await self._running.wait()
            self._running = None
            self._on_change()
            if not self._wanted.is_set():
                return
            self._deaths = 0 if time.monotonic() - began > STEADY_AFTER else self._deaths + 1
            pause = min(FIRST_PAUSE * 2 ** max(self._deaths - 1, 0), LONGEST_PAUSE)
            log.warning("died", process=self.name, code=code, again_in=pause)
            await asyncio.sleep(pause)

    async def _spawn(self) -> asyncio.subprocess.Process:
        start = await asyncio.to_thread(self.process.start, self._settings)
        self._settings.ready_file(self.name).unlink(missing_ok=True)
        with self._open_log() as output:
            return await asyncio.create_subprocess_exec(
                *start.words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=start.folder,
                env=os.environ | {"LINLI_HOME": str(self._settings.home), "PYTHONUNBUFFERED": "1"},
                process_group=0,
                **as_user(start.user),
            )

    def _open_log(self) -> BinaryIO:
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_LIMIT:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        return self.log_file.open("ab")

    async def _end(self, running: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            running.send_signal(self.process.stop_signal)
        try:
            await asyncio.wait_for(asyncio.shield(running.wait()), STOP_WITHIN)
        except TimeoutError:
            log.warning("killed", process=self.name, pid=running.pid)
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            await running.wait()
