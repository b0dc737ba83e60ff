"""Signals to decisions: the inbox is filled while perception rests; how fast is it read, and where does the time go."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.perceive.concluding import Judge
from activities.perceive.reader import FENCE, NEXT, Row
from activities.perceive.rows import as_view
from activities.perceive.writing import write
from bench.cpu import Meter, in_words
from bench.feed import Feed, devices
from bench.figures import Figure
from bench.installation import Installation, wait_until
from domain.signals import Signal
from rules.engine.client import EngineClient
from rules.perceiver import Perceiver
from store.intake import digest, open_intake, partition_of
from store.pool import Connection, pool
from store.rulesets import in_force, place_names

PART = "decisions"
BACKLOG = 60_000
BURST = 20_000
EVERY = timedelta(seconds=10)  # how often a device speaks
BATCH = 200
PATIENCE = 300  # seconds
BEHIND = """
    SELECT sum(s.last - p.position)::bigint, sum(p.epoch)::bigint FROM partition_seq s JOIN partitions p USING (id)"""
NUMBER = "UPDATE partition_seq SET last = last + %s WHERE id = %s RETURNING last"


async def measure(installation: Installation, sketch: dict[str, float]) -> list[Figure]:
    """Three times a full inbox, each later than the one before: signals that overlap in time would be late ones."""
    spike = sketch.get("decisions")
    with installation.owner() as connection:
        known = devices(connection)
    span = EVERY * (BACKLOG / len(known))
    installation.linli("stop", "perception")
    now = datetime.now(UTC)
    _fill(installation, Feed(known, now - 2 * span, EVERY, seed=1).signals(BACKLOG))
    alone = await _where_the_time_goes(installation)
    _fill(installation, Feed(known, now - span, EVERY, seed=2).signals(BACKLOG))
    backlog = _read_by_perception(installation, "backlog of 40 minutes", spike)
    installation.linli("stop", "perception")
    burst = list(Feed(known, datetime.now(UTC), timedelta(milliseconds=20), seed=3).signals(BURST))
    async with open_intake(installation.settings) as intake:
        for first in range(0, len(burst), BATCH):
            await intake.take(burst[first : first + BATCH])
    return [backlog, _read_by_perception(installation, "burst: 80 of each device at once", spike), *alone]


def _fill(installation: Installation, said: Iterable[Signal]) -> None:
    """As intake would have stored them when they came: the arrival is the signal's own, not now."""
    with installation.owner() as connection, connection.transaction():
        (partitions,) = connection.execute("SELECT count(*) FROM partition_seq").fetchone() or (1,)
        of: dict[int, list[Signal]] = {}
        for one in said:
            at = partition_of(one.location.place_code, one.source.adapter, one.source.device_id, partitions)
            of.setdefault(at, []).append(one)
        for partition, mine in of.items():
            (last,) = connection.execute(NUMBER, (len(mine), partition)).fetchone() or (0,)
            with connection.cursor().copy(
                "COPY inbox (id, partition, seq, digest, body, received_at) FROM STDIN"
            ) as rows:
                for seq, one in enumerate(mine, last - len(mine) + 1):
                    body = one.model_dump_json()
                    rows.write_row((one.id, partition, seq, digest(one), body, one.received_at))


def _read_by_perception(installation: Installation, name: str, spike: float | None) -> Figure:
    """From the first reader that owns its partition to the last row's commit, in the perception process."""
    with installation.owner() as connection:
        waiting, epochs = _behind(connection)
        installation.linli("start", "perception")
        wait_until(lambda: _behind(connection)[1] > epochs, PATIENCE, 0.01)
        meter = Meter(installation, ("perception", "postgres", "engine", "case-worker"))
        began = time.perf_counter()
        wait_until(lambda: _behind(connection)[0] == 0, PATIENCE, 0.01)
        took = time.perf_counter() - began
    shares = in_words(meter.spent(), waiting // 1000)
    note = f"{waiting:,} in {took:.1f} s; CPU ms per 1,000: {shares}"
    return Figure(PART, name, waiting / took, "/s", spike, note)


def _behind(connection: Any) -> tuple[int, int]:
    """How many signals wait to be read, and how often a partition has changed hands."""
    waiting, epochs = connection.execute(BEHIND).fetchone()
    return int(waiting), int(epochs)


async def _where_the_time_goes(installation: Installation) -> list[Figure]:
    """The reader's steps one after another in one thread, each with a watch that runs only while we work."""
    given = installation.settings
    spent = dict.fromkeys(("read rows", "views of rows", "rules", "conclude", "write"), 0.0)
    total = 0
    engine = EngineClient(given.engine_socket)
    async with pool(given.database_url, most=2) as connections, connections.connection() as connection:
        names = await place_names(connection)
        running = (await in_force(connection, given.zone)).running
        judge = Judge(running, engine, lambda place: names.get(place, place))
        found = await connection.execute("SELECT id FROM partitions ORDER BY id")
        for (partition,) in await found.fetchall():
            total += await _one_partition(connection, judge, partition, spent)
    engine.close()
    everything = sum(spent.values())
    figures = [Figure(PART, "reader alone, processor time per 1,000", everything / total * 1e6, "ms")]
    for name, seconds in spent.items():
        share = f"{seconds / everything:.0%}, alone {total / seconds:,.0f} signals/s"
        figures.append(Figure(PART, f"of that: {name}", seconds / total * 1e6, "ms", note=share))
    return figures


async def _one_partition(connection: Connection, judge: Judge, partition: int, spent: dict[str, float]) -> int:
    fenced = await connection.execute(FENCE, (partition,))
    epoch, position = await fenced.fetchone() or (0, 0)
    stored = await connection.execute(
        "SELECT key, state, due_at FROM perception_state WHERE partition = %s", (partition,)
    )
    perceiver = Perceiver(judge.rulesets, await stored.fetchall())
    watch = _Watch(spent)
    total = 0
    while True:
        watch.start()
        found = await connection.execute(NEXT, (partition, position))
        rows = [Row(*row) for row in await found.fetchall()]
        watch.stop("read rows")
        if not rows:
            return total
        views = [as_view(row.id, row.body) for row in rows]
        watch.stop("views of rows")
        seen = [d for row, view in zip(rows, views, strict=True) for d in perceiver.see(view, row.received_at)]
        watch.stop("rules")
        conclusions = await judge.conclude(seen) if seen else []
        watch.stop("conclude")
        moved, states = (position, rows[-1].seq), perceiver.drain()
        await write(connection, partition=partition, epoch=epoch, moved=moved, states=states, conclusions=conclusions)
        watch.stop("write")
        position, total = rows[-1].seq, total + len(rows)


class _Watch:
    """Adds this thread's processor time since the last stop to what it is told."""

    def __init__(self, spent: dict[str, float]) -> None:
        self._spent, self._since = spent, 0.0

    def start(self) -> None:
        self._since = time.thread_time()

    def stop(self, name: str) -> None:
        now = time.thread_time()
        self._spent[name] += now - self._since
        self._since = now
