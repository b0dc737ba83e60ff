"""People's commands through the real path: kept, foreseen, carried out by the case's workflow, answered."""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID, uuid4

from activities.giving import Given, Reach, StillWorking, StoreUnavailable, TemporalUnavailable, give
from bench.cases import cost, file_cases
from bench.cpu import Meter
from bench.figures import Figure, percentile
from bench.installation import Installation, actor
from bench.matters import cases_of
from domain.cases import EvidenceRef
from domain.commands import Close, Command, Handle, Inspect, Sign
from domain.matters import Closing, Evidence
from domain.people import Actor

PART = "commands"
CASES = 300
AT_ONCE = 32
AGAIN = 0.1  # seconds
HOLDERS = "SELECT id, person FROM cases WHERE id = ANY (%s)"


def life(holder: Actor, inspector: Actor, officer: Actor) -> list[tuple[Actor, Command]]:
    """The road of a case after its dispatch: signed, handled, inspected, closed."""
    photo = EvidenceRef(id=uuid4(), kind=Evidence.PHOTO_AFTER)
    return [
        (holder, Sign()),
        (holder, Handle(outcome="solved", note="车已推离轿厢", evidence=(photo,))),
        (inspector, Inspect(passed=True)),
        (officer, Close()),
    ]


async def measure(installation: Installation, sketch: dict[str, float]) -> list[Figure]:
    """300 cases live their four commands, 32 cases at once."""
    async with installation.reach() as reached:
        meter = Meter(installation, ("case-worker", "temporal", "postgres"))
        run, *_ = await file_cases(reached.pool, CASES, 0, Closing.MANUAL)
        async with reached.pool.connection() as connection:
            ids = await cases_of(connection, run)
            found = await connection.execute(HOLDERS, (ids,))
            holders = {case_id: person for case_id, person in await found.fetchall() if person is not None}
        people = {person: await actor(reached, person) for person in set(holders.values())}
        inspector, officer = await actor(reached, "inspect.deng"), await actor(reached, "duty.chen")
        lives = {case: life(people[person], inspector, officer) for case, person in holders.items()}
        began = time.perf_counter()
        took = await _live(reached, lives)
        seconds = time.perf_counter() - began
        spent = meter.spent()
    note = f"{len(took)} commands, {AT_ONCE} at once"
    return [
        Figure(PART, "answered", len(took) / seconds, "/s", sketch.get("commands/s"), note),
        Figure(PART, "p50", percentile(took, 0.5) * 1e3, "ms", sketch.get("commands p50")),
        Figure(PART, "p99", percentile(took, 0.99) * 1e3, "ms", sketch.get("commands p99")),
        cost("processor time per case, from row to closed", spent, CASES, sketch, PART),
    ]


async def answered(reached: Reach, case_id: UUID, who: Actor, command: Command) -> float:
    """Seconds until `command` is accepted; given again with the same id while there is no answer yet."""
    given = Given(command_id=uuid4(), case_id=case_id, actor=who, command=command, transport="api")
    began = time.perf_counter()
    while True:
        try:
            outcome = await give(reached, given)
        except (StillWorking, StoreUnavailable, TemporalUnavailable):
            await asyncio.sleep(AGAIN)
            continue
        assert outcome.accepted, f"{command.name}: {outcome.code} {outcome.params}"
        return time.perf_counter() - began


async def _live(reached: Reach, lives: dict[UUID, list[tuple[Actor, Command]]]) -> list[float]:
    """Seconds that each command took."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(case_id: UUID, steps: Sequence[tuple[Actor, Command]]) -> list[float]:
        async with slots:
            return [await answered(reached, case_id, who, command) for who, command in steps]

    done = await asyncio.gather(*(one(case_id, steps) for case_id, steps in lives.items()))
    return [seconds for each in done for seconds in each]
