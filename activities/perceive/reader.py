"""Reads one partition in order, steps the rulesets, and commits position, state, signals and cases together."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from psycopg import OperationalError

from activities.perceive.ambient import known_around
from activities.perceive.aside import put_aside
from activities.perceive.beside import settle_beside
from activities.perceive.concluding import Conclusion, Judge
from activities.perceive.rows import as_view
from activities.perceive.writing import Lost, write
from rules.detections import Detection
from rules.engine.client import EngineUnavailable
from rules.perceiver import Perceiver
from store.failpoints import reached
from store.pool import Connection, Pool

BATCH = 2000  # rows of state are written once per key and batch
BREATH = 50
POLL = timedelta(seconds=1)  # the guarantee; the notification only makes it quick
FENCE = "UPDATE partitions SET epoch = epoch + 1 WHERE id = %s RETURNING epoch, position"
STATES = "SELECT key, state, due_at FROM perception_state WHERE partition = %s"
NEXT = f"""
    SELECT id, seq, body, received_at FROM inbox
    WHERE partition = %s AND seq > %s ORDER BY seq LIMIT {BATCH}"""  # noqa: S608 - a constant
log = structlog.get_logger("perception")


class Row(NamedTuple):
    id: UUID
    seq: int
    body: dict[str, Any]
    received_at: datetime


class Reader:
    """The owner of a partition for one shift. Another raises the epoch; this one then leaves at its next commit.

    `judging` gives the judge of the moment; between two batches another may take its place.
    """

    def __init__(self, connections: Pool, judging: Callable[[], Judge], partition: int) -> None:
        self._pool = connections
        self._judging = judging
        self._partition = partition

    async def run(self, until: Callable[[], bool]) -> None:
        """Read until `until` says so or the partition is lost to another owner."""
        async with self._pool.connection() as listener:
            await listener.execute("LISTEN linli_inbox")
            fenced = await listener.execute(FENCE, (self._partition,))
            row = await fenced.fetchone()
            if row is None:
                raise LookupError(f"no partition {self._partition}")
            self._epoch, self._position = row
            try:
                await self._take(listener, self._judging())
                while not until():
                    await self._round(listener)
            except Lost:
                log.info("partition has another owner", partition=self._partition, epoch=self._epoch)

    async def _take(self, connection: Connection, judge: Judge) -> None:
        """From now on judge by `judge`, with what is stored: of a batch that failed nothing is left."""
        self._judge = judge
        await settle_beside(connection, self._partition, self._epoch, judge.rulesets)
        stored = await connection.execute(STATES, (self._partition,))
        self._perceiver = Perceiver(judge.rulesets, await stored.fetchall())

    async def _round(self, listener: Connection) -> None:
        async with self._pool.connection() as connection:
            judge = self._judging()
            if judge is not self._judge:
                await self._take(connection, judge)
            await self._hear_others(connection)
            found = await connection.execute(NEXT, (self._partition, self._position))
            rows = [Row(*row) for row in await found.fetchall()]
            if rows:
                await self._read_all(connection, rows)
                return
            clock = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
            assert clock is not None  # noqa: S101 - a select without a table answers
            due = self._perceiver.next_due()
            if due is not None and due <= clock[0]:
                await self._commit(connection, self._perceiver.tick(clock[0]), self._position)
                return
        await self._rest(listener, min(POLL, due - clock[0]) if due else POLL)

    async def _hear_others(self, connection: Connection) -> None:
        if self._perceiver.heeds_others:
            self._perceiver.take_ambient(await known_around(connection))

    async def _read_all(self, connection: Connection, rows: Sequence[Row]) -> None:
        """A batch that fails is read in halves, down to the signal that fails alone: that one is put aside."""
        try:
            await self._read(connection, rows)
        except (Lost, EngineUnavailable, OperationalError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the signal behind it is found and put aside
            said = f"{type(error).__name__}: {error}"
            log.warning("a batch failed", partition=self._partition, signals=len(rows), error=said)
            await self._take(connection, self._judge)
            await self._hear_others(connection)
            if len(rows) > 1:
                half = len(rows) // 2
                await self._read_all(connection, rows[:half])
                await self._read_all(connection, rows[half:])
                return
            (row,) = rows
            # where what fell due before it is what fails, the signal stays: so would all that come after it
            await self._commit(connection, self._perceiver.tick(row.received_at), self._position)
            moved = (row.seq, self._partition, self._epoch, self._position)
            await put_aside(connection, row.id, row.body, error, moved)
            self._position = row.seq

    async def _read(self, connection: Connection, rows: Sequence[Row]) -> None:
        seen: list[Detection] = []
        for place, row in enumerate(rows):
            seen += self._perceiver.see(as_view(row.id, row.body), row.received_at)
            if place % BREATH == 0:
                await asyncio.sleep(0)  # the other partitions' readers and the heartbeat share this loop
        await self._commit(connection, seen, rows[-1].seq)

    async def _commit(self, connection: Connection, seen: Sequence[Detection], position: int) -> None:
        conclusions: list[Conclusion] = await self._judge.conclude(seen) if seen else []
        await write(
            connection,
            partition=self._partition,
            epoch=self._epoch,
            moved=(self._position, position),
            states=self._perceiver.drain(),
            conclusions=conclusions,
            heard=self._perceiver.drain_ambient(),
        )
        self._position = position
        reached("after-perceive-commit")

    async def _rest(self, listener: Connection, patience: timedelta) -> None:
        async for note in listener.notifies(timeout=max(patience.total_seconds(), 0.001)):
            if note.payload in ("", str(self._partition)):
                return
