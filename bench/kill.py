"""What people notice when the case worker is killed: how long the next command takes."""

import asyncio
import os
import signal

from bench.cases import file_cases
from bench.commands import answered
from bench.figures import Figure, percentile
from bench.installation import Installation, actor
from bench.matters import cases_of
from domain.commands import Comment
from domain.matters import Closing

PART = "kill"
TRIALS = 5
SEEN = Comment(text="已知悉")
STEADY = 11.0  # seconds; the supervisor then takes the next death for a first one


async def measure(installation: Installation) -> list[Figure]:
    """A killed worker, and at once a command for a case that it had in memory, again until it is answered."""
    took = []
    async with installation.reach() as reached:
        run, *_ = await file_cases(reached.pool, TRIALS, 0, Closing.WHEN_INSPECTED)
        async with reached.pool.connection() as connection:
            cases = await cases_of(connection, run)
        officer = await actor(reached, "duty.chen")
        for case_id in cases:
            await asyncio.sleep(STEADY)
            await answered(reached, case_id, officer, SEEN)
            os.kill(installation.pid("case-worker"), signal.SIGKILL)
            took.append(await answered(reached, case_id, officer, SEEN))
    note = ", ".join(f"{seconds:.1f}" for seconds in took)
    return [
        Figure(PART, "next command after kill -9, median", percentile(took, 0.5), "s", note=note),
        Figure(PART, "next command after kill -9, longest", max(took), "s"),
    ]
