"""What all readers of this process judge by, loaded anew whenever what is in force changes."""

import asyncio
from zoneinfo import ZoneInfo

import structlog

from activities.lasting import Failures
from activities.perceive.concluding import Judge
from rules.engine.client import EngineClient
from store.pool import Connection, Pool
from store.rulesets import CHANNEL, InForce, in_force, place_names

POLL_SECONDS = 60.0  # the guarantee; the notification only makes it quick
PAUSE_SECONDS = 1.0
log = structlog.get_logger("perception")


class Judging:
    """Holds the judge of this moment; `load` before the first reader begins."""

    def __init__(self, connections: Pool, engine: EngineClient, zone: ZoneInfo) -> None:
        self._pool = connections
        self._engine = engine
        self._zone = zone
        self._in_force: InForce | None = None
        self._names: dict[str, str] = {}
        self._judge: Judge | None = None

    @property
    def judge(self) -> Judge:
        """The same one until something in force, a category or a place's name is another."""
        assert self._judge is not None  # noqa: S101 - loaded before anybody reads
        return self._judge

    async def load(self) -> None:
        async with self._pool.connection() as connection:
            await self._load(connection)

    async def keep_up(self) -> None:
        """For ever; survives the loss of the store."""
        failures = Failures(log)
        while True:
            with failures.outlived("what is in force is not loaded"):
                async with self._pool.connection() as listener:
                    await listener.execute(f"LISTEN {CHANNEL}")
                    while True:
                        await self._load(listener)
                        async for _ in listener.notifies(timeout=POLL_SECONDS, stop_after=1):
                            pass
            await asyncio.sleep(PAUSE_SECONDS)

    async def _load(self, connection: Connection) -> None:
        names, before = await place_names(connection), self._in_force
        now = await in_force(connection, self._zone, before)
        if before is not None and names == self._names and _same(before, now):
            return
        log.info("rulesets loaded", versions={one.compiled.state_id: one.stage.value for one in now.running})
        self._names, self._in_force = names, now
        self._judge = Judge(now.running, self._engine, lambda place: names.get(place, place))


def _same(before: InForce, now: InForce) -> bool:
    beside = (before.catalogue, before.calendar) == (now.catalogue, now.calendar)
    return beside and [one.key for one in before.running] == [one.key for one in now.running]
