"""A notifier over the demo organisation and the stand-in's phones; its clock is moved by hand."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from builders import Story, store_case
from databases import Database
from phones import Phones, phones_of
from road import KEY

from activities.tell.notifier import Notifier
from domain.cases import Case
from settings import Settings
from store.pool import Pool, pool


def after_lunch() -> datetime:
    """13:00 in Shanghai, tomorrow: within everybody's roster, and no list is due."""
    return (datetime.now(UTC) + timedelta(days=1)).replace(hour=5, minute=0, second=0, microsecond=0)


@dataclass
class Desk:
    """What a test of messages holds."""

    pool: Pool
    settings: Settings
    phones: Phones
    now: datetime = field(default_factory=after_lunch)

    def __post_init__(self) -> None:
        self.notifier = Notifier(self.settings, self.pool, lambda: self.now)

    async def rounds(self, most: int = 20, **passed: float) -> None:
        """Let time pass, then everything happen that is due."""
        self.now += timedelta(**passed)
        for _ in range(most):
            if not await self.notifier.round():
                return
        pytest.fail("it never comes to rest")

    async def case(self, story: Story) -> Case:
        async with self.pool.connection() as connection:
            return await store_case(connection, story)

    async def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.pool.connection() as connection:
            found = await connection.execute(statement, values)
            return await found.fetchall() if found.description else []

    async def outbox(self, case: Case, key: str, *, reason: str, urgency: int = 0, to: UUID | str = "") -> None:
        """A row as `advance` writes it; `to` is a person or an audience."""
        person, audience = (to, None) if isinstance(to, UUID) else (None, to)
        await self.ask(
            "INSERT INTO outbox (key, case_id, person, audience, reason, urgency) VALUES (%s, %s, %s, %s, %s, %s)",
            *(key, case.id, person, audience, reason, urgency),
        )

    async def states(self) -> list[tuple[str, str, str | None]]:
        return [
            (channel, state, code)
            for channel, state, code in await self.ask(
                "SELECT channel, state, error_code FROM messages ORDER BY created_at, id"
            )
        ]


@pytest.fixture(scope="session")
def members(demo_template: Any, postgres: Any) -> dict[str, str]:
    name, _ = demo_template
    with psycopg.connect(postgres.database(name).owner_dsn) as connection:
        return dict(connection.execute("SELECT wecom_id, display_name FROM people").fetchall())


@pytest.fixture
def phones(members: dict[str, str]) -> Iterator[Phones]:
    with phones_of(members) as running:
        yield running


@pytest.fixture
async def desk(seeded: Database, phones: Phones, tmp_path: Path) -> AsyncIterator[Desk]:
    given = Settings(
        home=tmp_path,
        database_url=seeded.app_dsn,
        contact_key=KEY,
        public_url="http://linli.test",
        **phones.settings,
    )
    async with pool(seeded.app_dsn, most=4) as connections:
        yield Desk(connections, given, phones)
