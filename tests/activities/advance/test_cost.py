"""What a turn costs the store, counted on the wire: counts, unlike seconds, are the same on every machine."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from builders import a_matter
from databases import Database
from turns import Turns

from domain.commands import Sign
from store.pool import Pool, pool

pytestmark = pytest.mark.servers
ROUND_TRIP, STATEMENT = "Sync", "Execute"
FROM_US = re.compile(r"\tF\t\d+\t(\w+)")  # libpq's trace: when, which way, how long, what
OTHER_LIFT = "/310110/kj/c07/n021/b01/u2/lift1/"


@pytest.fixture
async def turns(seeded: Database) -> AsyncIterator[Turns]:
    async with pool(seeded.app_dsn, most=2) as connections:
        yield Turns(connections)


@asynccontextmanager
async def sent_to_the_store(connections: Pool, trace: Path) -> AsyncIterator[Counter[str]]:
    """How often each message of Postgres' protocol is sent meanwhile; to be read afterwards."""
    sent: Counter[str] = Counter()
    async with connections.connection() as one, connections.connection() as other:
        both = [one.pgconn, other.pgconn]
    with trace.open("w", encoding="utf-8") as written:
        for wire in both:
            wire.trace(written.fileno())
        yield sent
        for wire in both:
            wire.untrace()
    sent.update(FROM_US.findall(trace.read_text(encoding="utf-8")))


async def test_a_case_is_filed_and_given_to_somebody_in_three_round_trips(turns: Turns, tmp_path: Path) -> None:
    await turns.begun(a_matter())
    case_id = await turns.received(a_matter(place=OTHER_LIFT, dedupe_key="other"))

    async with sent_to_the_store(turns.connections, tmp_path / "trace") as sent:
        await turns.move(case_id)

    assert (await turns.case(case_id)).unit is not None
    assert sent[ROUND_TRIP] == 3
    assert sent[STATEMENT] == 11  # with BEGIN and COMMIT


async def test_a_signature_takes_two_round_trips(turns: Turns, tmp_path: Path) -> None:
    case_id = await turns.begun(a_matter())
    command_id = await turns.kept(case_id, await turns.holder(case_id), Sign())

    async with sent_to_the_store(turns.connections, tmp_path / "trace") as sent:
        assert (await turns.carried_out(case_id, command_id)).accepted

    assert sent[ROUND_TRIP] == 2
    assert sent[STATEMENT] == 10
