"""Cases from the row that perception writes to filed and assigned: how many a second, and how long one takes."""

import asyncio
import time
from uuid import uuid4

from bench.cpu import Meter, in_words
from bench.figures import Figure
from bench.installation import Installation
from bench.matters import Wanted, lifts, open_cases
from domain.matters import Closing
from store.pool import Connection, Pool

PART = "cases"
KEPT_FREE = "/310110/kj/c10/n028/"  # the pages' bench fills one handler's list there
PATIENCE = 120  # seconds
LOOK_EVERY = 0.2  # seconds; a look reads the open ones of the whole installation
UNFILED = "SELECT count(*) FROM cases WHERE starts_with(dedupe_key, %s) AND filed_at IS NULL AND closed_at IS NULL"
# To the first message of the case, which the filing's last round trip writes: later than filed_at, which is read early.
DELAYS = """
    SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM told.at - cases.received_at))
    FROM cases JOIN LATERAL (SELECT min(created_at) AS at FROM outbox WHERE case_id = cases.id) told ON true
    WHERE starts_with(dedupe_key, %s)"""


async def file_cases(connections: Pool, count: int, rate: int, closing: Closing) -> tuple[str, float, float, float]:
    """Open `count` cases, `rate` a second (0: as fast as it goes): (their run, cases/s, p50 ms, p99 ms)."""
    async with connections.connection() as connection:
        places = await lifts(connection, within="/310110/kj/", outside=KEPT_FREE)
        wanted = Wanted(places, f"bench-{uuid4().hex[:8]}", closing)
        began = time.perf_counter()
        await _open(connection, wanted, count, rate)
        await _all_filed(connection, wanted.run)
        took = time.perf_counter() - began
        found = await connection.execute(DELAYS, (f"{wanted.run}/",))
        ((p50, p99),) = await found.fetchone() or ((0, 0),)
    return wanted.run, count / took, float(p50) * 1e3, float(p99) * 1e3


async def _open(connection: Connection, wanted: Wanted, count: int, rate: int) -> None:
    began, opened = time.perf_counter(), 0
    batch = max(1, rate // 20) if rate else 200
    while opened < count:
        await open_cases(connection, wanted, opened, min(batch, count - opened))
        opened += batch
        if rate:
            await asyncio.sleep(max(0.0, began + opened / rate - time.perf_counter()))


async def _all_filed(connection: Connection, run: str) -> None:
    until = time.monotonic() + PATIENCE
    while (await (await connection.execute(UNFILED, (f"{run}/",))).fetchone()) != (0,):
        assert time.monotonic() < until, f"not all filed within {PATIENCE} s"
        await asyncio.sleep(LOOK_EVERY)


def cost(name: str, spent: dict[str, float], count: int, spike: dict[str, float], part: str = PART) -> Figure:
    return Figure(part, name, sum(spent.values()) / count * 1e3, "ms", spike.get("cpu"), in_words(spent, count))


async def measure(installation: Installation, sketch: dict[str, float], steady: dict[str, float]) -> list[Figure]:
    """`sketch`: the spike's figures at full rate, `steady`: at 50 cases a second."""
    figures = []
    async with installation.reach() as reached:
        await file_cases(reached.pool, 50, 0, Closing.WHEN_INSPECTED)  # connections open, statements known
        for count, rate, spike in ((2000, 0, sketch), (1000, 50, steady)):
            meter = Meter(installation, ("case-worker", "temporal", "postgres"))
            _, throughput, p50, p99 = await file_cases(reached.pool, count, rate, Closing.WHEN_INSPECTED)
            spent = meter.spent()
            at = f"at {rate}/s" if rate else "at full rate"
            figures += [
                Figure(PART, f"filed, {at}", throughput, "/s", spike.get("cases/s")),
                Figure(PART, f"row to filed, {at}, p50", p50, "ms", spike.get("cases p50")),
                Figure(PART, f"row to filed, {at}, p99", p99, "ms", spike.get("cases p99")),
                cost(f"processor time per case, {at}", spent, count, spike),
            ]
    return figures
