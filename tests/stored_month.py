"""A month of a smoke sensor, stored, with the cases that came of it; and rule authors who ask about it."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from databases import Database
from road import KEY

from activities.backtest.job import carry_out
from domain.people import Actor, Role
from domain.signals import Kind, Location, Signal, Source, TimeOrigin
from rules.load import load_folder
from settings import Settings
from settings.model import RULESETS
from store import backtests
from store.backtests import Backtest, NewBacktest
from store.ids import new_id
from store.pool import Pool, pool
from store.seed.history import keep_signals

SMOKE = load_folder(RULESETS / "corridor-smoke")
BEGAN = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
UNIT = "/310110/kj/c07/n021/b01/u1/"
AREA = "/310110/kj/"
HELD = ("    exit: {smoke.alarm: {eq: false}}", "    exit: {smoke.alarm: {eq: false}}\n    for: 60s")
PLAYED = """
    INSERT INTO backtests (id, ruleset, hash, against, since, until, area, asked_by, state, done, total, result)
    SELECT %s, 'corridor-smoke', %s, %s, %s, %s, %s, id, 'done', 56, 56, %s FROM people
    WHERE 'rule_author' = ANY (roles) LIMIT 1"""
ITEM = "INSERT INTO backtest_items (backtest, change, n, body) VALUES (%s, 'gone', 1, %s)"
REAL = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, version, state, stage, ending, number,
                       closed_at)
    VALUES (%s, %s, 'corridor-smoke', %s, %s, %s, 3, %s, 'closed', %s, %s, %s)"""


def said(at: timedelta, *, alarm: bool, place: str = UNIT, device: str = "smoke-1") -> Signal:
    when = BEGAN + at
    return Signal(
        id=uuid4(),
        source=Source(adapter="chirpstack", instance="main", device_id=device),
        kind=Kind.STATE,
        type="smoke.alarm",
        fields={"alarm": alarm, "battery": 3.6, "note": "back\\slash\tand 中文"},
        confidence=0.9,
        event_time=when,
        event_time_origin=TimeOrigin.DEVICE,
        received_at=when,
        location=Location(place_code=place),
        raw_ref="mqtt:application/1/device/smoke-1/event/up",
    )


def alarms() -> Iterator[Signal]:
    """Each fourth lasts two minutes, the others twenty seconds: one a day for four weeks."""
    for day in range(28):
        begins = timedelta(days=day)
        yield said(begins, alarm=True)
        yield said(begins + timedelta(seconds=120 if day % 4 == 0 else 20), alarm=False)


def keep_real_case(owner: psycopg.Connection[Any], day: int, outcome: str, ending: str) -> UUID:
    case, opened = uuid4(), BEGAN + timedelta(days=day)
    key = f"corridor-smoke/main/{UNIT.removeprefix('/')}"
    state = f'{{"outcome": "{outcome}"}}'
    closed = opened + timedelta(minutes=30)
    owner.execute(REAL, (case, key, UNIT, opened, opened, state, ending, f"KJ-{day}", closed))
    return case


@dataclass
class Month:
    """What a test of backtests holds: `true` and `false` are the real cases of day 1 and of day 2."""

    pool: Pool
    settings: Settings
    author: Actor
    true: UUID
    false: UUID

    def wanted(self, **other: Any) -> NewBacktest:
        """The shipped version against itself, over all of it."""
        given: dict[str, Any] = {"hash": SMOKE.hash, "against": SMOKE.hash, "area": AREA}
        period = {"since": BEGAN - timedelta(hours=1), "until": BEGAN + timedelta(days=30)}
        return NewBacktest(**{"id": new_id(), "ruleset": "corridor-smoke", **given, **period, **other})

    def held(self, **other: Any) -> NewBacktest:
        """A working copy in which an alarm must hold for a minute."""
        folder = RULESETS / "corridor-smoke"
        text = (folder / "ruleset.yaml").read_text(encoding="utf-8").replace(*HELD)
        template = (folder / "template.zh.j2").read_text(encoding="utf-8")
        return self.wanted(hash=None, definition=text, template=template, **other)

    async def ask(self, new: NewBacktest) -> UUID:
        async with self.pool.connection() as connection:
            await backtests.ask(connection, new, self.author)
        return new.id

    async def one(self, backtest: UUID) -> Backtest:
        async with self.pool.connection() as connection:
            found = await backtests.one(connection, backtest, [AREA])
        assert found is not None
        return found

    async def played(self, new: NewBacktest) -> Backtest:
        await self.ask(new)
        await carry_out(self.pool, self.settings, new.id)
        return await self.one(new.id)


@asynccontextmanager
async def a_month(seeded: Database, home: Path) -> AsyncIterator[Month]:
    """Stored in a database of the demo organisation."""
    with psycopg.connect(seeded.owner_dsn, autocommit=True, options="-c linli.scope=*") as owner:
        keep_signals(owner, alarms())
        true, false = keep_real_case(owner, 1, "true", "solved"), keep_real_case(owner, 2, "false", "untrue")
        person = owner.execute("SELECT id::text FROM people WHERE 'rule_author' = ANY (roles) LIMIT 1").fetchone()
    assert person is not None
    author = Actor(id=person[0], name="徐文博", roles=frozenset({Role.RULE_AUTHOR}), areas=(AREA,))
    given = Settings(home=home, database_url=seeded.app_dsn, payload_key=KEY)
    async with pool(seeded.app_dsn) as connections:
        yield Month(connections, given, author, true, false)


async def keep_played(connection: psycopg.AsyncConnection[Any], area: str, number: str = "KJ-1") -> UUID:
    """A backtest that was played over `area`: one case is gone, a true alarm that had this number."""
    backtest = new_id()
    counts = {"new": 0, "gone": 1, "moved": 0, "same": 3}
    result = {
        "signals": 56,
        "seconds": 1.5,
        **counts,
        "true_lost": 1,
        "false_saved": 0,
        "by_area": [{"area": f"{area}c07/n021/", "level": "community", **counts}],
        "by_hour": [{"hour": hour, **(counts if hour == 10 else dict.fromkeys(counts, 0))} for hour in range(24)],
    }
    before = {"rule": "single", "handler": "property", "priority": "high", "tier": "grid", "category": "smoke-alarm"}
    item = {
        "change": "gone",
        "key": f"corridor-smoke/main/{UNIT[1:]}",
        "place": UNIT,
        "opened_at": BEGAN.isoformat(),
        "signal": str(uuid4()),
        "now": None,
        "before": before,
        "moved": [],
        "case": {"id": str(uuid4()), "number": number, "alarm": True, "lost": True},
    }
    period = (BEGAN, BEGAN + timedelta(days=30))
    await connection.execute(PLAYED, (backtest, SMOKE.hash, SMOKE.hash, *period, area, json.dumps(result)))
    await connection.execute(ITEM, (backtest, json.dumps(item)))
    return backtest
