"""`linli doctor --invariants`: whether the installation keeps its promises, whatever was killed."""

from typing import NoReturn

from activities.invariants import check
from cli.audit import as_problem
from cli.installation import carry_out, installation, store, temporal
from cli.output import answer, people
from store.verifying import Fault


async def _check() -> list[Fault]:
    given = installation()
    client = await temporal(given)
    async with store(given) as connections:
        return await check(connections, client)


def answer_invariants(*, as_json: bool) -> NoReturn:
    faults = carry_out(_check())
    answer(
        "doctor",
        {"items": [fault._asdict() for fault in faults], "next": None},
        as_json=as_json,
        ok=not faults,
        problems=[as_problem(fault) for fault in faults],
        show=lambda: people.print("一切相符" if not faults else f"{len(faults)} 处不符"),
    )
