"""Starts, watches and stops the processes of one home; `run/supervisor.sock` takes `linli stop` and the like."""

import asyncio
import fcntl
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import structlog

from cli import leftovers
from cli.child import Child, NotReady
from cli.processes import PROCESSES, SERVERS, named
from cli.progress import Progress
from settings import Settings
from settings.model import PROJECT
from store import embedded

log = structlog.get_logger()


class AlreadyRunning(RuntimeError):
    """Another supervisor has this home."""


class Failed(RuntimeError):
    """The installation did not come up; the message says which part and why."""


class Lock:
    """At most one supervisor per home; released by the system when its holder dies."""

    def __init__(self, home: Path) -> None:
        self._path = home / "run" / "supervisor.lock"

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise AlreadyRunning(str(self._path)) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class Supervisor:
    """The processes of one home and the order of their start.

    `describe(accounts)` makes the data of `linli up --json` once all are ready.
    """

    def __init__(self, settings: Settings, describe: Callable[[list[Any]], dict[str, Any]], progress: Progress) -> None:
        self._settings = settings
        self._describe = describe
        self._progress = progress
        self._children = {
            process.name: Child(process, settings, self._write_pids) for process in PROCESSES if process.needed()
        }
        self._told_to_end = asyncio.Event()
        self._data: dict[str, Any] | None = None

    @property
    def pids(self) -> dict[str, int]:
        return {name: child.pid for name, child in self._children.items() if child.pid is not None}

    @property
    def data(self) -> dict[str, Any] | None:
        """What `linli up` answers, with the pids of now; None until all is ready."""
        return None if self._data is None else self._data | {"pids": self.pids, "supervisor": os.getpid()}

    async def run(self, announce: Callable[[dict[str, Any]], None]) -> None:
        """Bring everything up, `announce` it, keep it up until told to end; raises Failed where it does not come up."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._told_to_end.set)
        control = await self._listen()
        try:
            if await self._bring_up():
                announce(self.data or {})
                await self._told_to_end.wait()
        finally:
            control.close()
            with self._progress.step("停止全部进程"):
                await self._stop_all()
            self._settings.socket("supervisor").unlink(missing_ok=True)
            self._pids_file.unlink(missing_ok=True)

    @property
    def _pids_file(self) -> Path:
        return self._settings.run_folder / "pids.json"

    async def _bring_up(self) -> bool:
        """True once all is ready; False where told to end meanwhile."""
        work = asyncio.create_task(self._start_all())
        ending = asyncio.create_task(self._told_to_end.wait())
        await asyncio.wait({work, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not work.done():
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            return False
        try:
            self._data = await asyncio.to_thread(self._describe, work.result())
        except* (NotReady, OSError, RuntimeError) as errors:
            raise Failed("\n".join(str(error) for error in errors.exceptions)) from errors
        return True

    async def _start_all(self) -> list[Any]:
        """The order of start: the database, what it must hold, the other servers meanwhile, then our own processes."""
        async with asyncio.TaskGroup() as group:
            preparing = group.create_task(self._start_database())
            for name in SERVERS[1:]:
                if child := self._children.get(name):
                    group.create_task(self._start(child))
        async with asyncio.TaskGroup() as group:
            for name, child in self._children.items():
                if name not in SERVERS:
                    group.create_task(self._start(child))
        return preparing.result()

    async def _start_database(self) -> list[Any]:
        if child := self._children.get("postgres"):
            with self._progress.step("数据目录"):
                await asyncio.to_thread(embedded.initialise, self._settings.home, self._settings.postgres_password)
            await self._start(child)
        with self._progress.step("表、演示组织与规则"):
            return await self._prepare()

    async def _start(self, child: Child) -> None:
        with self._progress.step(child.process.title):
            child.start()
            await child.until_ready()

    async def _prepare(self) -> list[Any]:
        """Roles, migrations, seed, in a process of its own (their weight goes with it). Gives the demo's accounts."""
        preparing = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "cli.prepare",
            cwd=PROJECT,
            env=os.environ | {"LINLI_HOME": str(self._settings.home)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            said, complained = await preparing.communicate()
        except asyncio.CancelledError:
            preparing.kill()
            raise
        (self._settings.log_folder / "prepare.log").write_bytes(complained)
        if preparing.returncode != 0:
            raise NotReady(f"数据库准备失败：\n{complained.decode(errors='replace')[-2000:]}")
        accounts: list[Any] = json.loads(said)
        return accounts

    async def _stop_all(self) -> None:
        """Our own processes first, then the servers, each group at once; the database last."""
        ours = [child for name, child in self._children.items() if name not in SERVERS]
        await asyncio.gather(*(child.stop() for child in ours))
        for name in reversed(SERVERS):
            if child := self._children.get(name):
                await child.stop()

    def _write_pids(self) -> None:
        leftovers.write(self._pids_file, self.pids)

    async def _listen(self) -> asyncio.Server:
        path = self._settings.socket("supervisor")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        return await asyncio.start_unix_server(self._converse, path)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(json.loads(line))).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def _answer(self, request: dict[str, str]) -> dict[str, Any]:
        match request:
            case {"do": "status"}:
                return {
                    "ready": self._data is not None,
                    "step": self._progress.now,
                    "data": self.data,
                    "pids": self.pids,
                }
            case {"do": "down"}:
                names = list(self.pids)
                self._told_to_end.set()
                return {"stopped": names, "supervisor": os.getpid()}
            case {"do": "stop" | "start" as verb, "name": name} if name in self._children:
                return await self._one(verb, self._children[name])
            case {"name": name}:
                title = named(name).title
                return {"error": f"{title}（{name}）不由本机管理：环境变量指向了外部的服务"}
        return {"error": f"unknown request: {request}"}

    async def _one(self, verb: str, child: Child) -> dict[str, Any]:
        if verb == "stop":
            await child.stop()
            return {"name": child.name, "pid": None}
        child.start()
        try:
            await child.until_ready()
        except (NotReady, OSError, RuntimeError) as error:
            return {"error": str(error)}
        return {"name": child.name, "pid": child.pid}
