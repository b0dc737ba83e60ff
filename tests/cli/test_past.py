"""The month that the demonstration looks back on: what smoke sensors said, and what became of it."""

import base64
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from databases import Database

from activities.backtest.asked import beside, real_cases, texts_of
from activities.backtest.playing import Ask, Played, Texts, play
from cli.stories.past import RULESET, Past, remember_a_month
from settings import Settings
from store.pool import Connection, pool
from store.verifying import verify

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 9, 1)
BEGINS = datetime(2026, 9, 1, tzinfo=SHANGHAI)
ENDS = datetime(2026, 10, 1, tzinfo=SHANGHAI)
HELD = ("    exit: {smoke.alarm: {eq: false}}", "    exit: {smoke.alarm: {eq: false}}\n    for: 30s")


@pytest.fixture
def given(seeded: Database, tmp_path: Path) -> Settings:
    key = base64.b64encode(bytes(32)).decode()
    return Settings(home=tmp_path, database_url=seeded.app_dsn, payload_key=key, contact_key=key)


async def played(connection: Connection, given: Settings, *, held: bool) -> Played:
    found = await connection.execute("SELECT hash FROM rulesets WHERE id = %s AND stage = 'active'", (RULESET,))
    (active,) = await found.fetchone() or ("",)
    against = await texts_of(connection, active)
    tried = Texts(RULESET, against.definition.replace(*HELD), against.template) if held else against
    ask = Ask(given.database_url, tried, against, await beside(connection, given.zone_name), BEGINS, ENDS)
    real = await real_cases(connection, [RULESET], BEGINS, ENDS)
    return play(ask, real, lambda *_: None)


async def test_a_month_of_alarms_is_over_and_half_the_false_ones_were_short(given: Settings) -> None:
    past = await remember_a_month(given, FIRST)

    assert past.signals > 20_000
    assert past.cases > 150
    async with pool(given.database_url) as connections, connections.connection() as connection:
        there = await connection.execute(
            "SELECT count(*), count(closed_at), min(received_at), max(closed_at) FROM cases WHERE number IS NOT NULL"
        )
        count, closed, first, last = await there.fetchone() or (0, 0, ENDS, BEGINS)
        assert (count, closed) == (past.cases, past.cases)
        assert BEGINS <= first <= last <= ENDS + timedelta(days=1)
        told = await connection.execute("SELECT count(*) FROM outbox WHERE addressed_at IS NULL")
        assert await told.fetchone() == (0,)  # nobody hears today of what was last month
        same = await played(connection, given, held=False)
        assert all(item.real is not None for item in same.difference.items)
        assert len(same.difference.items) == past.cases
        held = await played(connection, given, held=True)
    saved = len(held.difference.false_saved)
    assert 0.4 < saved / past.false_alarms < 0.65
    assert 0 < len(held.difference.true_lost) < past.true_alarms / 5


async def test_a_month_is_remembered_once(given: Settings) -> None:
    await remember_a_month(given, FIRST)

    assert await remember_a_month(given, FIRST) == Past()
    async with (
        pool(given.database_url) as connections,
        connections.connection() as connection,
        connection.transaction(),
    ):
        checked = await verify(connection)
    assert not checked.faults
