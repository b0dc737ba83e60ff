"""What waits to be sent is found among all that was ever sent, by its index."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from builders import WANG, a_case, store_case
from databases import Database

from activities.tell import sending
from store import messages
from store.pool import Connection

pytestmark = pytest.mark.servers
LONG = 20_000
FILL = """
    INSERT INTO messages (id, key, case_id, person, to_label, channel, reason, urgency, title, text, state, next_at,
                          created_at, sent_at)
    SELECT gen_random_uuid(), 'long-' || n, CASE WHEN n %% 500 = 0 THEN %(case)s::uuid END, p.id, '', 'wecom',
           'assigned', (n %% 50 = 0)::int, '', '', CASE WHEN n %% 1000 = 0 THEN 'waiting' ELSE 'read' END,
           now(), now(), now() - n * interval '1 minute'
    FROM generate_series(1, %(long)s) n
    JOIN (SELECT id, row_number() OVER (ORDER BY name) AS place, count(*) OVER () AS every FROM people) p
      ON p.place = 1 + n %% p.every"""


@pytest.fixture
async def full(seeded: Database) -> AsyncIterator[Connection]:
    async with await psycopg.AsyncConnection.connect(seeded.owner_dsn, autocommit=True) as owner:
        case = await store_case(owner, a_case().filed())
        await owner.execute(FILL, {"case": case.id, "long": LONG})
        await owner.execute("ANALYZE messages")
        yield owner


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        (sending.TAKE, {"now": datetime.now(UTC), "lease": sending.LEASE}, "messages_waiting"),
        (sending.PUSHED, (UUID(WANG.id), datetime.now(UTC) - timedelta(hours=1)), "messages_pushed"),
        (sending.UNREAD, {"before": datetime.now(UTC)}, "messages_unread"),
        (messages.OF_CASE, (UUID(WANG.id),), "messages_by_case"),
    ],
)
async def test_messages_are_read_from_their_index(full: Connection, statement: str, values: Any, index: str) -> None:
    found = await full.execute(f"EXPLAIN {statement}", values)
    plan = "\n".join(line for (line,) in await found.fetchall())
    assert index in plan, plan
    assert "Seq Scan on messages" not in plan
