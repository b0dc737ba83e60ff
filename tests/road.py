"""Driving cases through a real workflow: what the tests of workflows and of perception share."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.ensure import ensure
from activities.giving import Given, Reach, give
from domain.commands import Command
from domain.matters import Closing, Evidence, Limits, Matter, News, Policy, Priority, Tier, Why
from domain.people import Actor
from settings import Settings
from workflows.ports import Outcome

KEY = "bGlubGktdGVzdC1rZXktb2YtMzItYnl0ZXMtbG9uZyE="  # for tests only
PLACE = "/310110/kj/c07/n021/b01/u1/lift1/"


def sandboxed() -> SandboxedWorkflowRunner:
    restrictions = SandboxRestrictions.default.with_passthrough_modules("domain", "pydantic")
    return SandboxedWorkflowRunner(restrictions=restrictions)


def a_matter(place: str = PLACE) -> Matter:
    policy = Policy(
        limits=Limits(overall=timedelta(hours=4), handle=timedelta(hours=2)),
        evidence=(Evidence.PHOTO_AFTER,),
        closing=Closing.WHEN_INSPECTED,
    )
    why = Why(ruleset="ebike-in-elevator", hash="0" * 64, rule="blocked", facts={})
    return Matter(
        ruleset="ebike-in-elevator",
        dedupe_key=f"ebike-in-elevator/main{place}",
        title="电瓶车堵门",
        category="lift-ebike",
        priority=Priority.NORMAL,
        tier=Tier.COMMITTEE,
        place=place,
        lead="urban-operations",
        handler="property",
        skills=("lift",),
        policy=policy,
        why=why,
    )


@dataclass(frozen=True)
class Road:
    """What the tests of this folder drive."""

    reach: Reach
    settings: Settings

    async def open_case(self, place: str = PLACE) -> UUID:
        """What perception writes when a matter begins."""
        case_id, now = uuid4(), datetime.now(UTC)
        news = News(kind="began", detection="blocking", ruleset="x", at=now, received_at=now, matter=a_matter(place))
        async with self.reach.pool.connection() as connection:
            await connection.execute(
                "INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen) VALUES (%s,%s,%s,%s,%s,%s)",
                (case_id, a_matter(place).dedupe_key, "ebike-in-elevator", place, now, now),
            )
            body = news.model_dump_json()
            await connection.execute("INSERT INTO case_inbox (case_id, body) VALUES (%s, %s)", (case_id, body))
        return case_id

    async def actor(self, person: str) -> Actor:
        async with self.reach.pool.connection() as connection:
            found = await connection.execute(
                "SELECT id::text, display_name, roles, areas, unit FROM people WHERE id::text = %s OR name = %s",
                (person, person),
            )
            row = await found.fetchone()
        assert row is not None, f"nobody is called {person}"
        return Actor(id=row[0], name=row[1], roles=frozenset(row[2]), areas=tuple(row[3]), unit=row[4])

    async def give(self, case_id: UUID, command: Command, actor: Actor, key: UUID | None = None) -> Outcome:
        given = Given(command_id=key or uuid4(), case_id=case_id, actor=actor, command=command, transport="api")
        return await give(self.reach, given)

    async def moved_to(self, case_id: UUID, last: str) -> None:
        """Wait until `last` is the newest event of the case."""
        async with asyncio.timeout(60), self.reach.pool.connection() as listener:
            await listener.execute("LISTEN linli_cases")
            while (await self.events(case_id))[-1:] != [last]:
                async for _ in listener.notifies(timeout=1, stop_after=1):
                    pass

    async def events(self, case_id: UUID) -> list[str]:
        async with self.reach.pool.connection() as connection:
            found = await connection.execute(
                "SELECT type FROM case_events WHERE case_id = %s ORDER BY version", (case_id,)
            )
            return [kind for (kind,) in await found.fetchall()]

    async def assigned(self) -> tuple[UUID, Actor]:
        """A case with the handler that dispatch chose, driven by its workflow."""
        case_id = await self.open_case()
        await ensure(self.reach.client, case_id)
        await self.moved_to(case_id, "dispatched")
        return case_id, await self.one("SELECT person::text FROM cases WHERE id = %s", case_id)

    async def one(self, statement: str, *given: object) -> Actor:
        """The person whom a query names."""
        async with self.reach.pool.connection() as connection:
            row = await (await connection.execute(statement.encode(), given)).fetchone()
        assert row is not None
        return await self.actor(row[0])
